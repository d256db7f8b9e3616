"""What a connection costs: one with a child of its own, and one that is
parked; and whether very many parked ones can be had."""
import contextlib
import os
import pathlib
import statistics
import subprocess
import time

import gauges
import servers

ATTACKER = servers.BUILD / "lab/attack/attacker"
PROBE = servers.BUILD / "lab/attack/probe"
LOADGEN = servers.BUILD / "lab/bench/loadgen"
SERVED = 200
PARKED = 16000
# Client processes, each with as many addresses, of as many /24.
PARKERS = 4
SOURCES = 250
ACCEPTS = 3000
# When all have been opened and set aside, and how long they stay: less than
# the server's patience with the first of them.
SETTLED_S = 6
STAY_S = 10
# What the kernel makes for a connection, the same at both of its ends.
SLABS = ("TCP", "sock_inode_cache", "dentry", "filp", "eventpoll_epi", "eventpoll_pwq", "tcp_bind_bucket",
         "tcp_bind2_bucket")
MEMORY_GROUPS = pathlib.Path("/sys/fs/cgroup/memory"), pathlib.Path("/sys/fs/cgroup")


def slab_bytes():
    """Of all connections on this machine; None where that is not told."""
    try:
        lines = pathlib.Path("/proc/slabinfo").read_text().splitlines()
    except PermissionError:
        return None
    fields = (line.split() for line in lines[2:])
    return sum(int(words[1]) * int(words[3]) for words in fields if words[0] in SLABS)


def parent_cpu_s(pid):
    return int(gauges.read(f"/proc/{pid}/schedstat").split()[0]) / 1e9


class Group:
    """A control group of this run's own, where one can be made."""

    def __init__(self):
        self.path = None
        for parent in MEMORY_GROUPS:
            path = parent / f"tcpserver-attack-{os.getpid()}"
            with contextlib.suppress(OSError):
                path.mkdir()
                self.path = path
                break

    def add(self, pid):
        if self.path:
            (self.path / "cgroup.procs").write_text(str(pid))

    def kib(self):
        for name in ("memory.usage_in_bytes", "memory.current"):
            if self.path and (self.path / name).exists():
                return int((self.path / name).read_text()) / 1024
        return None

    def close(self):
        if self.path:
            self.path.rmdir()


def attackers(kind, port, count, sources, per_second, seconds):
    return [subprocess.Popen(
        [ATTACKER, "-n", str(count), "-r", str(per_second), "-t", str(int(seconds * 1000)), "-s", words, kind,
         str(port)], stdout=subprocess.PIPE, text=True) for words in sources]


def shown(number):
    return "(one was not served)" if number is None else f"{number:.1f}"


def each(before, after, count):
    return "-" if before is None or after is None else f"{(after - before) / count:.1f} KiB"


def measure_served(folder):
    def argv(folder, port):
        return [*servers.ezhttpd(folder, port), "--max-connections", "1024", "--max-per-source", "none"]

    group = Group()
    try:
        with servers.Server(argv, folder) as server:
            group.add(server.pid)
            helpers = len(gauges.tree(server.pid))
            before = gauges.pss_kib(gauges.tree(server.pid)), group.kib()
            holder, = attackers("half-head", server.port, SERVED, ["127.0.8.1,20,1"], 1000, 4)
            servers.wait_until(lambda: len(gauges.tree(server.pid)) == helpers + SERVED, "the children", 4)
            after = gauges.pss_kib(gauges.tree(server.pid)), group.kib()
            holder.communicate()
        print(f"for one of {SERVED} connections with a child: PSS {each(before[0], after[0], SERVED)},"
              f" with the kernel's share (control group) {each(before[1], after[1], SERVED)}")
    finally:
        group.close()


def accept_cost_us(server):
    """The parent's own CPU for one connection."""
    before = parent_cpu_s(server.pid)
    subprocess.run([LOADGEN, "-n", str(ACCEPTS), "-s", "200", str(server.port)], check=True,
                   stdout=subprocess.DEVNULL)
    return (parent_cpu_s(server.pid) - before) / ACCEPTS * 1e6


def honest_p99_ms(server):
    """Of requests from an address of their own; None if one failed."""
    said = subprocess.run([PROBE, "-r", "50", "-t", "2000", str(server.port)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, check=True).stdout
    answers = [line.split(None, 2)[1:] for line in said.splitlines()]
    if any(how != "ok" for _, how in answers):
        return None
    return statistics.quantiles((float(took) for took, _ in answers), n=100, method="inclusive")[98]


def measure(server):
    """(PSS, kernel objects of one end, descriptors) of a server."""
    pids = gauges.tree(server.pid)
    slab = slab_bytes()
    return gauges.pss_kib(pids), slab and slab / 1024 / 2, sum(gauges.descriptors(pid) for pid in pids)


def measure_parked(folder):
    with servers.Server(servers.ezhttpd, folder) as server:
        empty = accept_cost_us(server), honest_p99_ms(server)
        before = measure(server)
        begin = time.monotonic()
        parkers = attackers("idle", server.port, PARKED // PARKERS,
                            [f"127.{16 + number}.0.1,{SOURCES},256" for number in range(PARKERS)], 1000, STAY_S)
        time.sleep(begin + SETTLED_S - time.monotonic())
        after = measure(server)
        full = accept_cost_us(server), honest_p99_ms(server)
        still = measure(server)[2]
        for parker in parkers:
            parker.communicate()
    held = min(after[2], still) - before[2]
    print(f"parked: {held} of {PARKED} held; for one of them: PSS {each(before[0], after[0], PARKED)},"
          f" kernel objects {each(before[1], after[1], PARKED)}")
    print(f"empty: honest p99 {shown(empty[1])} ms, the parent's CPU for one connection {empty[0]:.1f} us;"
          f" with the parked: {shown(full[1])} ms, {full[0]:.1f} us")


def run(folder):
    measure_served(folder)
    measure_parked(folder)
    return 0

"""What a connection costs: one with a child of its own, and one that is
parked; and whether very many parked ones can be had."""
import contextlib
import os
import pathlib
import subprocess
import time

import gauges
import servers

ATTACKER = servers.BUILD / "lab/attack/attacker"
LOADGEN = servers.BUILD / "lab/bench/loadgen"
SERVED = 200
PARKED = 16000
# Client processes, each with as many addresses, of as many /24.
PARKERS = 4
SOURCES = 250
ACCEPTS = 5000
# How long the attackers stay: less than the server's patience with them.
STAY_S = 9
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


def held_by(parkers):
    return sum(int(parker.communicate()[0].splitlines()[-1].split()[3]) for parker in parkers)


def measure_parked(folder):
    with servers.Server(servers.ezhttpd, folder) as server:
        empty_us = accept_cost_us(server)
        before = gauges.pss_kib(gauges.tree(server.pid)), slab_bytes()
        begin = time.monotonic()
        sources = [f"127.{16 + number}.0.1,{SOURCES},256" for number in range(PARKERS)]
        parkers = attackers("idle", server.port, PARKED // PARKERS, sources, 1000, STAY_S)
        time.sleep(max(0, begin + STAY_S - 4 - time.monotonic()))
        after = gauges.pss_kib(gauges.tree(server.pid)), slab_bytes()
        full_us = accept_cost_us(server)
        held = held_by(parkers)
    slab = [number and number / 1024 / 2 for number in (before[1], after[1])]
    print(f"parked: {held} of {PARKED} held; for one of them: PSS {each(before[0], after[0], PARKED)},"
          f" kernel objects {each(slab[0], slab[1], PARKED)}")
    print(f"CPU of the parent for one connection: {empty_us:.1f} us, with the parked {full_us:.1f} us")


def run(folder):
    measure_served(folder)
    measure_parked(folder)
    return 0

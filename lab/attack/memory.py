"""What a connection costs: one with a child of its own, and one that is
parked; and whether very many parked ones can be had."""
import pathlib
import statistics
import subprocess
import time

import gauges
import servers
from groups import Group
from strike import ATTACKER, PROBE, Tally, take_answers
from verdicts import Verdict, is_most, shown

LOADGEN = servers.BUILD / "lab/bench/loadgen"
SERVED, SERVED_QUICK = 200, 50
PARKED, PARKED_QUICK = 16000, 2000
FEW_SLOTS = 256
# Client processes, each with as many addresses, of as many /24.
PARKERS = 4
SOURCES = 250
# The cost of an accept is the median of so many rounds.
ROUNDS = 3
ACCEPTS = 1000
# When all have been opened and set aside, and how long they stay: less than
# the server's patience with the first of them.
SETTLED_S = 5.5
STAY_S = 14
# What the kernel makes for a connection, the same at both of its ends.  The
# places of its port (tcp_bind_bucket) are the client's alone.
SLABS = ("TCP", "sock_inode_cache", "dentry", "filp", "eventpoll_epi", "eventpoll_pwq")
CHILD_KIB, PARKED_KIB = 110, 4.5
P99_FACTOR, ACCEPT_FACTOR = 2, 1.2


def slab_kib():
    """Of all connections on this machine; None where that is not told."""
    try:
        lines = pathlib.Path("/proc/slabinfo").read_text().splitlines()
    except (PermissionError, FileNotFoundError):
        return None
    fields = (line.split() for line in lines[2:])
    return sum(int(words[1]) * int(words[3]) for words in fields if words[0] in SLABS) / 1024


def attackers(kind, port, count, sources, per_second, seconds):
    return [subprocess.Popen(
        [ATTACKER, "-n", str(count), "-r", str(per_second), "-t", str(int(seconds * 1000)), "-s", words, kind,
         str(port)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) for words in sources]


def wait_for(processes):
    """Their last words; none of them outlives this."""
    try:
        return [process.communicate(timeout=60)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()


def each(before, after, count):
    """None where it is not told."""
    return None if before is None or after is None else (after - before) / count


def kib(number):
    return "not told" if number is None else f"{number:.1f} KiB"


def measure_served(folder, is_quick):
    """Memory of a connection with a child that has read half a head."""
    count = SERVED_QUICK if is_quick else SERVED
    with Group() as group, servers.Server(servers.roomy_ezhttpd, folder) as server:
        helpers = gauges.tree(server.pid)
        group.add(helpers)
        before = gauges.pss_kib(helpers), group.kib()
        holders = attackers("half-head", server.port, count, ["127.0.8.1,20,1"], 1000, 4)
        servers.wait_until(lambda: len(gauges.tree(server.pid)) == len(helpers) + count, "the children", 4)
        after = gauges.pss_kib(gauges.tree(server.pid)), group.kib()
        wait_for(holders)
    pss, charged = (each(one, other, count) for one, other in zip(before, after))
    figure = pss if charged is None else charged
    return [Verdict("memory per child",
                    f"{kib(charged)} with the kernel's share (control group), PSS {kib(pss)}; {count} of them",
                    f"<= {CHILD_KIB} KiB", is_most(figure, CHILD_KIB))]


def accept_cost_us(server):
    """The parent's own CPU for one connection."""
    costs = []
    for _ in range(ROUNDS):
        before = gauges.cpu_s(server.pid)
        subprocess.run([LOADGEN, "-n", str(ACCEPTS), "-s", "200", str(server.port)], check=True,
                       stdout=subprocess.DEVNULL, timeout=60)
        costs.append((gauges.cpu_s(server.pid) - before) / ACCEPTS * 1e6)
    return statistics.median(costs)


def honest_tally(server):
    """Of requests from an address of their own."""
    said = subprocess.run([PROBE, "-r", "100", "-t", "1500", str(server.port)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout
    return Tally(list(take_answers(said)))


def look(server):
    """(PSS, kernel objects of one end, parked connections) of a server."""
    slab = slab_kib()
    return gauges.pss_kib(gauges.tree(server.pid)), slab and slab / 2, server.status()["parked"]


def judge_parked(count, held, sizes, honest, costs):
    """Rows from (own, the kernel's) KiB of a parked connection, and (empty,
    full) tallies and costs of an accept.  Own is all that the server has of
    its own, tables that were made at start included."""
    own, objects = sizes
    whole = None if objects is None else own + objects
    p99_ms = [tally.percentile(99) for tally in honest]
    is_served = all(tally.share == 1 for tally in honest)
    return [
        Verdict("memory per parked connection",
                f"{kib(whole)}: the kernel's {kib(objects)}, the server's own {kib(own)}",
                f"<= {PARKED_KIB} KiB", is_most(whole, PARKED_KIB)),
        Verdict(f"{count} parked: held", f"{held}", "all", held >= count),
        Verdict(f"{count} parked: honest p99",
                f"{shown(p99_ms[1], '.2f')} ms, empty {shown(p99_ms[0], '.2f')} ms"
                f"{'' if is_served else '; not all were served'}",
                f"<= {P99_FACTOR}x", is_served and is_most(p99_ms[1], P99_FACTOR * p99_ms[0])),
        Verdict(f"{count} parked: cost per accept", f"{costs[1]:.1f} us, empty {costs[0]:.1f} us:"
                f" {costs[1] / costs[0]:.2f}x", f"<= {ACCEPT_FACTOR}x", costs[1] <= ACCEPT_FACTOR * costs[0]),
    ]


def measure_parked(folder, is_quick):
    """Very many parked connections: held, at what price, in whose way."""
    count = PARKED_QUICK if is_quick else PARKED
    # Descriptors that are not kept for slots can be used for parked ones.
    with servers.Server(servers.with_slots(FEW_SLOTS), folder) as server:
        costs, honest = [accept_cost_us(server)], [honest_tally(server)]
        before = look(server)
        begin = time.monotonic()
        parkers = attackers("idle", server.port, count // PARKERS,
                            [f"127.{16 + number}.0.1,{SOURCES},256" for number in range(PARKERS)], 1000, STAY_S)
        time.sleep(max(0, begin + SETTLED_S - time.monotonic()))
        after = look(server)
        honest.append(honest_tally(server))
        costs.append(accept_cost_us(server))
        still = look(server)[2]
        wait_for(parkers)
    held = min(after[2], still) - before[2]
    sizes = after[0] / count, each(before[1], after[1], count)
    return judge_parked(count, held, sizes, honest, costs)

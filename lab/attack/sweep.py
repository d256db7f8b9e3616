"""What it costs the parent to look at 10,000 connections from outside, again
and again, as their deadlines ask for."""
import socket
import statistics
import time

import gauges
import servers
from memory import attackers, wait_for
from stubborn import HELPERS, stubborn
from verdicts import Verdict, shown

CONNECTIONS, QUICK_CONNECTIONS = 10_000, 1500
PER_SECOND = 1500
# No connection is left alone for longer than this.
SWEEP_S = 5
# A while of several sweeps, and greetings timed in the midst of them.
WATCHED_S, QUICK_WATCHED_S = 15, 5
GREETINGS = 100
GREETING_PAUSE_S = 0.02


def greeting_ms(port):
    """How long until a newcomer is greeted, by a child of its own."""
    begin = time.monotonic()
    with socket.socket() as client:
        client.settimeout(servers.LIMIT_S)
        client.bind(("127.0.9.1", 0))
        client.connect(("127.0.0.1", port))
        client.recv(16)
    return (time.monotonic() - begin) * 1000


def greetings_p99_ms(port):
    took = []
    for _ in range(GREETINGS):
        took.append(greeting_ms(port))
        time.sleep(GREETING_PAUSE_S)
    return statistics.quantiles(took, n=100, method="inclusive")[98]


def measure(folder, is_quick):
    """CPU of the parent, beside which nothing else happens."""
    count = QUICK_CONNECTIONS if is_quick else CONNECTIONS
    watched_s = QUICK_WATCHED_S if is_quick else WATCHED_S
    roomy = stubborn("listening", "idle_ms=300000", "max_children=16000", "max_children_per_source=16000")
    with servers.Server(roomy, folder) as server:
        empty_ms = greetings_p99_ms(server.port)
        opened_s = count / PER_SECOND
        holders = attackers("idle", server.port, count, ["127.16.0.1,250,256"], PER_SECOND,
                            opened_s + watched_s + 25)
        servers.wait_until(lambda: len(gauges.children(server.pid)) >= count, "the children", opened_s + 15)
        before = gauges.cpu_s(server.pid)
        time.sleep(watched_s)
        share = (gauges.cpu_s(server.pid) - before) / watched_s
        held = len(gauges.children(server.pid)) - HELPERS
        full_ms = greetings_p99_ms(server.port)
        for holder in holders:
            holder.terminate()
        wait_for(holders)
    return [Verdict(f"cost of a deadline sweep at {count} connections",
                    f"{share * SWEEP_S * 1000:.1f} ms in each {SWEEP_S} s, {share:.2%} of a CPU; {held} held;"
                    f" a newcomer greeted, p99: {shown(full_ms, '.2f')} ms, empty {shown(empty_ms, '.2f')} ms",
                    "shown", None)]

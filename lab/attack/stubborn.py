"""Children that listen to nobody: stopped, deaf to signals, or turning in
circles.  Each is killed when its connection's deadline has come, or the
server's own end, and collected."""
import contextlib
import os
import select
import signal
import socket
import time

import gauges
import servers
from verdicts import Verdict, is_most, shown

STUBBORN = servers.BUILD / "lab/attack/stubborn"
MANNERS = ("stopped", "deaf", "looping")
# What ends them, and by which bound; with the last the server is told to end.
BOUNDS = ("idle_ms", "lifetime_ms", "drain_ms")
DEADLINE_MS = 2000
LATE_MS = 500
CLIENTS = 20
# The children that serve no client: the logger.
HELPERS = 1
LIMIT_S = 10


def stubborn(manner, *bounds):
    """The argv of a server, as servers.Server asks for it."""
    return lambda folder, port: [STUBBORN, manner, port, *bounds]


def serving(server, helpers):
    return set(gauges.children(server.pid)) - helpers


def hold(stack, port):
    for number in range(CLIENTS):
        client = stack.enter_context(socket.socket())
        client.bind((f"127.0.11.{1 + number}", 0))
        client.connect(("127.0.0.1", port))


def is_over(server, helpers):
    return server.process.poll() is not None or not serving(server, helpers)


def collected_s(server, helpers, begin):
    """When the last child was collected; None: not within the limit."""
    while time.monotonic() - begin < LIMIT_S:
        if is_over(server, helpers):
            return time.monotonic() - begin
        select.select([], [], [], 0.005)
    return None


def try_out(manner, bound, folder):
    """How late the last of the children was collected, in ms."""
    with servers.Server(stubborn(manner, f"{bound}={DEADLINE_MS}"), folder) as server, \
            contextlib.ExitStack() as stack:
        servers.wait_until(lambda: len(gauges.children(server.pid)) == HELPERS, "the logger", LIMIT_S)
        helpers = set(gauges.children(server.pid))
        begin = time.monotonic()
        hold(stack, server.port)
        servers.wait_until(lambda: len(serving(server, helpers)) == CLIENTS, "the children", DEADLINE_MS / 1000)
        if bound == "drain_ms":
            begin = time.monotonic()
            os.kill(server.pid, signal.SIGTERM)
        took_s = collected_s(server, helpers, begin)
    return None if took_s is None else took_s * 1000 - DEADLINE_MS


def measure(folder, is_quick):
    """Every manner, by every bound: a row for each manner."""
    rows = []
    for manner in MANNERS:
        late_ms = {bound: try_out(manner, bound, folder) for bound in BOUNDS}
        figures = ", ".join(f"{bound.removesuffix('_ms')} {shown(late, '+.0f')} ms" for bound, late in late_ms.items())
        rows.append(Verdict(f"{CLIENTS} children, {manner}: all collected", f"after the deadline: {figures}",
                            f"<= {LATE_MS} ms", all(is_most(late, LATE_MS) for late in late_ms.values())))
    return rows

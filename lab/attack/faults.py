"""A system call that fails for a minute, while clients go on asking: what the
server uses meanwhile, and how soon it serves again.

The calls fail by themselves: the running server is left no process, or no
descriptor, and then given them back.
"""
import contextlib
import os
import resource
import select
import shutil
import socket
import time

import gauges
import servers
from verdicts import Verdict, is_most, shown

WINDOW_S, QUICK_WINDOW_S = 60, 5
# So many ask, and ask again when they are turned away.
ASKING = 8
CPU_SHARE, RECOVERY_MS = 0.05, 100
LIMIT_S = 5
# Lets a moment pass between two questions of who asks again at once.
PAUSE_S = 0.002
REQUEST = b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"
# row, which limit, what is left of it
FAULTS = {
    "fork": ("fork fails", resource.RLIMIT_NPROC, 0),
    "accept": ("accept fails (EMFILE)", resource.RLIMIT_NOFILE, 3),
}


def ask(port, source):
    """A client that has asked, and waits."""
    client = socket.socket()
    client.settimeout(LIMIT_S)
    client.bind((source, 0))
    client.connect(("127.0.0.1", port))
    client.sendall(REQUEST)
    return client


def answer(client):
    """All that the server says; empty where the client was cut."""
    parts = []
    with contextlib.suppress(OSError):
        while part := client.recv(65536):
            parts.append(part)
    client.close()
    return b"".join(parts)


def press(port, seconds):
    """Clients that ask, and ask again when they are turned away, for so long.
    Returns those that still wait, and how many were turned away."""
    end, waiting, turned_away = time.monotonic() + seconds, [], 0
    while (left := end - time.monotonic()) > 0:
        while len(waiting) < ASKING:
            waiting.append(ask(port, f"127.0.10.{1 + len(waiting)}"))
        ready, _, _ = select.select(waiting, [], [], left)
        for client in ready:
            waiting.remove(client)
            answer(client)
            turned_away += 1
        time.sleep(PAUSE_S)
    return waiting, turned_away


def first_served_ms(port):
    """How long until somebody new is served; None if nobody is."""
    begin = time.monotonic()
    while time.monotonic() - begin < LIMIT_S:
        if b" 200 " in answer(ask(port, "127.0.9.1"))[:15]:
            return (time.monotonic() - begin) * 1000
        time.sleep(PAUSE_S)
    return None


@contextlib.contextmanager
def as_its_owner(pid):
    """Only a process of the same user may limit another one: root alone may
    not have the right to."""
    owner = os.stat(f"/proc/{pid}")
    if os.geteuid() == 0:
        os.setresgid(owner.st_gid, -1, -1)
        os.setresuid(owner.st_uid, -1, -1)
    try:
        yield
    finally:
        if os.geteuid() == 0:
            os.setresuid(0, -1, -1)
            os.setresgid(0, -1, -1)


def limit(pid, which, limits=None):
    """Sets the limits of a process; returns what they were."""
    with as_its_owner(pid):
        return resource.prlimit(pid, which, *([] if limits is None else [limits]))


@contextlib.contextmanager
def limited(pid, which, soft):
    """While the block runs, a process has so much less."""
    before = limit(pid, which)
    limit(pid, which, (soft, before[1]))
    try:
        yield
    finally:
        limit(pid, which, before)


def ordinary(folder):
    """The server as an ordinary user, whose processes can be limited, and in
    a place where such a user finds it."""
    program = folder / "ezhttpd"
    if not program.exists():
        shutil.copy(servers.EZHTTPD, program)

    def argv(folder, port):
        return [program, "--log=off", "--listen", f"127.0.0.1:{port}", folder / "www"]

    how = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    return servers.Server(argv, folder, **how)


def cpu_s(pids):
    return sum(gauges.cpu_s(pid) for pid in pids)


def suffer(server, name, seconds):
    """(CPU share, turned away, first served after in ms, of those who waited
    how many were served)"""
    _, which, soft = FAULTS[name]
    pids = gauges.tree(server.pid)
    with limited(server.pid, which, soft):
        before, begin = cpu_s(pids), time.monotonic()
        waiting, turned_away = press(server.port, seconds)
        share = (cpu_s(pids) - before) / (time.monotonic() - begin)
    took_ms = first_served_ms(server.port)
    served = sum(b" 200 " in answer(client)[:15] for client in waiting)
    return share, turned_away, took_ms, (served, len(waiting))


def measure(name, folder, is_quick):
    """The row of one fault."""
    seconds = QUICK_WINDOW_S if is_quick else WINDOW_S
    with ordinary(folder) as server:
        share, turned_away, took_ms, (served, waiting) = suffer(server, name, seconds)
    return [Verdict(f"{FAULTS[name][0]} for {seconds} s: CPU; recovery",
                    f"{share:.2%}; {shown(took_ms)} ms; {turned_away} turned away,"
                    f" {served} of {waiting} who waited were served then",
                    f"<= {CPU_SHARE:.0%}; <= {RECOVERY_MS} ms",
                    share <= CPU_SHARE and is_most(took_ms, RECOVERY_MS))]


def measure_fork(folder, is_quick):
    """No process can be had."""
    return measure("fork", folder, is_quick)


def measure_accept(folder, is_quick):
    """No descriptor can be had."""
    return measure("accept", folder, is_quick)

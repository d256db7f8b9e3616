#!/usr/bin/env python3
"""The lesson's experiments, for real: starts the servers on free ports of the
loopback, attacks them, tells what happens as it happens, and draws it.

    demo.py BUILD_DIRECTORY
"""
import contextlib
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import picture

HOLD_S = 2.0
MOMENT_S = 0.05
LIMIT_S = 10.0
WHOLE_LIMIT_S = 120
VISITORS = 12
ENDING_TOGETHER = 50
HOLDERS = 200
REQUEST = b"GET / HTTP/1.0\r\n\r\n"
UNFINISHED = b"GET / HTTP/1.1\r\nHost: demo\r\n"
ELSEWHERE = "127.0.0.2"


class Story:
    """One experiment, told with the time since it began."""

    def __init__(self, letter, title):
        self.begin = time.monotonic()
        print(f"\n({letter}) {title}\n")

    def now(self):
        return time.monotonic() - self.begin

    def tell(self, words):
        """One line of the time line; returns its time."""
        at = self.now()
        print(f"  {at:8.3f} s  {words}", flush=True)
        return at


def counted(number, noun):
    return f"{number} {noun}{'' if number == 1 else 's'}"


def conclude(words):
    print(f"\n      => {words}", flush=True)


@contextlib.contextmanager
def server(*argv):
    """Starts a server; (pid, port) once it has printed its address."""
    log = tempfile.TemporaryFile()
    process = subprocess.Popen([str(word) for word in argv], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=log)
    try:
        ready, _, _ = select.select([process.stdout], [], [], LIMIT_S)
        line = process.stdout.readline().decode() if ready else ""
        port = re.search(r":(\d+)/?$", line.strip())
        if port is None:
            log.seek(0)
            sys.exit(f"demo: {argv[0]} did not start: {log.read().decode(errors='backslashreplace').strip()}")
        yield process.pid, int(port.group(1))
    finally:
        process.terminate()
        try:
            process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        log.close()


def connect(port, source="127.0.0.1"):
    client = socket.create_connection(("127.0.0.1", port), LIMIT_S, source_address=(source, 0))
    client.settimeout(LIMIT_S)
    return client


def answer(client):
    """All there is until the server closes."""
    parts = []
    while part := client.recv(65536):
        parts.append(part)
    return b"".join(parts)


def visit(port, source="127.0.0.1"):
    """An ordinary visitor; returns the answer's first line."""
    with connect(port, source) as client:
        client.sendall(REQUEST)
        return answer(client).split(b"\r\n")[0].decode()


def children(pid):
    """{pid: state} of the children of a process."""
    found = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            text = pathlib.Path("/proc", entry, "stat").read_text()
            state, parent = text.rpartition(")")[2].split()[:2]
            if int(parent) == pid:
                found[int(entry)] = state
    return found


def zombies_of(pid):
    return {child for child, state in children(pid).items() if state == "Z"}


def lasting_zombies(pid, living):
    """How many zombies stay, once no more than `living` children still run.
    Every child is one for a moment, until its parent has been told."""
    end = time.monotonic() + LIMIT_S
    while len(children(pid)) - len(zombies_of(pid)) > living and time.monotonic() < end:
        select.select([], [], [], 0.002)
    seen = zombies_of(pid)
    select.select([], [], [], MOMENT_S)
    return len(seen & zombies_of(pid))


def show_ps(pid):
    """What ps says, shortened, where there is a ps."""
    if shutil.which("ps") is None:
        return
    words = ["ps", "--ppid", str(pid), "-o", "pid,stat,args"]
    lines = subprocess.run(words, capture_output=True, text=True).stdout.splitlines()
    print(f"\n      $ {' '.join(words)}")
    for line in lines[:5]:
        print(f"      {line}")
    if len(lines) > 5:
        print(f"      ... and {len(lines) - 5} more")
    print()


def held(build):
    story = Story("a", "One idle connection holds the sequential server")
    with server(build / "tutorial/ezhttpd", 0) as (_, port):
        story.tell(f"ezhttpd listens on port {port}: one client after the other")
        with connect(port) as silent, connect(port) as second:
            story.tell("client 1 has connected, and says nothing")
            second.sendall(REQUEST)
            asked = story.tell("client 2 has connected, and asks for the page")
            second.settimeout(HOLD_S)
            try:
                second.recv(1, socket.MSG_PEEK)
            except TimeoutError:
                story.tell("client 2 still waits; the server listens to client 1 only")
            second.settimeout(LIMIT_S)
            silent.sendall(b"x")
            typed = story.tell("client 1 types one byte")
            answer(silent)
            first_served = story.tell("client 1 has its page, and closes")
            silent.close()
            answer(second)
            second_served = story.tell("client 2 has its page")
    conclude(f"client 2 waited {second_served - asked:.1f} s for somebody else's byte")
    return {"asked": asked, "typed": typed, "first_served": first_served,
            "second_served": second_served}


def visited(build, letter, name, title):
    """The same attack on a server that forks; zombies after each visitor."""
    story = Story(letter, title)
    zombies = []
    times_ms = []
    with server(build / "tutorial" / name, 0) as (pid, port):
        story.tell(f"{name} listens on port {port}: a process for each client")
        with connect(port):
            story.tell("client 1 has connected, and says nothing")
            for number in range(2, VISITORS + 2):
                asked = story.now()
                visit(port)
                times_ms.append((story.now() - asked) * 1000)
                zombies.append(lasting_zombies(pid, living=1))
                story.tell(f"client {number} has its page after {times_ms[-1]:.1f} ms;"
                           f" zombies: {zombies[-1]}")
            show_ps(pid)
    return {"zombies": zombies, "slowest_ms": max(times_ms)}


def forked(build):
    result = visited(build, "b", "fork_ezhttpd", "The same attack fails on a server that forks")
    conclude(f"nobody waited for client 1, but {result['zombies'][-1]} of {VISITORS} children"
             " that ended are still in the process table")
    return result


def collected(build):
    result = visited(build, "c", "signal_ezhttpd", "Children that have ended are collected")
    conclude(f"zombies at the end: {result['zombies'][-1]}")
    return result


def coalesced(build):
    story = Story("d", f"{ENDING_TOGETHER} children end together")
    results = {}
    for how, words in (("one", "one wait for each signal"), ("loop", "wait until nobody is left")):
        output = subprocess.run([build / "lab/demo/coalesce", how, str(ENDING_TOGETHER)], check=True,
                                capture_output=True, text=True, timeout=LIMIT_S).stdout
        result = {key: int(value) for key, value in (word.split("=") for word in output.split())}
        story.tell(f"{words}: {counted(result['signals'], 'signal')},"
                   f" {result['collected']} collected, {result['left']} zombies left")
        results[how] = result
    conclude("a signal says that something has happened, not how often")
    return results


def cut_off(holders):
    """How many of the connections the server has answered or closed."""
    poll = select.poll()
    for holder in holders:
        poll.register(holder, select.POLLIN | select.POLLHUP)
    return len(poll.poll(100))


def shared(build):
    program = build / "stage/bin/ezhttpd"
    story = Story("e", f"The real ezhttpd, held by {HOLDERS} connections from one address")
    if not program.exists():
        story.tell("left out: ezhttpd is not built")
        return None
    with contextlib.ExitStack() as stack:
        site = stack.enter_context(tempfile.TemporaryDirectory(prefix="demo-"))
        # Started by root, ezhttpd changes to another user, who has to enter.
        os.chmod(site, 0o755)
        pathlib.Path(site, "index.html").write_text("<p>served\n")
        _, port = stack.enter_context(server(program, "--listen", "127.0.0.1:0", site))
        story.tell(f"ezhttpd listens on port {port}")
        holders = [stack.enter_context(connect(port)) for _ in range(HOLDERS)]
        for holder in holders:
            with contextlib.suppress(ConnectionError):
                holder.sendall(UNFINISHED)
        story.tell(f"{HOLDERS} connections from 127.0.0.1 begin a request and never end it")
        asked = story.now()
        first_line = visit(port, ELSEWHERE)
        served_ms = (story.now() - asked) * 1000
        story.tell(f"a client from {ELSEWHERE} asks, and has \"{first_line}\" after {served_ms:.1f} ms")
        refused = cut_off(holders)
        story.tell(f"of the {HOLDERS}, {HOLDERS - refused} are held and {refused} were turned away")
    conclude("one address has its share of the server, and no more")
    return {"holders": HOLDERS, "refused": refused, "served_ms": served_ms,
            "is_served": " 200 " in f"{first_line} "}


def give_up(*_):
    raise TimeoutError(f"the demonstration took more than {WHOLE_LIMIT_S} s")


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(WHOLE_LIMIT_S)
    results = {"a": held(build), "b": forked(build), "c": collected(build),
               "d": coalesced(build), "e": shared(build)}
    target = build / "demo.svg"
    target.write_text(picture.draw(results), encoding="utf-8")
    print(f"\nThe picture: {os.path.relpath(target)}")


if __name__ == "__main__":
    main()

"""SIGTERM at random moments between two requests of a kept connection: the child
ends soon, and no answer is broken off."""
import collections
import math
import os
import random
import select
import signal
import socket
import time

import gauges
import servers
from verdicts import Verdict

MOMENTS, QUICK_MOMENTS = 10_000, 300
# After the answer, or after the next request; most of them are short.
LEAST_S, MOST_S = 1e-6, 0.02
LIMIT_MS = 200
GIVE_UP_S = 5
# Children that have ended and may not be collected.
RECENT = 64
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def child_of(server, others):
    """The child that serves the only client, a new one."""
    end = time.monotonic() + GIVE_UP_S
    while time.monotonic() < end:
        for child in set(gauges.children(server.pid)) - others:
            return child
    raise TimeoutError("no child serves the client")


def wait_moment(seconds):
    """Exactly: sleeping takes longer than the shortest of them."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def is_whole(text):
    """Whether an answer is complete."""
    head, _, body = text.partition(b"\r\n\r\n")
    return b" 200 " in head[:15] and len(body) == servers.FILES["index.html"]


def ask(client):
    """The answer to a request."""
    client.sendall(REQUEST)
    text = b""
    while not is_whole(text) and (part := client.recv(4096)):
        text += part
    return text


def receive(client):
    """What comes; empty where the server has closed, in order or not."""
    try:
        return client.recv(4096)
    except ConnectionError:
        return b""


def see_it_end(pidfd, client):
    """(how long until the child has ended, what it sent); the client closes as
    soon as the server has.  None instead of a time: not within the limit."""
    begin, text, watched = time.perf_counter(), b"", [pidfd, client]
    while True:
        ready, _, _ = select.select(watched, [], [], GIVE_UP_S)
        if client in ready:
            text += (part := receive(client))
            if not part:
                watched.remove(client)
                client.close()
        elif ready:
            return (time.perf_counter() - begin) * 1000, text
        else:
            return None, text


def try_moment(server, helpers, recent, delay_s, asks_again):
    """(how long the child went on, whether no answer was broken off).  The
    child is a recent one, which may be listed until it is collected."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=GIVE_UP_S) as client:
        first = ask(client)
        child = child_of(server, {*helpers, *recent})
        recent.append(child)
        pidfd = os.pidfd_open(child)
        try:
            if asks_again:
                client.sendall(REQUEST)
            wait_moment(delay_s)
            signal.pidfd_send_signal(pidfd, signal.SIGTERM)
            took_ms, text = see_it_end(pidfd, client)
        finally:
            os.close(pidfd)
    return took_ms, is_whole(first) and (not text or is_whole(text))


def random_delay_s():
    return math.exp(random.uniform(math.log(LEAST_S), math.log(MOST_S)))


def measure(folder, is_quick):
    """Of a child, by the signal that its parent sends."""
    count = QUICK_MOMENTS if is_quick else MOMENTS
    random.seed(1)
    with servers.Server(servers.with_slots(256), folder) as server:
        helpers = gauges.children(server.pid)
        recent = collections.deque(maxlen=RECENT)
        tried = [try_moment(server, helpers, recent, random_delay_s(), number % 2 == 1) for number in range(count)]
    late = sum(took is None or took > LIMIT_MS for took, _ in tried)
    broken = sum(not is_sound for _, is_sound in tried)
    longest = max(math.inf if took is None else took for took, _ in tried)
    return [Verdict(f"SIGTERM at {count} moments of a kept connection: the child ends",
                    f"{late} of {len(tried)} after {LIMIT_MS} ms, the longest {longest:.1f} ms;"
                    f" {broken} answers broken off", f"<= {LIMIT_MS} ms; 0 broken off", not late and not broken)]

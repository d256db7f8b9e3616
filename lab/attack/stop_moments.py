"""SIGTERM at random moments while a child has answered and its connection waits
for the next request: the child ends soon, and no answer is lost."""
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
# After the request was sent; most of them are short.
LEAST_S, MOST_S = 1e-6, 0.02
LIMIT_MS = 200
GIVE_UP_S = 5
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def child_of(server, helpers):
    """The child that serves the only client."""
    end = time.monotonic() + GIVE_UP_S
    while time.monotonic() < end:
        for child in set(gauges.children(server.pid)) - helpers:
            return child
    raise TimeoutError("no child serves the client")


def wait_moment(seconds):
    """Exactly: sleeping takes longer than the shortest of them."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def ended_ms(pidfd):
    """How long until it has; None: not within the limit."""
    begin = time.perf_counter()
    ready, _, _ = select.select([pidfd], [], [], GIVE_UP_S)
    return (time.perf_counter() - begin) * 1000 if ready else None


def is_whole(client):
    """Whether the answer comes, and is complete."""
    text = b""
    while b"\r\n\r\n" not in text:
        if not (part := client.recv(4096)):
            return False
        text += part
    head, _, body = text.partition(b"\r\n\r\n")
    return b" 200 " in head[:15] and len(body) <= servers.FILES["index.html"]


def try_moment(server, helpers, delay_s):
    """(how long the child went on, whether the answer came); None: the child
    had ended by itself."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=GIVE_UP_S) as client:
        client.sendall(REQUEST)
        try:
            pidfd = os.pidfd_open(child_of(server, helpers))
        except ProcessLookupError:
            return None
        try:
            wait_moment(delay_s)
            signal.pidfd_send_signal(pidfd, signal.SIGTERM)
            took_ms = ended_ms(pidfd)
        except ProcessLookupError:
            return None
        finally:
            os.close(pidfd)
        return took_ms, is_whole(client)


def random_delay_s():
    return math.exp(random.uniform(math.log(LEAST_S), math.log(MOST_S)))


def measure(folder, is_quick):
    """Of a child, by the signal that its parent sends."""
    count = QUICK_MOMENTS if is_quick else MOMENTS
    random.seed(1)
    with servers.Server(servers.with_slots(256), folder) as server:
        helpers = set(gauges.children(server.pid))
        tried = [try_moment(server, helpers, random_delay_s()) for _ in range(count)]
    tried = [one for one in tried if one]
    late = sum(took is None or took > LIMIT_MS for took, _ in tried)
    lost = sum(not is_there for _, is_there in tried)
    longest = max((took if took is not None else math.inf for took, _ in tried), default=math.inf)
    return [Verdict(f"SIGTERM at {count} moments of a kept connection: the child ends",
                    f"{late} of {len(tried)} after {LIMIT_MS} ms, the longest {longest:.1f} ms; {lost} answers lost",
                    f"<= {LIMIT_MS} ms; 0 lost", not late and not lost and bool(tried))]

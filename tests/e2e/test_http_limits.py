"""Deadlines: every wait for a client has an end, and says so where it can."""
import select
import selectors
import socket
import time

import pytest

from conftest import receive_all, wait_until
from strict import HOST, receive_answer, take_answer

GET = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
HEAD_S = 10
TRICKLE_S = 5
IDLE_S = 15
# The credit of a client that took at once what the kernel can hold.
RATE_S = 10
# Half as much again as the least rate.
ENOUGH_BYTES_S = 750
# For a machine that is busy with other things.
SLACK_S = 4


@pytest.fixture
def server(ezhttpd, tmp_path):
    (tmp_path / "index.html").write_text("index")
    with open(tmp_path / "large.bin", "wb") as file:
        file.truncate(1 << 30)
    return ezhttpd(tmp_path, "--max-per-source=none")


class Held:
    """A client that waits to be let go; it says a byte at each tick."""

    def __init__(self, server, sent, drip=b""):
        self.socket = server.connect()
        self.socket.sendall(sent)
        self.drip = drip
        self.since = time.monotonic()

    def tick(self):
        if self.drip:
            self.socket.sendall(self.drip)


def wait_for_end(held, limit_s):
    """(seconds, last words) of each client, by name."""
    ends = {}
    with selectors.DefaultSelector() as selector:
        for name, client in held.items():
            selector.register(client.socket, selectors.EVENT_READ, name)
        end = time.monotonic() + limit_s
        while len(ends) < len(held):
            assert time.monotonic() < end, f"still held: {set(held) - set(ends)}"
            for key, _ in selector.select(0.5):
                client = held[key.data]
                selector.unregister(client.socket)
                after_s = time.monotonic() - client.since
                ends[key.data] = (after_s, receive_all(client.socket))
            for name in set(held) - set(ends):
                held[name].tick()
    return ends


def test_heads_and_silence_have_their_deadlines(server):
    held = {
        "half": Held(server, b"GET / HTTP/1.1\r\nHo"),
        "half the second": Held(server, GET),
        "idle": Held(server, GET),
    }
    for name in ("half the second", "idle"):
        assert receive_answer(held[name].socket).status == 200
        held[name].since = time.monotonic()
    held["half the second"].socket.sendall(b"GET /")
    ends = wait_for_end(held, IDLE_S + SLACK_S)
    for name in ("half", "half the second"):
        after_s, words = ends[name]
        answer, rest = take_answer(words)
        assert (answer.status, answer.fields["connection"], rest) == (408, "close", b""), name
        assert HEAD_S - 0.5 < after_s < HEAD_S + SLACK_S, name
    after_s, words = ends["idle"]
    assert words == b""
    assert IDLE_S - 0.5 < after_s < IDLE_S + SLACK_S


def test_a_head_that_trickles_in_is_cut(server):
    held = Held(server, b"GET / HTTP/1.1\r\nX: ", drip=b"a")
    with pytest.raises(ConnectionError):
        wait_for_end({"dripped": held}, HEAD_S)
    assert TRICKLE_S - 0.5 < time.monotonic() - held.since < TRICKLE_S + SLACK_S


def test_a_client_that_says_nothing_is_let_go(server):
    with server.connect() as client:
        since = time.monotonic()
        assert receive_all(client) == b""
    assert time.monotonic() - since < IDLE_S + 2 + SLACK_S


def test_a_client_that_takes_too_little_is_cut(server):
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(40)
        client.connect(("127.0.0.1", server.port))
        client.sendall(b"GET /large.bin HTTP/1.1\r\n" + HOST + b"\r\n")
        since = time.monotonic()
        poll = select.poll()
        # Nothing is read: only the end of the connection wakes this.
        poll.register(client, 0)
        events = poll.poll(40000)
    assert events and events[0][1] & select.POLLHUP, "still held"
    assert RATE_S - 3 < time.monotonic() - since < RATE_S + SLACK_S
    assert server.stop() == 0
    assert "1 slow_reader" in server.stderr()


def read_slowly(client, bytes_s, for_s):
    """Reads that much a second, so long, as the clock goes; returns it."""
    data = b""
    since = time.monotonic()
    while time.monotonic() - since < for_s:
        due = int((time.monotonic() - since) * bytes_s) - len(data)
        if due > 0:
            data += client.recv(due)
        select.select([], [], [], 0.1)
    return data


def test_a_client_that_takes_enough_is_served_to_the_end(ezhttpd, tmp_path):
    (tmp_path / "file.bin").write_bytes(bytes(16 << 20))
    server = ezhttpd(tmp_path)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(20)
        client.connect(("127.0.0.1", server.port))
        client.sendall(b"GET /file.bin HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
        data = read_slowly(client, ENOUGH_BYTES_S, RATE_S + SLACK_S)
        # Its answer is not yet in the hands of the kernel: it was waited for.
        assert "GET /file.bin" not in server.stderr()
        answer, _ = take_answer(data + receive_all(client))
    assert len(answer.body) == 16 << 20


def test_who_cannot_be_served_now_is_told_so(ezhttpd, tmp_path):
    server = ezhttpd(tmp_path, "--max-connections=2", "--max-per-source=none")
    held = [server.connect() for _ in range(2)]
    for client in held:
        client.sendall(GET)
        receive_answer(client)
    answer, rest = take_answer(server.ask(GET))
    assert (answer.status, answer.fields["connection"], rest) == (503, "close", b"")
    assert int(answer.fields["retry-after"]) > 0
    for client in held:
        client.close()

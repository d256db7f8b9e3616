"""Deadlines: every wait for a client has an end, and says so where it can."""
import select
import selectors
import socket
import threading
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
    return ezhttpd(tmp_path, f"--idle={IDLE_S}")


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


def test_who_cannot_be_served_in_time_is_told_so(ezhttpd, tmp_path):
    server = ezhttpd(tmp_path, "--max-connections=2", "--wait=1")
    held = [server.hold() for _ in range(2)]
    began = time.monotonic()
    answer, rest = take_answer(server.ask(GET))
    assert (answer.status, answer.fields["connection"], rest) == (503, "close", b"")
    assert int(answer.fields["retry-after"]) > 0
    assert 0.9 < time.monotonic() - began < 1 + SLACK_S
    for client in held:
        client.close()


@pytest.fixture
def one_slot(ezhttpd, tmp_path):
    (tmp_path / "index.html").write_text("index")
    return ezhttpd(tmp_path, "--max-connections=1")


def test_a_client_between_two_requests_gives_way_at_once_and_comes_back(one_slot):
    with one_slot.connect() as kept:
        for _ in range(3):
            kept.sendall(GET)
            assert receive_answer(kept).status == 200
            began = time.monotonic()
            assert one_slot.get()[0] == 200
            assert time.monotonic() - began < 0.8
    assert one_slot.stop() == 0
    assert " refused, " in one_slot.stderr() and "0 refused, " in one_slot.stderr()


# A client that asks again as soon as it is answered; each answer takes a while.
PAUSE_S = 0.02


def newcomer(server, stop):
    """When a newcomer was answered, in a thread."""
    answered = []

    def ask():
        began = time.monotonic()
        assert server.get()[0] == 200
        answered.append(time.monotonic() - began)
        stop.set()
    thread = threading.Thread(target=ask)
    thread.start()
    return thread, answered


def test_a_busy_client_gives_way_after_a_second_and_goes_on(one_slot):
    stop = threading.Event()
    with one_slot.connect() as busy:
        busy.sendall(GET)
        assert receive_answer(busy).status == 200
        thread, answered = newcomer(one_slot, stop)
        while not stop.is_set():
            busy.sendall(GET)
            answer = receive_answer(busy)
            assert (answer.status, answer.fields.get("connection")) == (200, None)
            select.select([], [], [], PAUSE_S / 10)
        thread.join()
        assert answered[0] < 1 + SLACK_S
        # Nobody has cut it.
        busy.sendall(GET)
        assert receive_answer(busy).status == 200


LARGE_BYTES = 4 << 20


def read_all_slowly(client):
    data, part = b"", b"?"
    while part:
        part = client.recv(65536)
        data += part
        select.select([], [], [], PAUSE_S)
    return data


def test_a_client_with_more_requests_on_their_way_is_asked_to_come_back(one_slot, tmp_path):
    (tmp_path / "large").write_bytes(bytes(LARGE_BYTES))
    request = b"GET /large HTTP/1.1\r\n" + HOST + b"\r\n"
    stop = threading.Event()
    with socket.socket() as busy:
        busy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        busy.settimeout(20)
        busy.connect(("127.0.0.1", one_slot.port))
        # While the first is being answered the others are there.
        busy.sendall(request + GET + GET)
        assert busy.recv(1, socket.MSG_PEEK)
        thread, answered = newcomer(one_slot, stop)
        # An end in order, not a reset; what was not answered can be asked again.
        first, rest = take_answer(read_all_slowly(busy))
        assert (first.status, len(first.body), first.fields.get("connection")) == (200, LARGE_BYTES, None)
        second, rest = take_answer(rest)
        assert (second.status, second.fields["connection"], rest) == (200, "close", b"")
        thread.join()
        assert 0.9 < answered[0] < 2 + SLACK_S

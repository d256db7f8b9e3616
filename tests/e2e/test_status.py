"""The status: what the server tells of itself, to whom, and at what cost."""
import contextlib
import json
import os
import select
import signal
import socket
import stat
import time

import pytest

from conftest import LIMIT_S, receive_all, wait_until
from strict import receive_answer


@pytest.fixture
def server(ezhttpd, tmp_path, free_folder):
    """A server that tells its status; server.status is where."""
    (tmp_path / "www").mkdir()
    (tmp_path / "www/index.html").write_text("index")

    def run(*options):
        program = ezhttpd(tmp_path / "www", "--status", free_folder / "status", "--log", "off",
                          "--max-per-source=none", *options)
        program.status = free_folder / "status"
        # The socket is made after the ready line has been said.
        wait_until(program.status.exists, what="the status socket")
        return program
    return run


def connect(server):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(LIMIT_S)
    wait_until(lambda: client.connect_ex(str(server.status)) == 0, what="status listens")
    return client


def ask(server, line):
    with connect(server) as client:
        client.sendall(line)
        return receive_all(client).decode()


def numbers(text):
    """{name: value} of an answer in text."""
    return {name: int(value) for name, value in (line.rsplit(" ", 1) for line in text.splitlines())}


def status(server):
    return numbers(ask(server, b"status\n"))


def test_text_and_json_tell_the_same(server):
    server = server()
    held = server.hold()
    wait_until(lambda: status(server)["children"] == 1)
    text = status(server)
    told = json.loads(ask(server, b"json\n"))
    assert told.pop("sources") == [{"source": "127.0.0.1", "slots": 1, "weight": 1}]
    assert told.pop("penalties") == []
    assert text.pop("source 127.0.0.1") == 1
    assert told == text
    assert numbers(ask(server, b"\n")).keys() == status(server).keys()
    assert ask(server, b"what\n").startswith("unknown")
    assert ask(server, b"x" * 80).startswith("unknown")
    held.close()


def test_is_for_its_user_only_and_removed_at_the_end(server):
    server = server()
    assert stat.S_IMODE(os.stat(server.status).st_mode) == 0o600
    assert server.stop() == 0
    assert not server.status.exists()


def test_a_path_that_is_taken_is_an_error(server, ezhttpd, tmp_path):
    first = server()
    second = ezhttpd(tmp_path / "www", "--status", first.status, ready=False)
    assert second.process.wait(LIMIT_S) == 1
    assert second.process.stdout.read() == b""
    assert "status" in second.stderr() and "in use" in second.stderr()
    assert status(first)["accepted"] == 0


def test_sigusr1_says_it_in_the_log(server):
    server = server()
    assert server.get()[0] == 200
    wait_until(lambda: status(server)["ended_closed"] == 1)
    os.kill(server.pid, signal.SIGUSR1)
    wait_until(lambda: "ezhttpd: status: unknown_children 0\n" in server.stderr(), what="the last line")
    assert "ezhttpd: status: accepted 1\n" in server.stderr()
    assert server.get()[0] == 200


def test_sigusr1_ends_neither_children_nor_helpers(server):
    server = server()
    held = server.hold()
    wait_until(lambda: status(server)["children"] == 1)
    for pid, _, _ in server.children():
        os.kill(pid, signal.SIGUSR1)
    held.sendall(b"TP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert receive_all(held).startswith(b"HTTP/1.1 200 ")
    assert status(server)["unknown_children"] == 0


def test_slow_requesters_hold_up_neither_clients_nor_others_for_long(server):
    server = server()
    slow = [connect(server) for _ in range(6)]
    for client in slow:
        client.sendall(b"sta")
    began = time.monotonic()
    assert server.get()[0] == 200
    assert time.monotonic() - began < 0.5
    # They are let go after a second, without a word; and so are those behind them.
    assert "accepted" in status(server)
    assert time.monotonic() - began < 4
    for client in slow:
        assert receive_all(client) == b""
    assert server.get()[0] == 200


def test_the_heaviest_sources_are_told_heaviest_first(server):
    server = server()
    count = {f"127.0.{i % 3}.{i + 1}": 1 + i * 7 % 5 for i in range(14)}
    held = [server.hold(source=source) for source, n in count.items() for _ in range(n)]
    wait_until(lambda: status(server)["children"] == len(held))
    told = json.loads(ask(server, b"json\n"))["sources"]
    assert [entry["slots"] for entry in told] == sorted(count.values(), reverse=True)[:10]
    for entry in told:
        assert count[entry["source"]] == entry["slots"]
    for client in held:
        client.close()
    wait_until(lambda: status(server)["children"] == 0)


def test_nothing_is_left_after_many_connections(server):
    server = server()
    for _ in range(200):
        assert server.get()[0] == 200
    wait_until(lambda: status(server)["ended_closed"] == 200)
    held = server.hold()
    wait_until(lambda: status(server)["children"] == 1)
    told = status(server)
    assert told["accepted"] == 201
    assert [told[name] for name in ("killed", "waiting", "parked", "lingering", "unknown_children")] == [0] * 5
    held.close()


GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def is_kept(server):
    """Whether a client that asks for nothing else may ask again."""
    with server.connect() as client:
        client.sendall(GET)
        return receive_answer(client).fields.get("connection") != "close"


def test_overload_does_not_end_keep_alive(server):
    server = server("--max-connections", "10")
    held = [server.hold() for _ in range(7)]
    wait_until(lambda: status(server)["children"] == 7)
    # One more is exactly 80 %, which is not above it.
    assert is_kept(server)
    wait_until(lambda: status(server)["children"] == 7)
    assert status(server)["overload"] == 0
    held += [server.hold() for _ in range(2)]
    wait_until(lambda: status(server)["children"] == 9)
    assert (status(server)["overload"], status(server)["overload_switches"]) == (1, 1)
    assert is_kept(server)
    while len(held) > 4:
        held.pop().close()
    wait_until(lambda: status(server)["overload"] == 0)
    assert status(server)["overload_switches"] == 2
    assert "overload begins: 9 of 10 slots are held" in server.stderr()
    assert "overload ends: " in server.stderr()
    for client in held:
        client.close()


def test_overload_halves_the_credit_of_a_heavy_source(server):
    server = server("--max-connections", "16")
    light = server.connect(source="127.9.0.1")
    held = [server.connect() for _ in range(13)]
    for client in (light, *held):
        client.sendall(b"GET /")
    wait_until(lambda: status(server)["overload"] == 1)
    began = time.monotonic()

    def trickle():
        for client in (light, *held):
            with contextlib.suppress(OSError):
                client.send(b"x")
        return status(server)["ended_slow_sender"]
    # The least rate begins with a credit of 5 s.
    wait_until(trickle)
    assert time.monotonic() - began < 4.5
    # One that is light has all of it.
    assert not select.select([light], [], [], 0)[0]
    assert receive_all(light).startswith(b"HTTP/1.1 408 ")
    for client in (light, *held):
        client.close()

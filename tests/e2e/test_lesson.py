"""The lesson's experiments, and what its three servers promise: who is held
by whom, who leaves zombies, and the exact bytes of the answer."""
import os
import pathlib
import signal
import socket
import struct
import subprocess
import time

import pytest

from conftest import BUILD, ROOT, receive_all, wait_until

STEPS = ["ezhttpd", "fork_ezhttpd", "signal_ezhttpd"]
BODY = (b"<HTML>\r\n"
        b"<HEAD><TITLE>IPA Secure Programming - EZHTTPD</TITLE></HEAD>\r\n"
        b"<BODY>\r\n"
        b"<H1>IPA Secure Programming - EZHTTPD</H1>\r\n"
        b"This page is from the EZHTTPD sample web server.\r\n"
        b"</BODY>\r\n"
        b"</HTML>\r\n")
ANSWER = (b"HTTP/1.0 200 OK\r\n"
          b"Server: ezhttpd(IPA Secure Programming Sample Program)\r\n"
          b"Content-Type: text/html\r\n"
          b"Content-Length: %d\r\n"
          b"Connection: close\r\n"
          b"\r\n" % len(BODY)) + BODY
REQUEST = b"GET / HTTP/1.0\r\n\r\n"


@pytest.fixture(params=STEPS)
def step(request, start):
    """Each of the three servers in turn."""
    return start([BUILD / "tutorial" / request.param, "0"])


@pytest.fixture
def tutorial(start):
    return lambda name: start([BUILD / "tutorial" / name, "0"])


def is_answered(client, within_s):
    """Whether the first byte of an answer arrives in time."""
    client.settimeout(within_s)
    try:
        return client.recv(1, socket.MSG_PEEK) != b""
    except TimeoutError:
        return False
    finally:
        client.settimeout(20)


def zombies(program):
    return [pid for pid, state, _ in program.children() if state == "Z"]


# The answer.

@pytest.mark.parametrize("request_bytes", [
    b"x",                                           # one byte is enough
    REQUEST,
    b"GET /any/thing.gif HTTP/1.1\r\nHost: x\r\n\r\n",  # whatever the URL
    b"\0" * 1024,                                   # as much as is read
])
def test_the_answer_is_exactly_this(step, request_bytes):
    assert step.ask(request_bytes) == ANSWER


def test_the_ready_line_ends_in_the_address(step):
    assert step.ready_line.endswith(f"listening on http://127.0.0.1:{step.port}/")


def test_a_client_that_closes_without_a_byte_gets_nothing(step):
    with step.connect() as client:
        client.shutdown(socket.SHUT_WR)
        assert receive_all(client) == b""
    assert step.ask(REQUEST) == ANSWER


def test_the_answer_arrives_when_more_was_sent_than_is_read(step):
    with step.connect() as client:
        client.sendall(b"x" * (1024 + 65536))
        # A reset instead of the orderly end would raise an exception here.
        assert receive_all(client) == ANSWER


def test_the_end_of_the_answer_does_not_wait_for_the_drain(step):
    with step.connect(timeout=0.8) as client:
        client.sendall(REQUEST)
        assert receive_all(client) == ANSWER


def test_the_drain_ends_for_a_client_that_never_closes(step):
    with step.connect() as client:
        client.sendall(REQUEST)
        assert receive_all(client) == ANSWER
        # The sequential server is held by the drain, for a second at most.
        assert step.ask(REQUEST, timeout=5) == ANSWER


def test_the_drain_ends_for_a_client_that_never_stops(step):
    with step.connect() as client:
        client.settimeout(5)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            for _ in range(10000):
                client.sendall(b"x" * 65536)
    assert step.ask(REQUEST, timeout=5) == ANSWER


def test_a_client_that_goes_away_does_not_kill_the_server(step):
    for _ in range(50):
        client = step.connect()
        client.sendall(REQUEST)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
    assert step.ask(REQUEST) == ANSWER
    assert step.process.poll() is None
    assert step.stderr() == ""


def test_an_answer_to_nobody_does_not_kill_the_server(step):
    # Stopped, it finds all at once: a byte, the end, and the reset.  It reads
    # the byte, and the answer meets a broken pipe.
    os.kill(step.pid, signal.SIGSTOP)
    client = step.connect()
    client.sendall(b"x")
    client.shutdown(socket.SHUT_WR)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    os.kill(step.pid, signal.SIGCONT)
    assert step.ask(REQUEST) == ANSWER


def test_the_server_can_be_started_again_at_once(start):
    first = start([BUILD / "tutorial/ezhttpd", "0"])
    with first.connect() as client:
        client.sendall(b"x")
        assert receive_all(client) == ANSWER
    assert first.stop() == -signal.SIGTERM
    again = start([BUILD / "tutorial/ezhttpd", str(first.port)])
    assert again.port == first.port


@pytest.mark.parametrize("words", [["http"], ["-1"], ["65536"], ["80x"], [""], ["1", "2"]])
def test_a_wrong_port_is_refused(words):
    done = subprocess.run([BUILD / "tutorial/ezhttpd", *words], capture_output=True, timeout=20)
    assert done.returncode == 2
    assert done.stderr.startswith(b"usage: ")


def test_a_port_in_use_is_said(tutorial):
    port = tutorial("ezhttpd").port
    done = subprocess.run([BUILD / "tutorial/ezhttpd", str(port)], capture_output=True, timeout=20)
    assert done.returncode == 1
    assert f"bind 127.0.0.1:{port}: Address already in use" in done.stderr.decode()


# The experiments.

def test_one_silent_client_holds_the_first_server_and_one_byte_frees_it(tutorial):
    server = tutorial("ezhttpd")
    with server.connect() as silent, server.connect() as second:
        second.sendall(REQUEST)
        assert not is_answered(second, within_s=1)
        silent.sendall(b"x")
        assert receive_all(silent) == ANSWER
        silent.close()
        assert receive_all(second) == ANSWER


@pytest.mark.parametrize("name", ["fork_ezhttpd", "signal_ezhttpd"])
def test_silent_clients_do_not_hold_a_server_that_forks(tutorial, name):
    server = tutorial(name)
    silent = [server.connect() for _ in range(20)]
    assert server.ask(REQUEST) == ANSWER
    # Whoever collects that child must not wait for the others.
    wait_until(lambda: len(server.children()) - len(zombies(server)) == len(silent))
    assert server.ask(REQUEST) == ANSWER
    for client in silent:
        client.sendall(b"x")
        assert receive_all(client) == ANSWER
        client.close()


def test_the_second_server_leaves_zombies(tutorial):
    server = tutorial("fork_ezhttpd")
    for served in range(1, 11):
        assert server.ask(REQUEST) == ANSWER
        wait_until(lambda: len(zombies(server)) == served, what=f"{served} zombies")
    shown = subprocess.run(["ps", "--ppid", str(server.pid), "-o", "args"],
                           capture_output=True, text=True, check=True).stdout
    assert shown.count("<defunct>") == 10


def test_the_third_server_leaves_no_zombie(tutorial):
    server = tutorial("signal_ezhttpd")
    for _ in range(10):
        assert server.ask(REQUEST) == ANSWER
    wait_until(lambda: server.children() == [], what="no children")


def test_the_third_server_collects_all_that_end_together(tutorial):
    server = tutorial("signal_ezhttpd")
    clients = [server.connect() for _ in range(100)]
    wait_until(lambda: len(server.children()) == 100, what="100 children")
    # Stopped, it gets one signal for all of them.
    os.kill(server.pid, signal.SIGSTOP)
    for client in clients:
        client.close()
    wait_until(lambda: len(zombies(server)) == 100, what="100 zombies")
    os.kill(server.pid, signal.SIGCONT)
    wait_until(lambda: server.children() == [], what="no children")
    assert server.ask(REQUEST) == ANSWER


def test_children_that_end_together_are_fewer_signals():
    def run(how):
        done = subprocess.run([BUILD / "lab/demo/coalesce", how, "50"],
                              capture_output=True, text=True, check=True, timeout=20)
        return dict(word.split("=") for word in done.stdout.split())

    # How many coalesce is the scheduler's choice; that none ever does, is not.
    runs = [run("one") for _ in range(5)]
    assert min(int(one["signals"]) for one in runs) < 50
    for one in runs:
        assert one["collected"] == one["signals"]
        assert int(one["left"]) == 50 - int(one["collected"])
    loop = run("loop")
    assert loop["collected"] == "50" and loop["left"] == "0"


def test_200_connections_from_one_address_do_not_hold_ezhttpd_for_another(ezhttpd, tmp_path):
    (tmp_path / "index.html").write_bytes(b"served")
    server = ezhttpd(tmp_path).settle()
    held = [server.hold(source="127.0.3.1") for _ in range(200)]
    # While there is room, each has a child.
    wait_until(lambda: len(server.clients()) == 200, what="a child for each")
    begin = time.monotonic()
    assert server.get(source="127.0.3.2") == (200, b"served")
    assert time.monotonic() - begin < 1
    assert len(server.clients()) >= 200, "it was not held"
    assert server.get(source="127.0.3.1") == (200, b"served")
    for client in held:
        client.close()


# Source compatibility.

@pytest.mark.parametrize("language", ["c99", "gnu17"])
def test_a_program_for_the_lesson_s_header_compiles_and_runs(start, tmp_path, language):
    program = tmp_path / "program"
    source = ROOT / "tests/os/lesson_program.c"
    library = BUILD / "lib/libtcpserver.a"
    subprocess.run(["cc", f"-std={language}", "-Wall", "-Werror", "-I", ROOT / "include",
                    "-o", program, source, library], check=True)
    server = start([program])
    assert server.ask(b"hello") == b"hello"
    assert server.ask(b"again") == b"again"


def test_the_pages_of_the_tutorial_are_short():
    for name in STEPS:
        assert len((ROOT / f"tutorial/{name}.c").read_text().splitlines()) <= 85


def test_the_readmes_name_what_is_there():
    for name in ("README.md", "README.ja.md"):
        text = pathlib.Path(ROOT / "tutorial" / name).read_text()
        for step_name in STEPS:
            assert f"build/tutorial/{step_name}" in text

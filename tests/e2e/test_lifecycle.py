"""Start and end: signals, supervisors, inherited sockets, shares and caps."""
import os
import pathlib
import select
import signal
import socket
import sys
import time

import pytest

from conftest import BUILD, receive_all, split_answer, wait_until

PAGE = b"a page of the test's own\n"
REST_OF_HEAD = b"TP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_bytes(PAGE)
    return folder


def signal_is_taken(pid, number):
    """The signal is no longer pending: the process has read it."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name in ("SigPnd", "ShdPnd") and int(value, 16) >> (number - 1) & 1:
            return False
    return True


def is_refused(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_signal_right_after_the_ready_line_ends_with_0(ezhttpd, site, free_folder):
    path = free_folder / "socket"
    for _ in range(30):
        program = ezhttpd(site, "--listen", f"unix:{path}")
        assert program.stop() == 0
        assert not path.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, who becomes another")
def test_a_socket_that_nobody_may_remove_stays_and_the_next_start_replaces_it(ezhttpd, site, tmp_path):
    paths = [tmp_path / "socket", tmp_path / "status"]
    for _ in range(2):
        program = ezhttpd(site, "--listen", f"unix:{paths[0]}", "--status", paths[1])
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(str(paths[0]))
            client.sendall(REQUEST)
            assert split_answer(receive_all(client)) == (200, PAGE)
        assert program.stop() == 0
        assert [path.is_socket() for path in paths] == [True, True]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_lets_clients_finish_and_ends_with_0(ezhttpd, site, number):
    program = ezhttpd(site).settle()
    with program.hold() as client:
        wait_until(program.clients, what="the child")
        program.process.send_signal(number)
        wait_until(lambda: is_refused(program.port), what="nobody new is let in")
        assert program.process.poll() is None
        client.sendall(REST_OF_HEAD)
        assert split_answer(receive_all(client)) == (200, PAGE)
    assert program.process.wait(5) == 0


def test_a_transfer_under_way_is_finished_after_the_first_signal(ezhttpd, site):
    content = os.urandom(1 << 20) * 16
    (site / "large").write_bytes(content)
    program = ezhttpd(site).settle()
    with program.connect() as client:
        client.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        begin = client.recv(1)
        program.process.send_signal(signal.SIGTERM)
        wait_until(lambda: is_refused(program.port), what="nobody new is let in")
        assert split_answer(begin + receive_all(client)) == (200, content)
    assert program.process.wait(5) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_kills_what_is_left(ezhttpd, site, number):
    program = ezhttpd(site).settle()
    with program.hold() as client:
        child, = wait_until(program.clients, what="the child")
        program.process.send_signal(number)
        wait_until(lambda: is_refused(program.port), what="nobody new is let in")
        wait_until(lambda: signal_is_taken(program.pid, number), what="the first signal is taken")
        program.process.send_signal(number)
        # Well below the drain time of 5 s.
        assert program.process.wait(2) == 0
        assert not os.path.exists(f"/proc/{child}")
        try:
            assert receive_all(client) == b""
        except ConnectionResetError:
            pass


def test_an_idle_server_ends_at_once(ezhttpd, site):
    program = ezhttpd(site).settle()
    assert program.stop(limit_s=1) == 0


def test_a_supervisor_is_told_of_start_and_end(ezhttpd, site, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.settimeout(20)
        supervisor.bind(str(tmp_path / "notify"))
        program = ezhttpd(site, env=dict(os.environ, NOTIFY_SOCKET=str(tmp_path / "notify")))
        assert b"READY=1" in supervisor.recv(4096).split(b"\n")
        assert program.get() == (200, PAGE)
        assert program.stop() == 0
        assert b"STOPPING=1" in supervisor.recv(4096).split(b"\n")


def test_a_supervisor_may_be_told_at_an_abstract_address(ezhttpd, site):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.settimeout(20)
        name = f"tcpserver-test-{os.getpid()}"
        supervisor.bind(f"\0{name}")
        ezhttpd(site, env=dict(os.environ, NOTIFY_SOCKET=f"@{name}"))
        assert b"READY=1" in supervisor.recv(4096).split(b"\n")


HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid() + int(sys.argv[2])))
os.execv(sys.argv[3], sys.argv[3:])
"""


def handed_over(start, site, listener, pid_error=0, options=()):
    return start([sys.executable, "-c", HAND_OVER, listener.fileno(), pid_error,
                  BUILD / "stage/bin/ezhttpd", *options, site], pass_fds=(listener.fileno(),))


def test_an_inherited_socket_is_served(start, site):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        program = handed_over(start, site, listener)
        assert program.port == port
        assert program.get() == (200, PAGE)
        assert program.stop() == 0


def test_a_socket_meant_for_another_process_is_left_alone(start, site):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        program = handed_over(start, site, listener, pid_error=1, options=("--listen", "127.0.0.1:0"))
        assert program.port != listener.getsockname()[1]
        assert program.get() == (200, PAGE)
        assert program.stop() == 0


# How long to look out for a reset; the server hears a client out for longer.
RESET_WINDOW_MS = 100


def ask_politely(program, source, request=REQUEST):
    """What is answered.  The end must be in order: a reset behind it, which on
    a slower path would overtake and lose the answer, is an error here."""
    with program.connect(source=source) as client:
        client.sendall(request)
        answer = split_answer(receive_all(client))
        reset = select.poll()
        reset.register(client, 0)
        assert not reset.poll(RESET_WINDOW_MS), "the connection was reset"
        return answer


def is_cut(client):
    """Whether the server has ended this connection."""
    ended = select.poll()
    ended.register(client, select.POLLIN)
    return bool(ended.poll(0))


def test_over_its_limit_a_source_is_refused(ezhttpd, site):
    program = ezhttpd(site, "--max-connections", "8", "--max-per-source", "2").settle()
    held = [program.hold(source="127.0.3.1") for _ in range(2)]
    other = program.hold(source="127.0.3.2")
    wait_until(lambda: len(program.clients()) == 3, what="three are held")
    status, _ = ask_politely(program, "127.0.3.1")
    assert status == 503
    assert "refused 127.0.3.1: its source holds as many slots as it may\n" in program.stderr()
    assert not any(map(is_cut, (*held, other)))
    held.pop().close()
    wait_until(lambda: len(program.clients()) == 2, what="one has ended")
    assert ask_politely(program, "127.0.3.1") == (200, PAGE)
    for client in (*held, other):
        client.close()
    assert program.stop() == 0


def test_a_source_gets_no_more_than_its_limit_by_waiting(ezhttpd, site):
    program = ezhttpd(site, "--max-connections", "4", "--max-per-source", "2").settle()
    held = [program.hold(source=f"127.0.{i}.1") for i in range(4)]
    wait_until(lambda: len(program.clients()) == 4, what="every slot is held")
    waiting = [program.hold(source="127.0.9.1") for _ in range(4)]
    wait_until(lambda: "one waits of: 127.0.9.1\n" in program.stderr(), what="they wait")
    for client in held:
        client.close()
    cut = wait_until(lambda: [c for c in waiting if is_cut(c)][1:], what="two are refused")
    assert len(cut) == 1 and len(program.clients()) == 2
    assert "refused 127.0.9.1: its source holds as many slots as it may\n" in program.stderr()
    for client in waiting:
        client.close()
    assert program.stop() == 0


REQUESTS = [
    REQUEST,
    # more than anybody reads of it before the refusal
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 20000 + b"\r\n\r\n",
]


@pytest.mark.parametrize("request_bytes", REQUESTS)
def test_when_nobody_can_make_room_a_newcomer_waits_and_is_then_refused(ezhttpd, site, request_bytes):
    program = ezhttpd(site, "--max-connections", "4", "--wait", "1").settle()
    held = [program.hold(source=f"127.0.{3 + i}.1") for i in range(4)]
    wait_until(lambda: len(program.clients()) == 4, what="all slots are held")
    begin = time.monotonic()
    status, _ = ask_politely(program, "127.0.9.1", request_bytes)
    assert status == 503
    assert 0.9 <= time.monotonic() - begin < 3
    assert not any(map(is_cut, held))
    assert "all slots are held, one waits of: 127.0.9.1\n" in program.stderr()
    assert "refused 127.0.9.1: no slot became free in time\n" in program.stderr()
    held.pop().close()
    wait_until(lambda: len(program.clients()) == 3, what="one slot is free")
    assert ask_politely(program, "127.0.9.1") == (200, PAGE)
    for client in held:
        client.close()
    assert program.stop() == 0


@pytest.mark.parametrize("request_bytes", REQUESTS)
def test_a_newcomer_that_waits_is_served_when_another_ends(ezhttpd, site, request_bytes):
    program = ezhttpd(site, "--max-connections", "4").settle()
    held = [program.hold() for _ in range(4)]
    wait_until(lambda: len(program.clients()) == 4, what="all slots are held")
    with program.connect() as client:
        client.sendall(request_bytes)
        wait_until(lambda: "one waits of: 127.0.0.1" in program.stderr(), what="it waits")
        held.pop().close()
        assert split_answer(receive_all(client))[0] == (200 if request_bytes is REQUEST else 431)
    for client in held:
        client.close()
    assert program.stop() == 0

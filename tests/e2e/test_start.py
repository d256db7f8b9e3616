"""The start: what the machine lacks is named, and what can be done without is."""
import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys

import pytest

from conftest import BUILD, ROOT, receive_all, split_answer, wait_until
from strict import ask

EZHTTPD = BUILD / "stage/bin/ezhttpd"
WITHOUT = [sys.executable, ROOT / "tests/e2e/without.py"]


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    return folder


# --- Descriptors whose other end has gone ------------------------------------

REQUEST = b"GET /a.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def answer_at(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(str(path))
        client.sendall(REQUEST)
        return split_answer(receive_all(client))


@contextlib.contextmanager
def serving_with(argv, path, **how):
    """A server on a unix socket, whose ready line nobody waits for."""
    process = subprocess.Popen([str(word) for word in argv], stdin=subprocess.DEVNULL, **how)
    try:
        wait_until(path.exists, what="it listens")
        yield process
        process.terminate()
        assert process.wait(20) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def full_pipe():
    reader, writer = os.pipe()
    flags = fcntl.fcntl(writer, fcntl.F_GETFL)
    fcntl.fcntl(writer, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, bytes(4096))
    fcntl.fcntl(writer, fcntl.F_SETFL, flags)
    return reader, writer


def pipe_without_reader():
    reader, writer = os.pipe()
    os.close(reader)
    return os.open("/dev/null", os.O_RDONLY), writer


@pytest.mark.parametrize("streams", [["stdout"], ["stderr"], ["stdout", "stderr"]])
@pytest.mark.parametrize("make_pipe", [full_pipe, pipe_without_reader])
def test_a_reader_of_its_output_that_is_gone_or_blocked_does_not_keep_it_from_serving(
        site, free_folder, make_pipe, streams):
    path = free_folder / "socket"
    reader, writer = make_pipe()
    try:
        how = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **dict.fromkeys(streams, writer)}
        # The second listener's line goes to the standard error.
        with serving_with([EZHTTPD, "--listen", "127.0.0.1:0", "--listen", f"unix:{path}", site], path, **how):
            assert answer_at(path) == (200, b"a")
    finally:
        os.close(reader)
        os.close(writer)


def test_a_supervisor_that_is_not_there_does_not_keep_it_from_serving(start, site, tmp_path):
    env = dict(os.environ, NOTIFY_SOCKET=str(tmp_path / "none"))
    server = start([EZHTTPD, "--listen", "127.0.0.1:0", site], env=env)
    assert ask(server, "/a.txt").body == b"a"
    assert server.stop() == 0


def test_a_supervisor_or_requester_that_has_gone_ends_nothing(start, site, free_folder):
    status = free_folder / "status"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(free_folder / "notify"))
        env = dict(os.environ, NOTIFY_SOCKET=str(free_folder / "notify"))
        server = start([EZHTTPD, "--listen", "127.0.0.1:0", "--status", status, site], env=env)
        assert supervisor.recv(99) == b"READY=1"
    for _ in range(3):
        with socket.socket(socket.AF_UNIX) as requester:
            requester.connect(str(status))
            requester.sendall(b"status\n")
    assert ask(server, "/a.txt").body == b"a"
    assert server.stop() == 0


# --- SIGHUP ------------------------------------------------------------------

def test_sighup_is_logged_and_ends_neither_the_server_nor_a_request(ezhttpd, site):
    server = ezhttpd(site).settle()
    with server.hold() as client:
        child, = wait_until(server.clients, what="the child")
        for pid in (server.pid, child, *server.helpers):
            os.kill(pid, signal.SIGHUP)
        line = "ezhttpd: SIGHUP ignored: there is no reload yet, restart\n"
        wait_until(lambda: line in server.stderr(), what="it is in the log")
        client.sendall(b"TP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert split_answer(receive_all(client))[0] == 200
    assert server.stop() == 0
    assert re.search(r"stopped: .* 1 closed$", server.stderr().strip())


def test_sighup_that_was_ignored_at_the_start_stays_ignored(start, site):
    server = start(["nohup", EZHTTPD, "--listen", "127.0.0.1:0", site])
    os.kill(server.pid, signal.SIGHUP)
    assert ask(server, "/a.txt").body == b"a"
    assert server.stop() == 0
    assert "SIGHUP" not in server.stderr()


# --- System calls ------------------------------------------------------------

def refused(*argv, **how):
    """The one sentence of a server that does not start."""
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, timeout=20, **how)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("ezhttpd: ") and done.stderr.count("\n") == 1
    return done.stderr[len("ezhttpd: "):-1]


@pytest.mark.parametrize("error, text", [("ENOSYS", "Function not implemented"), ("EPERM", "Operation not permitted")])
@pytest.mark.parametrize("call", [
    "accept4", "close_range", "dup3", "epoll_wait", "fstat", "getdents64", "getpid", "getppid", "kill", "openat2",
    "poll", "recvfrom", "recvmsg", "sendfile", "sendto", "wait4"])
def test_a_system_call_that_serving_needs_is_named_at_the_start(site, call, error, text):
    """Instead of a server that announces itself and answers nobody."""
    assert refused(*WITHOUT, f"{call}={error}", "--", EZHTTPD, "--jail", "off", "--listen", "127.0.0.1:0", site) == (
        f"system call {call}: {text}: the kernel is too old, or a filter forbids it")


# --- Root in containers ------------------------------------------------------

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be root in a container")


@pytest.fixture
def container(tmp_path):
    """A root directory with the program, what it serves, and nothing else; /tmp for unix sockets."""
    root = tmp_path / "container"
    (root / "site").mkdir(parents=True)
    (root / "site/a.txt").write_text("a")
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o777)
    shutil.copy(EZHTTPD, root / "ezhttpd")
    return root


@AS_ROOT
def test_without_dev_null_it_says_how_to_make_it(container):
    assert refused("chroot", container, "/ezhttpd", "--listen", "127.0.0.1:0", "/site") == (
        "open /dev/null: No such file or directory: the server requires it (mknod -m 666 /dev/null c 1 3)")


@AS_ROOT
def test_without_a_user_nobody_it_becomes_65534(container):
    (container / "dev").mkdir()
    os.mknod(container / "dev/null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    (container / "dev/null").chmod(0o666)
    path = container / "tmp/socket"
    argv = ["chroot", container, "/ezhttpd", "--listen", "unix:/tmp/socket", "--log=off", "/site"]
    for passwd in (None, "root:x:0:0::/:/bin/sh\n"):
        if passwd:
            (container / "etc").mkdir()
            (container / "etc/passwd").write_text(passwd)
        with serving_with(argv, path, stdout=subprocess.DEVNULL) as process:
            assert answer_at(path) == (200, b"a")
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            assert re.search(r"^Uid:\s+65534\s+65534\s", status, re.M) and re.search(r"^Gid:\s+65534\s", status, re.M)
        path.unlink(missing_ok=True)


@AS_ROOT
def test_root_without_capabilities_is_told_which_to_add(site):
    without = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
    assert refused(*without, EZHTTPD, "--listen", "127.0.0.1:0", site) == (
        "change to user nobody: root lacks CAP_SETUID or CAP_SETGID here: "
        "add them, start as an ordinary user, or without a jail")


@AS_ROOT
def test_root_without_capabilities_serves_without_a_jail(start, site):
    server = start(["setpriv", "--bounding-set=-all", "--inh-caps=-all", EZHTTPD, "--jail", "off", "--listen",
                    "127.0.0.1:0", site])
    assert ask(server, "/a.txt").body == b"a"


@pytest.mark.skipif(subprocess.run(["unshare", "-Ur", "true"], capture_output=True).returncode != 0,
                    reason="needs user namespaces")
def test_root_of_a_namespace_with_one_user_is_told_what_to_do(start, site):
    assert refused("unshare", "-Ur", EZHTTPD, "--listen", "127.0.0.1:0", site) == (
        "change to user nobody: Operation not permitted: this user namespace may lack that user; "
        "start as an ordinary user, or without a jail")
    server = start(["unshare", "-Ur", EZHTTPD, "--jail", "off", "--listen", "127.0.0.1:0", site])
    assert ask(server, "/a.txt").body == b"a"


# --- The units ---------------------------------------------------------------

@pytest.mark.parametrize("unit", ["ezhttpd.service", "ezhttpd-socket.service"])
def test_a_unit_has_room_for_each_entry_of_the_table(unit):
    """A killed child is a task until it is collected: there are twice as many entries as places."""
    text = (ROOT / f"systemd/{unit}.in").read_text()
    places = 256
    assert int(re.search(r"^TasksMax=(\d+)$", text, re.M)[1]) >= 2 * places + 16

"""What the end-to-end tests share: programs started for real, on port 0,
and stopped by pid; nothing here sleeps, everything waits for an event."""
import atexit
import contextlib
import ctypes
import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import tempfile
import time

import pytest

CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x00020000, 0x1000, 0x4000, 0x40000


def is_reachable(path):
    """Whether every user can enter the folders that lead to a path."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents])


def reachable(path):
    """The same folder where every user can enter it: several tests become
    another user, who cannot run what lies below /root.  Seen by this process
    and its children alone, and gone with them."""
    if os.geteuid() != 0 or is_reachable(path):
        return path
    place = tempfile.mkdtemp(prefix="tcpserver-clone-")
    os.chmod(place, 0o755)
    atexit.register(os.rmdir, place)
    libc = ctypes.CDLL(None, use_errno=True)
    if (libc.unshare(CLONE_NEWNS) != 0 or libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None) != 0 or
            libc.mount(bytes(path), place.encode(), None, MS_BIND | MS_REC, None) != 0):
        pytest.exit(f"other users cannot enter {path}, and it cannot be mounted elsewhere:"
                    f" {os.strerror(ctypes.get_errno())}; clone into a folder that everybody can enter", 1)
    atexit.register(libc.umount2, place.encode(), 2)
    return pathlib.Path(place)


ROOT = reachable(pathlib.Path(__file__).resolve().parent.parent.parent)
BUILD = pathlib.Path(os.environ.get("TCPSERVER_BUILD", ROOT / "build"))
LIMIT_S = 20.0
# The children that serve no client: the logger.
HELPERS = 1


def children_of(pid):
    """[(pid, state, command)] of the children of `pid`, zombies included."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            text = pathlib.Path(f"/proc/{entry}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        command, rest = re.match(r"\d+ \((.*)\) (.*)", text, re.S).groups()
        fields = rest.split()
        if int(fields[1]) == pid:
            found.append((int(entry), fields[0], command))
    return found


def cpu_s_of(pid):
    """Processor time a process has used itself, without its children."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def descriptors_of(pid):
    """{number: what it is open on} of a process."""
    found = {}
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[int(number)] = os.readlink(f"/proc/{pid}/fd/{number}")
        except FileNotFoundError:
            pass
    return found


def wait_until(question, limit_s=LIMIT_S, what="condition"):
    """Asks until the answer is true; returns it.  The pause between two
    questions is a poll of the outside world, not a guess about its speed."""
    end = time.monotonic() + limit_s
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < end, f"not within {limit_s} s: {what}"
        select.select([], [], [], 0.01)


def writes_a_log(pid):
    """Whether it is set up as a logger: its descriptor 2 alone leads somewhere."""
    try:
        leads = [os.readlink(f"/proc/{pid}/fd/{number}") for number in (0, 1, 2)]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return leads[:2] == ["/dev/null"] * 2 and leads[2] != "/dev/null"


class Program:
    """A server under test.  `argv` must make it take port 0 and print one
    line on stdout when ready, whose last number is the port."""

    def __init__(self, argv, env=None, pass_fds=(), preexec_fn=None, ready=True, cwd=None,
                 stderr=None, ready_s=LIMIT_S):
        self.argv = [str(word) for word in argv]
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            self.argv, stdout=subprocess.PIPE, stderr=stderr or self.log, stdin=subprocess.DEVNULL,
            env=env, pass_fds=pass_fds, preexec_fn=preexec_fn, cwd=cwd)
        self.pid = self.process.pid
        self.helpers = set()
        self.ready_line = ""
        self.port = None
        if ready:
            try:
                self.wait_ready(ready_s)
            except BaseException:
                # Who made it has nothing in hand to end it with.
                self.close()
                raise

    def wait_ready(self, limit_s):
        readable, _, _ = select.select([self.process.stdout], [], [], limit_s)
        self.ready_line = self.process.stdout.readline().decode().strip() if readable else ""
        assert self.ready_line, f"{self.argv[0]} said nothing on stdout; stderr: {self.stderr()}"
        numbers = re.findall(r":(\d+)/?$", self.ready_line) or re.findall(r"\d+", self.ready_line)
        self.port = int(numbers[-1]) if numbers else None

    def stderr(self):
        """All it has written to stderr so far."""
        return os.pread(self.log.fileno(), 1 << 26, 0).decode("utf-8", "backslashreplace")

    def connect(self, source=None, timeout=LIMIT_S, host="127.0.0.1"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        client = socket.socket(family, socket.SOCK_STREAM)
        client.settimeout(timeout)
        if source:
            client.bind((source, 0))
        client.connect((host, self.port))
        return client

    def ask(self, request, **how):
        """Sends bytes, returns all bytes until the server closes."""
        with self.connect(**how) as client:
            client.sendall(request)
            return receive_all(client)

    def children(self):
        return children_of(self.pid)

    def settle(self):
        """Waits for the process that serves no client (the logger), so that
        clients() can tell; to be called before the first client."""
        wait_until(lambda: len(self.children()) == HELPERS, what="the logger runs")
        self.helpers = {pid for pid, _, _ in self.children()}
        return self

    def logger(self):
        """The pid of the helper that has the log as its descriptor 2."""
        return wait_until(lambda: [pid for pid, state, _ in self.children()
                                   if state != "Z" and writes_a_log(pid)], what="a logger")[0]

    def clients(self):
        """[pid] of the children that serve, or served, a client."""
        return [pid for pid, _, _ in self.children() if pid not in self.helpers]

    def hold(self, source=None):
        """A client that holds a child: it has sent half a head."""
        client = self.connect(source=source)
        client.sendall(b"GET / HT")
        return client

    def get(self, path="/", **how):
        """(status, body) of one request on a connection of its own."""
        answer = self.ask(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode(), **how)
        return split_answer(answer)

    def stop(self, sig=signal.SIGTERM, limit_s=LIMIT_S):
        """Ends it; returns the exit status (negative: the signal)."""
        if self.process.poll() is None:
            self.process.send_signal(sig)
            try:
                self.process.wait(limit_s)
            except subprocess.TimeoutExpired:
                self.kill_tree()
                raise
        return self.process.returncode

    def kill_tree(self):
        for pid, _, _ in self.children():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process.poll() is None:
            self.kill_tree()
        self.process.stdout.close()
        self.log.close()


def build_service(name, target, *flags):
    """Builds tests/e2e/NAME.c, somebody else's program, on the installed library."""
    found = subprocess.run(["pkg-config", "--static", "--cflags", "--libs", "tcpserver"], check=True, text=True,
                           stdout=subprocess.PIPE, env=dict(os.environ, PKG_CONFIG_PATH=BUILD / "stage/lib/pkgconfig"))
    subprocess.run(["cc", "-D_GNU_SOURCE", *flags, ROOT / f"tests/e2e/{name}.c", *found.stdout.split(),
                    "-o", target], check=True)
    return target


@contextlib.contextmanager
def open_folder():
    """A folder that everybody can enter, as pytest's cannot: a server that
    root starts becomes nobody."""
    with tempfile.TemporaryDirectory(prefix="tcpserver-test-") as folder:
        os.chmod(folder, 0o755)
        yield pathlib.Path(folder)


def receive_all(client):
    parts = []
    while True:
        parts.append(client.recv(1 << 18))
        if not parts[-1]:
            return b"".join(parts)


def split_answer(answer):
    """(status, body) of all that a server has sent; (0, b"") when it is not
    an answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    match = re.match(rb"HTTP/1\.[01] (\d{3}) ", head)
    return (int(match[1]), body) if match else (0, b"")


@pytest.fixture
def tmp_path():
    with open_folder() as folder:
        yield folder


@pytest.fixture
def free_folder(tmp_path):
    """One in which everybody may make and remove files, as in /tmp: where the
    socket of a server has to be that root starts, if it is to be removed."""
    folder = tmp_path / "free"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


@pytest.fixture
def start():
    """start(argv, ...) -> Program, ended with the test."""
    started = []

    def run(argv, **how):
        program = Program(argv, **how)
        started.append(program)
        return program

    yield run
    for program in started:
        program.close()


@pytest.fixture
def ezhttpd(start):
    """ezhttpd(folder, *options) -> Program on a free port of 127.0.0.1."""
    def run(folder, *options, listen="127.0.0.1:0", **how):
        return start([BUILD / "stage/bin/ezhttpd", "--listen", listen, *options, folder], **how)
    return run

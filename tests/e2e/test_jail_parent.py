"""Whatever a child does with its connection, and whatever its client sends
beside bytes: the parent neither waits nor spins, and nothing stays with it."""
import contextlib
import os
import re
import select
import signal
import socket
import time

import pytest

from conftest import build_service, cpu_s_of, descriptors_of, open_folder, receive_all, wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for a jail with all walls")
ANSWER_S = 1.0
# Little, so that what a child writes soon stays with it.
BUFFER_BYTES = 4096
# As much as a client that goes on sending is heard out: TS_LINGER_BYTES.
HEARD_BYTES = 65536
# What the parent may use in a second in which next to nothing is to be done.
IDLE_CPU_S = 0.1


@pytest.fixture(scope="module")
def misbehaving_service():
    with open_folder() as folder:
        yield build_service("misbehaving_service", folder / "misbehaving_service", "-O1")


@pytest.fixture
def serve(start, misbehaving_service):
    """serve(mode, ...) -> Program, settled."""
    def run(mode, *bounds, address="127.0.0.1:0"):
        program = start([misbehaving_service, mode, address, *bounds]).settle()
        wait_until(lambda: have_settled(program), what="the logger has what it needs")
        return program
    return run


def have_settled(program):
    """The logger has closed what is the parent's."""
    return not [number for pid in program.helpers for number in descriptors_of(pid) if number > 2 and number != 64]


def connect_to(program):
    """A client that has little room for what it does not read."""
    client = socket.socket()
    client.settimeout(20)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    client.connect(("127.0.0.1", program.port))
    return client


def read_line(client):
    line = b""
    while not line.endswith(b"\n"):
        byte = client.recv(1)
        assert byte, f"closed after {line}"
        line += byte
    return line.decode().strip()


def begin(client, deed):
    """Has a child do it; returns the child's pid."""
    client.sendall(f"{deed}\n".encode())
    return int(read_line(client))


def answer_once(program):
    """A client is answered, and soon; any wait on the way is too long."""
    began = time.monotonic()
    assert program.ask(b"answer\n", timeout=ANSWER_S).endswith(b"\nhello\n")
    assert time.monotonic() - began < ANSWER_S


def answer_until(program, question, limit_s=20):
    """Clients are answered all the while until the answer is true, and after."""
    end = time.monotonic() + limit_s
    while not question():
        assert time.monotonic() < end, "it does not come to be"
        answer_once(program)
    answer_once(program)


def is_gone(pid):
    return not os.path.exists(f"/proc/{pid}")


def status(program):
    """{name: value}, as the log says when asked."""
    def reports():
        return program.stderr().split("status: slots ")[1:]
    before = len(reports())
    os.kill(program.pid, signal.SIGUSR1)
    text = wait_until(lambda: len(reports()) > before and "unknown_children" in reports()[-1] and reports()[-1],
                      what="the status")
    return {name: int(value) for name, value in re.findall(r"status: (\w+) (\d+)$", text, re.M)}


def await_forbidden(program, child):
    wait_until(lambda: re.search(rf"child {child} \(.*\) was killed for a system call that its sandbox forbids\n",
                                 program.stderr()), what="why it was killed is logged")


def descriptors(program):
    """Of all that are there for every client."""
    return {pid: descriptors_of(pid) for pid in (program.pid, *program.helpers)}


@contextlib.contextmanager
def as_before(program):
    """Nothing is open, in the end, but what was open before."""
    before = descriptors(program)
    yield
    wait_until(lambda: not program.clients(), what="no child is left")
    wait_until(lambda: descriptors(program) == before, what="all is as it was before")


# --- A connection that lingers ----------------------------------------------

def test_in_the_jail_a_child_that_makes_its_connection_linger_is_killed(serve):
    program = serve("auto")
    with as_before(program), connect_to(program) as client:
        child = begin(client, "linger")
        answer_until(program, lambda: is_gone(child))
        await_forbidden(program, child)


@pytest.mark.parametrize("deed", ["linger", "linger_parked", "linger_reset", "linger_falsely_closed",
                                  "linger_falsely_parked", "linger_crashed", "linger_stay"])
def test_without_a_jail_nobody_waits_for_a_connection_that_lingers(serve, deed):
    program = serve("off", 2000)
    with as_before(program), connect_to(program) as client:
        child = begin(client, deed)
        # When so much was read its child ends, though nothing has arrived.
        client.sendall(bytes(HEARD_BYTES) if deed == "linger" else b"")
        answer_until(program, lambda: is_gone(child))
        if deed.endswith("parked"):
            answer_until(program, lambda: status(program)["parked_expired"] == 1)
        park_and_resume(program)


# --- Descriptors beside the bytes ----------------------------------------------

class Beside:
    """The end of a pipe, sent to a server: who has it can be seen, and that
    nobody has it."""

    def __init__(self):
        self.ours, self.sent = os.pipe()
        self.name = f"pipe:[{os.fstat(self.sent).st_ino}]"

    def send(self, client, line):
        socket.send_fds(client, [line], [self.sent])

    def is_with(self, pid):
        return self.name in descriptors_of(pid).values()

    def is_nowhere(self):
        """Nobody has it but we, not even on its way."""
        if self.sent >= 0:
            os.close(self.sent)
            self.sent = -1
        poll = select.poll()
        poll.register(self.ours, select.POLLIN)
        return poll.poll(0) != []

    def close(self):
        for fd in (self.ours, self.sent):
            if fd >= 0:
                os.close(fd)


@pytest.fixture
def beside():
    made = Beside()
    yield made
    made.close()


@pytest.fixture
def by_path(serve, free_folder):
    """by_path(mode, ...) -> a server on a unix socket, and how to connect to it."""
    def run(mode, *bounds):
        program = serve(mode, *bounds, address=f"unix:{free_folder}/socket")

        def connect():
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(20)
            client.connect(f"{free_folder}/socket")
            return client
        return program, connect
    return run


@pytest.mark.parametrize("deed", ["answer", "stay", "park"])
def test_a_descriptor_beside_the_bytes_that_are_read_is_nobody_s(by_path, beside, deed):
    program, connect = by_path("auto")
    with as_before(program), connect() as client:
        beside.send(client, f"{deed}\n".encode())
        child = int(read_line(client))
        assert not any(map(beside.is_with, (program.pid, *program.helpers)))
        if deed == "stay":
            assert not beside.is_with(child)
        wait_until(beside.is_nowhere, what="it was thrown away")


@pytest.mark.parametrize("deed", ["answer", "stay"])
def test_a_descriptor_beside_bytes_that_are_not_read_goes_with_them(by_path, beside, deed):
    program, connect = by_path("auto")
    with as_before(program):
        with connect() as client:
            child = begin(client, deed)
            with contextlib.suppress(BrokenPipeError):
                beside.send(client, b"?")
            assert not any(map(beside.is_with, (program.pid, *program.helpers)))
            if deed == "stay":
                assert not beside.is_with(child)
        wait_until(beside.is_nowhere, what="it was thrown away")


def test_a_child_that_would_take_a_descriptor_is_killed(by_path, beside):
    program, connect = by_path("auto")
    with as_before(program), connect() as client:
        child = begin(client, "receive")
        beside.send(client, b"?")
        wait_until(lambda: is_gone(child), what="it was killed")
        await_forbidden(program, child)
        wait_until(beside.is_nowhere, what="it was thrown away")
        # Nothing was said of it.
        with contextlib.suppress(ConnectionResetError):
            assert receive_all(client) == b""


def test_without_a_jail_it_would_have_it_until_its_end(by_path, beside):
    program, connect = by_path("off")
    with as_before(program):
        with connect() as client:
            child = begin(client, "receive")
            beside.send(client, b"?")
            assert read_line(client) == "received 1"
            assert beside.is_with(child) and not beside.is_nowhere()
        wait_until(beside.is_nowhere, what="it was closed")


def test_a_descriptor_of_a_client_that_is_refused_is_nobody_s(by_path, beside):
    program, connect = by_path("auto", 60000, 1)
    with as_before(program), connect() as first:
        begin(first, "stay")
        with connect() as refused:
            assert read_line(refused) == "refused"
            beside.send(refused, b"?")
            wait_until(beside.is_nowhere, what="it was thrown away")
            assert not any(map(beside.is_with, (program.pid, *program.helpers)))


# --- A parked connection that somebody else has, too ----------------------------

def park_and_resume(program):
    """Parking works as ever."""
    with connect_to(program) as client:
        child = begin(client, "park")
        wait_until(lambda: is_gone(child), what="it is parked")
        begin(client, "answer")
        assert receive_all(client) == b"hello\n"


def is_kept(pid):
    return re.search(r"socket:", " ".join(descriptors_of(pid).values())) is not None


@pytest.fixture
def park_kept(serve):
    """park_kept(...) -> a server, and a client whose connection is parked
    while a process that is not the server's has it as well."""
    with contextlib.ExitStack() as stack:
        def run(*bounds):
            program = serve("off", *bounds)
            client = stack.enter_context(connect_to(program))
            child = begin(client, "park_kept")
            keeper = int(read_line(client).rpartition(" ")[2])
            stack.callback(os.kill, keeper, signal.SIGKILL)
            wait_until(lambda: status(program)["parked"] == 1, what="it is parked")
            assert is_gone(child) and is_kept(keeper)
            return program, client, keeper
        yield run


def parent_rests(program):
    """Of a second in which little happens it uses next to none."""
    before, end = cpu_s_of(program.pid), time.monotonic() + 1.0
    while time.monotonic() < end:
        answer_once(program)
        select.select([], [], [], 0.1)
    assert cpu_s_of(program.pid) - before < IDLE_CPU_S


def test_the_parent_is_through_with_a_client_that_goes_though_another_has_its_connection(park_kept):
    program, client, keeper = park_kept(60000)
    client.close()
    wait_until(lambda: status(program)["parked_gone"] == 1, what="it is given up")
    assert is_kept(keeper)
    parent_rests(program)
    park_and_resume(program)


def test_the_parent_is_through_with_a_client_whose_time_is_over_though_another_has_its_connection(park_kept):
    program, client, keeper = park_kept(2000)
    wait_until(lambda: status(program)["parked_expired"] == 1, what="it is given up")
    client.sendall(b"?")
    assert is_kept(keeper)
    parent_rests(program)
    park_and_resume(program)


def test_the_parent_is_through_with_a_client_that_speaks_though_another_has_its_connection(park_kept):
    program, client, keeper = park_kept(60000)
    begin(client, "stay")
    client.sendall(b"?")
    wait_until(lambda: status(program)["resumed"] == 1, what="it is through")
    assert is_kept(keeper)
    parent_rests(program)
    park_and_resume(program)

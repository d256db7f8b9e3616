"""No client can keep the service from another, and none holds it for ever."""
import contextlib
import os
import pathlib
import select
import socket
import subprocess
import time

import pytest

from conftest import BUILD, LIMIT_S, build_service, descriptors_of, receive_all, split_answer, wait_until

ATTACKER = BUILD / "lab/attack/attacker"
PROBE = BUILD / "lab/attack/probe"
PAGE = b"a page of the test's own\n"
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
SLOTS = 8
ATTACKED = "127.0.8.1"
ELSEWHERE = "127.0.9.1"
AT_ONCE_S = 1.0
# How late a deadline may be kept.
LATE_S = 0.5
# What the rates give to begin with.
CREDIT_S = 5.0
HELD = "idle,slow-head,slow-body,slow-read,zero-window,keep-alive"


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_bytes(PAGE)
    for name in ("medium", "large"):
        with open(folder / name, "wb") as file:
            file.truncate(8 << 20)
    return folder


@pytest.fixture
def server(ezhttpd, site):
    """server(*options) -> ezhttpd with few slots, its logger known."""
    def run(*options):
        return ezhttpd(site, "--log=off", "--max-connections", str(SLOTS), *options).settle()
    return run


@pytest.fixture
def held():
    """held(program, sources) -> clients that hold a child each, one from each
    source; closed with the test."""
    with contextlib.ExitStack() as stack:
        def run(program, sources):
            return [stack.enter_context(program.hold(source=source)) for source in sources]
        yield run


def is_served(program, source):
    return program.get(source=source, timeout=AT_ONCE_S) == (200, PAGE)


def settle(program, clients):
    """Waits until every slot is held, or every client has a child."""
    wait_until(lambda: len(program.clients()) >= min(len(clients), SLOTS), what="a child in every slot")


# what holds every slot: from which sources
HOLDERS = {
    "one address, as many as the slots": [ATTACKED] * SLOTS,
    "one address, many more than the slots": [ATTACKED] * 10 * SLOTS,
    "all of one /24": [f"127.0.8.{1 + i % 4}" for i in range(SLOTS)],
    "many of one /24": [f"127.0.8.{1 + i}" for i in range(6 * SLOTS)],
    "four addresses of four /24": [f"127.0.{10 + i % 4}.1" for i in range(SLOTS)],
    "one address of each /24 of another /16": [f"127.7.{i}.1" for i in range(3 * SLOTS)],
}


@pytest.mark.parametrize("name", HOLDERS)
def test_a_newcomer_from_elsewhere_is_served_at_once(server, held, name):
    program = server()
    settle(program, held(program, HOLDERS[name]))
    # Each from an address of its own: who comes back at once is still
    # counted with the child that has just served it.
    for number in range(3 * SLOTS):
        assert is_served(program, f"127.0.9.{1 + number}")


def test_a_client_at_the_address_of_an_attacker_is_served(server, held):
    program = server()
    held(program, [ATTACKED] * SLOTS)
    for _ in range(3):
        # Not at once: the look that shows that the others lag is a second away.
        assert program.get(source=ATTACKED) == (200, PAGE)
        held(program, [ATTACKED])


def test_the_stalest_connection_of_the_heaviest_source_goes(server, held):
    program = server()
    light = held(program, ["127.0.10.1", "127.0.11.1"])
    heavy = held(program, [ATTACKED] * (SLOTS - 2))
    settle(program, light + heavy)
    # There is one spare slot, and nobody is cut for that.
    light += held(program, ["127.0.12.1"])
    wait_until(lambda: len(program.clients()) == SLOTS + 1, what="a child in the spare slot")
    assert select.select(light + heavy, [], [], 0)[0] == []
    assert is_served(program, ELSEWHERE)
    closed, _, _ = select.select(light + heavy, [], [], AT_ONCE_S)
    assert closed == [heavy[0]]
    assert f"reset {ATTACKED}: its slot was given to a newcomer, {ELSEWHERE}\n" in program.stderr()


def test_who_holds_as_few_as_anybody_is_not_cut_for_a_newcomer(server, held):
    program = server("--wait", "1")
    clients = held(program, [f"127.0.{10 + i}.1" for i in range(SLOTS)])
    settle(program, clients)
    with program.connect(source=ELSEWHERE) as client:
        client.sendall(REQUEST)
        # A reset would be an error here, not an end.
        answer = receive_all(client)
    assert split_answer(answer)[0] == 503
    assert b"\r\nRetry-After: " in answer
    assert select.select(clients, [], [], 0)[0] == []


def test_with_free_slots_no_download_of_one_address_is_cut_or_refused(ezhttpd, site):
    """As a download manager or an office makes them: 70 at a time, each slower
    than the server could send."""
    count, share = 70, 1 << 16
    content = b"x" * (4 * share)
    (site / "paced").write_bytes(content)
    program = ezhttpd(site, "--log=off", "--max-connections", "256").settle()
    request = b"GET /paced HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(socket.socket()) for _ in range(count)]
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(LIMIT_S)
            client.bind((ATTACKED, 0))
            client.connect(("127.0.0.1", program.port))
            client.sendall(request)
        wait_until(lambda: len(program.clients()) == count, what="a child for each")
        answers = [b""] * count
        end = time.monotonic() + 4
        while time.monotonic() < end:
            # 20,000 bytes a second for each.
            for number, client in enumerate(clients):
                answers[number] += client.recv(4096)
            select.select([], [], [], 0.2)
        for number, client in enumerate(clients):
            assert split_answer(answers[number] + receive_all(client)) == (200, content)
    assert "reset" not in program.stderr() and "refused " not in program.stderr()
    assert program.stop() == 0
    assert "70 accepted, 0 refused, 70 closed" in program.stderr()


def orphans_of(port):
    """Connections of a port that no process holds, and that are not over."""
    lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
    fields = [line.split() for line in lines]
    return [words for words in fields
            if words[1].endswith(f":{port:04X}") and words[3] in ("04", "05", "09", "0B") and words[9] == "0"]


def test_a_connection_that_is_sent_away_leaves_nothing_in_the_kernel(server):
    program = server()
    with contextlib.ExitStack() as stack:
        for _ in range(SLOTS):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
            client.settimeout(AT_ONCE_S)
            client.bind((ATTACKED, 0))
            client.connect(("127.0.0.1", program.port))
            client.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
            # There is more to come than the window takes.
            assert client.recv(1, socket.MSG_PEEK)
        wait_until(lambda: len(program.clients()) == SLOTS, what="the children")
        for _ in range(SLOTS):
            with stack.enter_context(program.hold(source=ELSEWHERE)):
                assert orphans_of(program.port) == []
        assert is_served(program, ELSEWHERE)
        assert orphans_of(program.port) == []


# kinds of attackers, how many, their sources, the honest client's source, the
# least share of its requests that are answered
ATTACKS = {
    "every kind of holding, one address": (HELD, 500, ATTACKED, ELSEWHERE, 1.0),
    "slow heads, addresses of one /24": ("slow-head", 500, "127.0.8.1,200,1", ELSEWHERE, 1.0),
    "slow heads, four addresses of four /24": ("slow-head", 200, "127.8.0.1,4,256", ELSEWHERE, 1.0),
    "connections that are reset": ("connect-reset", 500, ATTACKED, ELSEWHERE, 1.0),
}


def probe(port, source, milliseconds):
    said = subprocess.run([PROBE, "-s", source, "-t", str(milliseconds), str(port)], check=True, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=30).stdout
    return [line.split(None, 2)[2] for line in said.splitlines()]


@pytest.mark.parametrize("name", ATTACKS)
def test_honest_clients_are_served_under_attack_and_nothing_stays(server, name):
    kinds, connections, sources, honest, least_share = ATTACKS[name]
    program = server("--max-connections", "32")
    assert is_served(program, ELSEWHERE)
    wait_until(lambda: not program.clients(), what="the first child is collected")
    descriptors = sorted(descriptors_of(program.pid))
    with subprocess.Popen([ATTACKER, "-n", str(connections), "-r", "500", "-t", "10000", "-s", sources, kinds,
                           str(program.port)], stdout=subprocess.PIPE, text=True) as attacker:
        # It has opened all that it may by its first word.
        assert attacker.stdout.readline()
        answers = probe(program.port, honest, 3000)
        attacker.terminate()
    wait_until(lambda: not program.clients(), limit_s=2, what="every child is collected")
    wait_until(lambda: sorted(descriptors_of(program.pid)) == descriptors, limit_s=2,
               what="every descriptor is closed")
    assert len(answers) == 60
    assert answers.count("ok") >= least_share * len(answers), answers
    assert program.stop() == 0


@pytest.fixture(scope="module")
def plain_service(tmp_path_factory):
    """A program of somebody else's, built on the installed library."""
    return build_service("plain_service", tmp_path_factory.mktemp("service") / "plain_service")


@pytest.fixture
def service(start, plain_service):
    """service(manner, *bounds) -> plain_service, its logger known."""
    return lambda *words: start([plain_service, *words]).settle()


def seconds_until_cut(program, client, limit_s, act=lambda: None):
    """From now until the connection of `client` is no more, and its child
    neither; meanwhile it acts ten times a second."""
    begin = time.monotonic()
    poll = select.poll()
    poll.register(client, select.POLLRDHUP)
    while not poll.poll(100):
        assert time.monotonic() - begin < limit_s, "the connection is still there"
        with contextlib.suppress(OSError):
            act()
    took = time.monotonic() - begin
    wait_until(lambda: not program.clients(), limit_s=LATE_S, what="the child is collected")
    return took


# The kernel may hold a silent connection back before the server sees it.
HELD_BACK_S = 2.0


def test_a_first_byte_that_never_comes_ends_a_connection(service):
    program = service("mute", "first_byte_ms=1000", "idle_ms=60000")
    with program.connect() as client:
        assert 1.0 <= seconds_until_cut(program, client, 1 + HELD_BACK_S + LATE_S)


def test_a_first_byte_is_not_asked_for_where_the_service_speaks_first(service):
    program = service("listening", "idle_ms=60000")
    with program.connect() as client:
        assert client.recv(100) == b"hello\n"
        client.settimeout(2)
        with pytest.raises(TimeoutError):
            client.recv(1)


def test_a_connection_on_which_nothing_moves_is_ended(service):
    program = service("listening", "idle_ms=1000")
    with program.connect() as client:
        assert client.recv(100) == b"hello\n"
        assert 0.9 <= seconds_until_cut(program, client, 1 + LATE_S)


def test_a_connection_on_which_something_moves_is_not_idle(service):
    program = service("listening", "idle_ms=1000")
    with program.connect() as client:
        end = time.monotonic() + 3
        while time.monotonic() < end:
            client.sendall(b"x" * 500)
            assert not select.select([client], [], [], 0.5)[0] or client.recv(100) == b"hello\n"
        assert program.clients()


def test_bytes_that_trickle_in_too_slowly_end_a_connection(service):
    program = service("mute", "idle_ms=60000")
    with program.connect() as client:
        took = seconds_until_cut(program, client, CREDIT_S + 2 * LATE_S, lambda: client.send(b"x"))
        assert CREDIT_S - 0.1 <= took


@pytest.mark.parametrize("bytes_read", [0, 10])
def test_a_window_that_hardly_opens_ends_a_connection_and_leaves_no_orphan(service, bytes_read):
    # At this rate the little that fits in the window earns nothing.
    program = service("talking", "idle_ms=60000", "least_rate_bytes_per_s=100000")
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
        client.settimeout(AT_ONCE_S)
        client.connect(("127.0.0.1", program.port))
        took = seconds_until_cut(program, client, CREDIT_S + 2 * LATE_S,
                                 lambda: bytes_read and client.recv(bytes_read))
        assert CREDIT_S - 0.1 <= took
        assert orphans_of(program.port) == []


@pytest.mark.parametrize("bound", ["idle_ms", "lifetime_ms"])
@pytest.mark.parametrize("manner", ["stopped", "looping"])
def test_a_child_that_does_not_listen_to_anybody_is_dead_by_its_deadline(service, manner, bound):
    program = service(manner, f"{bound}=1000")
    with program.connect() as client:
        begin = time.monotonic()
        wait_until(program.clients, what="the child")
        wait_until(lambda: not program.clients(), limit_s=1 + LATE_S, what="the child is dead and collected")
        assert 0.9 <= time.monotonic() - begin


def test_a_request_that_is_not_answered_has_four_times_the_idle_time(service):
    program = service("pondering", "idle_ms=500")
    with program.connect() as client:
        client.sendall(b"x" * 5000)
        assert 1.9 <= seconds_until_cut(program, client, 2 + 2 * LATE_S)
    assert "the service has not answered, its storage may hang" in program.stderr()


def test_a_child_that_only_uses_the_processor_is_ended(service):
    program = service("looping", "cpu_s=1", "idle_ms=60000")
    with program.connect() as client:
        assert 0.9 <= seconds_until_cut(program, client, 4)
    assert "its child used too much processor time" in program.stderr()


def test_a_client_earns_processor_time_by_what_it_takes(service):
    program = service("toiling", "cpu_s=1")
    with program.connect() as client:
        pid, = wait_until(program.clients, what="the child")
        used = 0
        while used < 3:
            assert client.recv(1 << 20)
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
            used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        assert program.clients() == [pid]

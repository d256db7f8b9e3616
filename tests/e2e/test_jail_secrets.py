"""What one client has sent is nowhere when the next is served; and what a
server has started does not outlive it."""
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

from conftest import HELPERS, build_service, wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to read the memory of others")
CLIENTS = 1000
# Of so many, one is parked, and of these every other one speaks again.
PARKED_OF = 5
MARKER = re.compile(rb"secret-(?:own|[0-9]{3})-[0-9]{21}")
TOGETHER_S = 1.0


def marker(number):
    """32 bytes that are nowhere else."""
    word = b"secret-%03d-" % number if isinstance(number, int) else b"secret-own-"
    return word + b"%021d" % (os.getpid() * 1000003)


def markers_in(pid):
    """All markers in all of its memory that can be read."""
    found = set()
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
            begin, end, rights = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
            if "r" not in rights or "[v" in line:
                continue
            found.update(MARKER.findall(os.pread(memory.fileno(), int(end, 16) - int(begin, 16), int(begin, 16))))
    return found


class Web:
    """Markers in a request to ezhttpd."""

    def __init__(self, ezhttpd, folder):
        self.program = ezhttpd(folder, "--max-per-source=none").settle()

    # Whether a handler leaves its client's last word with a parked connection.
    keeps_last_word = False

    def request(self, secret):
        return (b"GET /%b?%b HTTP/1.1\r\nHost: localhost\r\nCookie: %b\r\n\r\n" % (secret, secret, secret))

    def part(self, secret):
        """Of which a child has to keep all, since more is to come."""
        return self.request(secret)[:-2]


class Lines:
    """Markers in lines that are left with the parked connection."""

    def __init__(self, start, folder):
        self.program = start([build_service("parking_service", folder / "parking_service")]).settle()

    keeps_last_word = True

    def request(self, secret):
        return secret + b"\n"

    def part(self, secret):
        return secret


@pytest.fixture(params=["web", "lines"])
def service(request, ezhttpd, start, tmp_path):
    return Web(ezhttpd, tmp_path) if request.param == "web" else Lines(start, tmp_path)


def test_a_service_binds_all_names_at_its_start(tmp_path):
    """What binds them late saves registers, and what is in them, to the stack."""
    program = build_service("parking_service", tmp_path / "parking_service")
    flags = subprocess.run(["readelf", "-d", program], check=True, capture_output=True, text=True).stdout
    assert "BIND_NOW" in flags or "NOW" in flags.split()


def say(service, client, number):
    client.sendall(service.request(marker(number)))
    assert client.recv(65536)


def test_no_client_finds_what_another_has_sent(service):
    program, parked = service.program, []
    for number in range(CLIENTS):
        client = program.connect()
        say(service, client, number)
        if number % PARKED_OF == 0:
            parked.append((number, client))
        else:
            client.close()
    for number, client in parked[::2]:
        say(service, client, number)
    wait_until(lambda: not program.clients(), what="all have ended or are parked")
    # The parent keeps what was left with those that are parked, for them alone.
    kept = {marker(number) for number, _ in parked} if service.keeps_last_word else set()
    assert markers_in(program.pid) == kept
    with program.connect() as client:
        client.sendall(service.part(marker("own")))
        child, = wait_until(program.clients, what="a fresh child")
        # That its own is found shows that others would be.
        wait_until(lambda: marker("own") in markers_in(child), what="it has read")
        assert markers_in(child) == {marker("own")}
        assert markers_in(program.pid) == kept
    for _, client in parked:
        client.close()
    wait_until(lambda: markers_in(program.pid) <= {marker("own")}, what="nothing is kept of those that have gone")


def test_a_killed_parent_takes_all_its_processes_along(service):
    program = service.program
    with contextlib.ExitStack() as stack:
        parked = stack.enter_context(program.connect())
        say(service, parked, 1)
        wait_until(lambda: not program.clients(), what="it is parked")
        for number in range(8):
            stack.enter_context(program.connect()).sendall(service.part(marker(number)))
        wait_until(lambda: len(program.clients()) == 8, what="their children")
        family = {pid for pid, _, _ in program.children()}
        assert len(family) == HELPERS + 8
        begin = time.monotonic()
        os.kill(program.pid, signal.SIGKILL)
        program.process.wait(20)
        wait_until(lambda: not any(is_running(pid) for pid in family), what="all have ended")
        assert time.monotonic() - begin < TOGETHER_S


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False

"""The start: what the machine lacks is named, and what can be done without is."""
import sys

import pytest

from conftest import BUILD, ROOT, build_service, wait_until
from strict import ask

EZHTTPD = BUILD / "stage/bin/ezhttpd"
WITHOUT = [sys.executable, ROOT / "tests/e2e/without.py"]
JAILS = ["auto", "off"]


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    return folder


@pytest.mark.parametrize("jail", JAILS)
def test_without_sock_diag_it_serves_and_logs_that_once(start, site, jail):
    server = start([*WITHOUT, "sock_diag", "--", EZHTTPD, "--jail", jail, "--listen", "127.0.0.1:0", site]).settle()
    for _ in range(2):
        assert ask(server, "/a.txt").body == b"a"
    line = ("ezhttpd: sock_diag: Address family not supported by protocol: connections are not judged from "
            "outside, only handlers' own deadlines hold\n")
    wait_until(lambda: line in server.stderr(), what="it is in the log")
    server.stop()
    assert server.stderr().count("sock_diag") == 1


def test_without_sock_diag_no_client_is_cut_for_being_idle(start, tmp_path):
    """Only the end of its life ends it, which needs no figures."""
    service = build_service("plain_service", tmp_path / "service")
    words = [service, "mute", "idle_ms=100", "lifetime_ms=1000"]
    ends = []
    for argv in (words, [*WITHOUT, "sock_diag", "--", *words]):
        server = start(argv)
        with server.connect() as client, pytest.raises(ConnectionResetError):
            client.recv(1)
        server.stop()
        ends.append(server.stderr().splitlines()[-1].rpartition(", ")[2])
    assert ends == ["1 idle", "1 lifetime"]

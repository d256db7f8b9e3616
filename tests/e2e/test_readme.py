"""What the README shows is true: its service compiles as it says, and serves."""
import os
import re
import socket
import subprocess

import pytest

from conftest import BUILD, ROOT, receive_all, wait_until


def blocks(name, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / name).read_text(), re.M | re.S)


@pytest.fixture
def greet(tmp_path):
    """greet(address) -> the service of the README, made to listen there."""
    service, = blocks("README.md", "c")
    command, = re.findall(r"^cc .*$", "".join(blocks("README.md", "sh")), re.M)
    (tmp_path / "build").symlink_to(BUILD)

    def make(address):
        assert service.count('"*:7777"') == 1
        (tmp_path / "greet.c").write_text(service.replace("*:7777", address))
        subprocess.run(["/bin/sh", "-ec", command], cwd=tmp_path, check=True, timeout=60)
        return tmp_path / "greet"
    return make


def connected(path):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(20)
    try:
        client.connect(str(path))
    except (FileNotFoundError, ConnectionRefusedError):
        client.close()
        return None
    return client


def test_the_service_in_ten_lines_greets(greet, start, tmp_path):
    path = tmp_path / "socket"
    program = start([greet(f"unix:{path}")], ready=False)
    with wait_until(lambda: connected(path), what="the service listens") as client:
        assert receive_all(client) == f"hello uid {os.getuid()}\n".encode()
    assert program.stop() == 0


def test_the_service_in_ten_lines_says_why_it_cannot_listen(greet):
    done = subprocess.run([greet("foo")], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert done.stderr == "listen foo: not an address (names are not looked up)\n"


def test_both_readmes_show_the_same_service():
    for language in ("c", "sh"):
        # What follows a # is in the language of the page.
        english, japanese = (re.sub(r" *#(?!include).*", "", "".join(blocks(name, language)))
                             for name in ("README.md", "README.ja.md"))
        assert english == japanese

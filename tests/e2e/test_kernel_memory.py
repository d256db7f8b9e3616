"""What the kernel keeps for a client is bounded, whatever it asks and does not read."""
import contextlib
import re
import shutil
import socket
import subprocess

import pytest

from conftest import wait_until

CLIENTS = 20
MOST_BYTES = 64 << 10
# Answers are kept each by itself, with the kernel's own share for each.
MOST_BYTES_IN_PIECES = 80 << 10
SMALL_BUFFER = 2304
# Before the least rate ends any of them.
SETTLED_S = 3.0
GET = b"GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def server(ezhttpd, tmp_path):
    (tmp_path / "page").write_bytes(b"x" * 8192)
    with open(tmp_path / "large", "wb") as file:
        file.truncate(100 << 20)
    return ezhttpd(tmp_path, "--log=off", "--max-per-source=none")


def kept_bytes(port):
    """[what the kernel keeps] for each connection of a server: both queues,
    and what it has ready for them."""
    said = subprocess.run(["ss", "-tnmOH", "state", "connected", "sport", "=", f":{port}"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    kept = []
    for line in said.splitlines():
        memory = {name: int(n) for name, n in re.findall(r"\b([rwf])(\d+)", line.partition("skmem:")[2])}
        kept.append(memory["r"] + memory["w"] + memory["f"])
    return kept


def send_all_that_fits(client, words):
    client.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        for _ in range(100_000):
            client.send(words)


def all_hold_little(port, most_bytes):
    kept = kept_bytes(port)
    return len(kept) == CLIENTS and min(kept) > SMALL_BUFFER and max(kept) <= most_bytes


@pytest.mark.skipif(not shutil.which("ss"), reason="needs ss")
@pytest.mark.parametrize("path, is_said_on_and_on, receive_bytes", [
    (b"large", False, SMALL_BUFFER),
    (b"large", False, None),
    (b"page", True, SMALL_BUFFER),
    (b"page", True, None),
])
def test_a_client_that_does_not_read_costs_little_in_the_kernel(server, path, is_said_on_and_on, receive_bytes):
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(socket.socket()) for _ in range(CLIENTS)]
        for client in clients:
            if receive_bytes:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
            client.connect(("127.0.0.1", server.port))
            client.sendall(GET % path)
        if is_said_on_and_on:
            for client in clients:
                send_all_that_fits(client, GET % path * 100)
        # What is on its way arrives, and is acknowledged; then nothing moves any more.
        most_bytes = MOST_BYTES_IN_PIECES if is_said_on_and_on else MOST_BYTES
        wait_until(lambda: all_hold_little(server.port, most_bytes), limit_s=SETTLED_S, what="no client costs more")

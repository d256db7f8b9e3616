"""What a head costs: twice the bytes, at most about twice the instructions."""
import re
import shutil
import subprocess

import pytest

from conftest import ROOT
from strict import HOST

VALGRIND = shutil.which("valgrind")
pytestmark = pytest.mark.skipif(VALGRIND is None, reason="needs valgrind")

SOURCES = ("common/date", "common/slice", "ezhttpd/http/accept", "ezhttpd/http/authority", "ezhttpd/http/coding",
           "ezhttpd/http/conditional", "ezhttpd/http/etag", "ezhttpd/http/field", "ezhttpd/http/parser",
           "ezhttpd/http/quality", "ezhttpd/http/range", "ezhttpd/http/request_line", "ezhttpd/http/url_path")
GET = b"GET / HTTP/1.1\r\n" + HOST
# Twice as much, and a little for what is counted but once.
MOST = 2.2


def steps(n):
    """The numbers of so many ranges, 100 bytes apart, as n bytes have room for."""
    return range(100000, 100000 + n // 14 * 100, 100)


# name: the head with n bytes of what a stranger may make long.
HEADS = {
    "path": lambda n: b"GET /" + b"a" * n + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "slashes": lambda n: b"GET " + b"/" * n + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "dot segments": lambda n: b"GET " + b"/a/.." * (n // 5) + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "up and down": lambda n: b"GET /" + b"a/" * (n // 5) + b"../" * (n // 5) + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "percent": lambda n: b"GET /" + b"%61" * (n // 3) + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "query": lambda n: b"GET /?" + b"?" * n + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "value": lambda n: GET + b"X: " + b"a" * n + b"\r\n\r\n",
    "blanks": lambda n: GET + b"X:" + b" \t" * (n // 2) + b"\r\n\r\n",
    "name": lambda n: GET + b"X" * n + b": y\r\n\r\n",
    "host": lambda n: b"GET / HTTP/1.1\r\nHost: " + b"a" * n + b"\r\n\r\n",
    "port": lambda n: b"GET / HTTP/1.1\r\nHost: a:" + b"0" * n + b"\r\n\r\n",
    "connection": lambda n: GET + b"Connection: " + b"," * n + b"\r\n\r\n",
    "ranges": lambda n: GET + b"Range: bytes=" + b"5-," * (n // 3) + b"5-\r\n\r\n",
    "ranges apart": lambda n: GET + b"Range: bytes=" + b",".join(b"%d-" % i for i in steps(n)) + b"\r\n\r\n",
    "ranges apart, backwards": lambda n:
        GET + b"Range: bytes=" + b",".join(b"%d-%d" % (i, i) for i in reversed(steps(n))) + b"\r\n\r\n",
    "empty ranges": lambda n: GET + b"Range: bytes=" + b"," * n + b"\r\n\r\n",
    "digits": lambda n: GET + b"Range: bytes=" + b"0" * n + b"-\r\n\r\n",
    "tags": lambda n: GET + b"If-None-Match: " + b'"",' * (n // 3) + b"\r\n\r\n",
    "a long tag": lambda n: GET + b'If-Match: "' + b"x" * n + b'"\r\n\r\n',
    "commas": lambda n: GET + b"If-Match: " + b" ,\t" * (n // 3) + b"\r\n\r\n",
    "codings": lambda n: GET + b"Accept-Encoding: " + b"br;q=0.5," * (n // 9) + b"\r\n\r\n",
    "semicolons": lambda n: GET + b"Accept-Encoding: br" + b";" * n + b"\r\n\r\n",
    "media ranges": lambda n: GET + b"Accept: " + b"text/html;q=0.5," * (n // 16) + b"\r\n\r\n",
    "parameters": lambda n: GET + b"Accept: a/b" + b';a="\\""' * (n // 7) + b"\r\n\r\n",
    "lines of one list": lambda n: GET + b'If-None-Match: "a"\r\n' * (n // 112) + b"\r\n",
    "fields": lambda n: GET + b"X: y\r\n" * (n // 112) + b"\r\n",
}


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    target = tmp_path_factory.mktemp("cost") / "head_cost"
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-I", ROOT, "-I", ROOT / "ezhttpd",
                    ROOT / "tests/e2e/head_cost.c",
                    *(ROOT / f"{name}.c" for name in SOURCES), "-o", target], check=True, timeout=60)
    return target


def cost_of(program, head, step, tmp_path):
    """Instructions of reading that head, in pieces of `step` bytes."""
    done = subprocess.run(
        [VALGRIND, "--tool=callgrind", "--toggle-collect=read_head*", f"--callgrind-out-file={tmp_path}/out", program,
         str(step)], input=head, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return int(re.search(rb"Collected : (\d+)", done.stderr)[1])


@pytest.mark.parametrize("name", HEADS)
def test_a_head_of_twice_the_bytes_costs_at_most_about_twice_as_much(program, name, tmp_path):
    make, step = HEADS[name], 1 << 20
    one, two = (cost_of(program, make(n), step, tmp_path) for n in (3500, 7000))
    assert one > 1000 and two <= MOST * one, f"{two} / {one}"


@pytest.mark.parametrize("name", ["path", "value", "name", "fields", "tags"])
def test_a_head_that_comes_byte_by_byte_costs_as_little_again(program, name, tmp_path):
    make = HEADS[name]
    one, two = (cost_of(program, make(n), 1, tmp_path) for n in (3500, 7000))
    assert one > 1000 and two <= MOST * one, f"{two} / {one}"

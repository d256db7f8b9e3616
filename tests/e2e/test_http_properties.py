"""Whatever is sent is answered well formed, or refused and closed: requests
made up at random, some of them broken, checked by a strict client."""
import socket

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from conftest import BUILD, Program, receive_all, open_folder
from strict import take_answer

CHECKS = settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
REFUSALS = {400, 403, 404, 405, 408, 411, 412, 413, 414, 416, 417, 421, 431, 501, 505}
SERVED = {200, 206, 301, 304}
METHODS = [b"GET", b"GET", b"GET", b"HEAD", b"OPTIONS", b"POST", b"CONNECT", b"TRACE", b"FOO", b"get"]

words = st.binary(max_size=6)
methods = st.one_of(st.sampled_from(METHODS), words)
segments = st.sampled_from([b"a.txt", b"sub", b"..", b".", b"", b"%2e%2e", b"%2f", b"%00", b"%", b".git", b"x", b"\\",
                            b"a%2Etxt", b"\xc3\xa4", b"%c3%a4"])
paths = st.lists(segments, max_size=5).map(lambda parts: b"/" + b"/".join(parts))
targets = st.one_of(paths, st.builds(lambda path, query: path + b"?" + query, paths, words),
                    st.sampled_from([b"*", b"http://localhost/a.txt", b"http://other/", b"localhost:80", b"a.txt"]),
                    words)
versions = st.sampled_from([b"HTTP/1.1"] * 6 + [b"HTTP/1.0", b"HTTP/2.0", b"HTTP/1.10", b"http/1.1", b""])
values = st.one_of(words, st.sampled_from([
    b"localhost", b"a, b", b"0", b"5", b"00", b"chunked", b"close", b"keep-alive", b"100-continue", b"bytes=0-1",
    b"bytes=0-1,-1,3-4", b"bytes=99-", b"gzip, br;q=0.5", b"application/json, */*;q=0.1", b'"x", W/"y"', b"*", b"h2c",
    b"Sun, 06 Nov 1994 08:49:37 GMT"]))
names = st.one_of(words, st.sampled_from([
    b"Host", b"Content-Length", b"Transfer-Encoding", b"Connection", b"Expect", b"Range", b"If-Range", b"If-Match",
    b"If-None-Match", b"If-Modified-Since", b"If-Unmodified-Since", b"Accept-Encoding", b"Accept", b"Upgrade", b"X",
    b"Content_Length", b"Host "]))
colons = st.sampled_from([b": "] * 6 + [b":", b" :", b"", b":\t"])
ends = st.sampled_from([b"\r\n"] * 30 + [b"\n", b"\r", b"\r\n ", b"\r\r\n"])
fields = st.lists(st.builds(lambda *parts: b"".join(parts), names, colons, values, ends), max_size=5)


@st.composite
def requests(draw):
    """A head that is right in most of its parts."""
    space = draw(st.sampled_from([b" "] * 20 + [b"  ", b"\t", b""]))
    line = draw(methods) + space + draw(targets) + space + draw(versions) + draw(ends)
    host = draw(st.sampled_from([b"Host: localhost\r\n"] * 8 + [b""]))
    return line + host + b"".join(draw(fields)) + draw(ends)


@pytest.fixture(scope="module")
def server():
    with open_folder() as folder:
        yield from serve(folder)


def serve(folder):
    (folder / "sub").mkdir()
    (folder / ".git").mkdir()
    (folder / "a.txt").write_text("a text\n")
    (folder / "a.txt.gz").write_text("in gz")
    program = Program([BUILD / "stage/bin/ezhttpd", "--listen", "127.0.0.1:0", "--max-per-source=none", "--log=off",
                       folder])
    yield program
    assert program.stop() == 0
    assert "crash" not in program.stderr() and "signal" not in program.stderr()
    program.close()


def converse(server, data):
    """All that the server says to these bytes, and nothing behind them."""
    with server.connect() as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        return receive_all(client)


def method_of(request):
    method = request.removeprefix(b"\r\n").partition(b" ")[0]
    return method if method in (b"HEAD", b"CONNECT") else b"GET"


def answers_to(said, sent):
    """Takes apart what was said to the requests in `sent`: at most an answer
    for each, the last of them perhaps a refusal."""
    statuses, closed = [], False
    for request in sent:
        if not said:
            break
        assert not closed, "an answer behind the last one"
        method = method_of(request)
        if method == b"CONNECT" or b"\x00" in method:
            method = b"GET"
        answer, said = take_answer(said, method)
        assert answer.status in SERVED | REFUSALS
        statuses.append(answer.status)
        closed = answer.fields.get("connection") == "close"
    return statuses, closed, said


@CHECKS
@given(data=st.binary(min_size=1, max_size=200))
@example(b"\x16\x03\x01\x02\x00")
@example(b"GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r")
def test_bytes_are_refused_or_waited_for(server, data):
    said = converse(server, data)
    if said:
        statuses, closed, rest = answers_to(said, [data])
        assert rest == b"" and (closed or statuses[0] in SERVED | REFUSALS)


@CHECKS
@given(request=requests())
def test_a_request_is_answered_well_formed_or_refused(server, request):
    said = converse(server, request)
    if not said:
        # Half a head, and the end: there is nothing to say.
        assert b"\r\n\r\n" not in request.removeprefix(b"\r\n")
        return
    _, closed, rest = answers_to(said, [request])
    # One that goes on may hold more than one request; what is refused does not.
    assert rest == b"" or not closed


GOOD = b"GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"


@CHECKS
@given(request=requests(), before=st.integers(0, 3))
def test_what_is_wrong_ends_what_is_pipelined(server, request, before):
    said = converse(server, GOOD * before + request + GOOD)
    statuses, closed, rest = answers_to(said, [GOOD] * before + [request])
    assert statuses[:before] == [200] * before
    if closed:
        assert rest == b"", "a request behind a refusal was answered"


@CHECKS
@given(request=requests(), cuts=st.lists(st.integers(1, 60), max_size=4))
def test_how_a_request_is_cut_changes_nothing(server, request, cuts):
    whole = converse(server, request)
    with server.connect() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        rest = request
        try:
            for cut in cuts:
                client.sendall(rest[:cut])
                rest = rest[cut:]
            client.sendall(rest)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            # It was refused before its end.
            pass
        try:
            dripped = receive_all(client)
        except ConnectionResetError:
            return
    assert dripped.split(b"\r\n")[0] == whole.split(b"\r\n")[0]

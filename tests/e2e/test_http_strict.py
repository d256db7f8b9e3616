"""Requests that are not what they should be: one payload, one answer."""
import urllib.parse

import pytest

from strict import HOST, METHODS, ask, receive_answer, take_answer

GET = b"GET / HTTP/1.1\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n"
NAME = "a" * 200


def field(line):
    return GET + HOST + line + b"\r\n\r\n"


def target(path):
    return b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"


# name: (what is sent, status, whether the connection is closed by the server)
PAYLOADS = {
    # Sizes.
    "uri of 20 kB": (target(b"/" + b"a" * 20000), 414),
    "header of 100 kB": (field(b"X: " + b"a" * 100000), 431),
    "headers without end": (GET + HOST + b"X: y\r\n" * 5000, 431),
    "101 headers": (GET + HOST + b"X: y\r\n" * 100 + b"\r\n", 431),
    "1000 headers": (GET + HOST + b"X: y\r\n" * 1000 + b"\r\n", 431),
    "method of 64 kB": (b"A" * 65536 + b" / HTTP/1.1\r\n\r\n", 501),
    # Bytes that do not belong.
    "NUL in method": (b"G\0T / HTTP/1.1\r\n\r\n", 400),
    "NUL in target": (target(b"/\0"), 400),
    "NUL in name": (field(b"X\0: y"), 400),
    "NUL in value": (field(b"X: \0"), 400),
    "control in target": (target(b"/\x01"), 400),
    "DEL in target": (target(b"/\x7f"), 400),
    "8 bit in method": (b"G\xcbT / HTTP/1.1\r\n\r\n", 400),
    "8 bit in name": (field(b"X\xc3: y"), 400),
    "control in value": (field(b"X: \x1b"), 400),
    "fragment": (target(b"/#x"), 400),
    # Lines.
    "bare LF lines": (b"GET / HTTP/1.1\nHost: localhost\n\n", 400),
    "bare LF behind a field": (GET + b"Host: localhost\n\r\n", 400),
    "bare CR in request line": (b"GET /\rHTTP/1.1\r\n\r\n", 400),
    "bare CR in value": (field(b"X: a\rb"), 400),
    "CR at end": (GET + b"Host: localhost\r\r\n\r\n", 400),
    "obs-fold": (field(b"X: a\r\n b"), 400),
    "obs-fold by tab": (field(b"X: a\r\n\tb"), 400),
    "space before the first field": (GET + b" " + HOST + b"\r\n", 400),
    "space before colon": (field(b"X : a"), 400),
    "no colon": (field(b"X"), 400),
    "no name": (field(b": x"), 400),
    "two spaces": (b"GET  / HTTP/1.1\r\n\r\n", 400),
    "tab as separator": (b"GET\t/\tHTTP/1.1\r\n\r\n", 400),
    "trailing space": (b"GET / HTTP/1.1 \r\n\r\n", 400),
    "leading space": (b" GET / HTTP/1.1\r\n\r\n", 400),
    "two empty lines": (b"\r\n\r\n" + target(b"/"), 400),
    "1000 empty lines": (b"\r\n" * 1000 + target(b"/"), 400),
    # Versions.
    "HTTP/0.9": (b"GET /\r\n", 400),
    "HTTP/0.9, said": (b"GET / HTTP/0.9\r\n\r\n", 505),
    "HTTP/1.2 without Host": (b"GET / HTTP/1.2\r\n\r\n", 400),
    "HTTP/2.0": (b"GET / HTTP/2.0\r\n\r\n", 505),
    "HTTP/9.9": (b"GET / HTTP/9.9\r\n\r\n", 505),
    "HTTP/1.10": (b"GET / HTTP/1.10\r\n\r\n", 400),
    "HTTP/01.1": (b"GET / HTTP/01.1\r\n\r\n", 400),
    "http/1.1": (b"GET / http/1.1\r\n\r\n", 400),
    "HTTP 1.1": (b"GET / HTTP 1.1\r\n\r\n", 400),
    # Host.
    "no Host": (GET + b"\r\n", 400),
    "two Hosts": (GET + HOST + HOST + b"\r\n", 400),
    "empty Host": (GET + b"Host:\r\n\r\n", 400),
    "Host with a comma": (GET + b"Host: a,b\r\n\r\n", 400),
    "Host with a user": (GET + b"Host: u@a\r\n\r\n", 400),
    "Host with a path": (GET + b"Host: a/b\r\n\r\n", 400),
    "Host with a space": (GET + b"Host: a b\r\n\r\n", 400),
    "Host with a bad port": (GET + b"Host: a:b\r\n\r\n", 400),
    "Host with an empty label": (GET + b"Host: a..b\r\n\r\n", 400),
    "Host that is a dot": (GET + b"Host: .\r\n\r\n", 400),
    "Host that is no IPv6 address": (GET + b"Host: [4712::abcd::]\r\n\r\n", 400),
    "no IPv6 address in the target": (target(b"http://[4712::abcd::]/"), 400),
    "a user in the target": (target(b"http://user@localhost/"), 400),
    "no Host beside that of the target": (b"GET http://localhost/ HTTP/1.1\r\n\r\n", 400),
    "two Hosts beside that of the target": (b"GET http://localhost/ HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400),
    "https in the target": (target(b"https://localhost/"), 421),
    "another scheme": (target(b"ftp://localhost/"), 400),
    "raw before a dot segment": (target(b"/\xff/../a"), 400),
    "asterisk": (target(b"*"), 400),
    "authority": (target(b"localhost:80"), 400),
    # Other protocols.
    "TLS hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "SSH banner": (b"SSH-2.0-OpenSSH_9.2\r\n", 400),
    "h2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "junk": (b"\xff\xfe\xfd\xfc", 400),
    # Bodies, and what could pass for one.
    "body by length": (GET + HOST + b"Content-Length: 5\r\n\r\nhello", 413),
    "body that is a request": (
        GET + HOST + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED, 413),
    "chunked": (field(b"Transfer-Encoding: chunked") + b"0\r\n\r\n" + SMUGGLED, 411),
    "chunked in capitals": (field(b"TRANSFER-ENCODING: CHUNKED"), 411),
    "chunked, unknown method": (b"FOO / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n", 411),
    "chunked POST": (b"POST / HTTP/1.1\r\n" + HOST +
                     b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, 405),
    "POST with a body": (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello", 405),
    "unknown method with a body": (b"FOO / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello", 413),
    "HEAD with a body": (b"HEAD / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello", 413),
    "OPTIONS with a body": (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello", 413),
    "body in 1.0": (b"GET / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello", 413),
    "TRACE with a body": (b"TRACE / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello", 405),
    "a length that is a request": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED, 405),
    "two codings": (field(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"), 400),
    "a coding that is not known": (field(b"Transfer-Encoding: foo"), 501),
    "a coding that is not known, and a length": (field(b"Transfer-Encoding: foo\r\nContent-Length: 0"), 400),
    "a coding of old": (field(b"Transfer-Encoding: identity"), 501),
    "a coding within chunks": (field(b"Transfer-Encoding: gzip, chunked"), 501),
    "a coding that is nearly known": (field(b"Transfer-Encoding: xchunked"), 501),
    "a length with a zero in front": (field(b"Content-Length: 010"), 413),
    "coding within Connection": (field(b"Transfer-Encoding: chunked\r\nConnection: Transfer-Encoding"), 411),
    "CL and TE": (field(b"Content-Length: 0\r\nTransfer-Encoding: chunked"), 400),
    "TE and CL": (field(b"Transfer-Encoding: chunked\r\nContent-Length: 0"), 400),
    "TE in 1.0": (b"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
}
PAYLOADS.update({f"TE {value!r}": (field(b"Transfer-Encoding:" + value), 400) for value in (
    b" chunked, chunked", b" chunked, identity", b" \x0bchunked", b" \x0cchunked",
    b" chunked,", b"", b"\r\n chunked", b" chunked\0")})
PAYLOADS.update({f"name {name!r}": (field(name + b": chunked"), 400) for name in (
    b"Transfer_Encoding", b"transfer_encoding", b"Transfer-Encoding ", b"\x0bTransfer-Encoding")})
PAYLOADS.update({f"CL {value!r}": (field(b"Content-Length:" + value), 400) for value in (
    b"", b" +0", b" -0", b" -1", b" 0x0", b" 0 0", b" 1_0", b" 0, 0", b" 0,", b" 1e1",
    b" 9223372036854775808", b" 18446744073709551616", b" 0\r\nContent-Length: 0")})
# No chunk is ever read, so none can be read in two ways.
PAYLOADS.update({f"chunk {chunk!r}": (field(b"Transfer-Encoding: chunked") + chunk + SMUGGLED, 411) for chunk in (
    b"x\r\n", b"0x5\r\nhello\r\n0\r\n\r\n", b"-1\r\n", b"+5\r\nhello\r\n", b"5_0\r\n", b"ffffffffffffffff1\r\n",
    b" 5\r\nhello\r\n", b"5 \r\nhello\r\n", b"5;a\nb\r\nhello\r\n", b"5;\r\r\nhello", b"5\nhello\n0\n\n",
    b"5\r\nhello0\r\n\r\n", b"0\r\nContent-Length: 5\r\n\r\n", b"0\r\nHost: evil\r\n\r\n")})
PAYLOADS.update({f"path {path!r}": (target(path), status) for path, status in {
    b"/../etc/passwd": 400, b"/%2e%2e/etc/passwd": 400, b"/%2E%2e/x": 400, b"/.%2e/x": 400,
    b"/%252e%252e/x": 404, b"/..%2fx": 400, b"/..%5cx": 400, b"/..\\x": 400, b"/%2f": 400,
    b"/%00": 400, b"/a%00.png": 400, b"/%c0%ae%c0%ae/x": 404, b"/%u002e": 400, b"/%zz": 400, b"/%": 400,
    b"/...": 404, b"/..;/x": 404, b"/sub/../../x": 400, b"/sub/%2e%2e/%2e%2e/x": 400, b"/a%0d%0aX:%20y": 400,
    b"/sub%0d%0aX:%20y": 400, b"//..": 400, b"/index.html.": 404, b"/index.html%20": 404, b"/INDEX.HTML": 404, b"/index.html/": 404,
    b"/index.html/x": 404, b"/index.html::$DATA": 404, b"/" + b"a" * 256: 404, b"/" + b"a" * 4096: 404, b"/" + b"a" * 8000: 404, b"/" + b"a/" * 4000: 404,
    b"/" + b"%61" * 2000: 404, b"/\\evil.example/..": 400, b"/%5cevil.example": 400, b"/sub%2f": 400, b"/%7f": 400,
    b"/index%2ehtml%00.png": 400,  b"/sub//../../..": 400, b"/.%00./": 400,
}.items()})


@pytest.fixture(scope="module")
def server():
    from conftest import BUILD, Program, open_folder
    with open_folder() as folder:
        (folder / "sub").mkdir()
        (folder / "index.html").write_text("index")
        (folder / "smuggled").write_text("smuggled")
        program = Program([BUILD / "stage/bin/ezhttpd", "--listen", "127.0.0.1:0", folder])
        yield program
        program.close()


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_payload_is_refused_and_the_connection_closed(server, name):
    payload, status = PAYLOADS[name]
    answer, rest = take_answer(server.ask(payload), b"HEAD" if payload.startswith(b"HEAD") else b"GET")
    assert (answer.status, rest) == (status, b"")
    assert answer.fields["connection"] == "close"
    assert b"smuggled" not in answer.body


@pytest.mark.parametrize("method, status", [
    ("POST", 405), ("PUT", 405), ("DELETE", 405), ("PATCH", 405), ("TRACE", 405),
    ("get", 501), ("FOO", 501), ("GETS", 501), ("A" * 32, 501),
])
def test_a_method_that_is_not_for_files_is_refused(server, method, status):
    assert ask(server, "/", method).status == status


def test_a_tunnel_is_refused(server):
    assert ask(server, "localhost:80", "CONNECT").status == 405


@pytest.mark.parametrize("target", ["*", "/", "/nothing"])
def test_options_says_the_methods(server, target):
    answer = ask(server, target, "OPTIONS")
    assert (answer.status, answer.body, answer.fields["allow"].encode()) == (200, b"", METHODS)


def test_an_expectation_is_met_or_refused(server):
    for lines, status in ((b"Expect: 100-continue\r\n", 200), (b"Expect: 100-Continue\r\n", 200),
                          (b"Expect: banana\r\n", 417), (b"Expect: 100-continue\r\nExpect: banana\r\n", 417)):
        answer = ask(server, "/", fields=lines)
        assert answer.status == status and (status != 200 or answer.body == b"index")
        assert ask(server, "/", fields=lines, version="1.0").status == 200
    # Its content is not waited for.
    assert ask(server, "/", fields=b"Expect: 100-continue\r\nContent-Length: 5\r\n").status == 413
    assert ask(server, "/", "POST", fields=b"Expect: 100-continue\r\nContent-Length: 5\r\n").status == 405


@pytest.mark.parametrize("payload", [
    b"GET http://evil.example/ HTTP/1.1\r\n" + HOST, b"GET http://localhost:8080/ HTTP/1.1\r\n" + HOST,
    b"GET http://localhost:/ HTTP/1.1\r\n" + HOST, b"GET http://localhost:080/ HTTP/1.1\r\nHost: localhost:80\r\n",
    b"GET http://localhost/ HTTP/1.1\r\nHost: localhost:8080\r\n", b"GET http://localhost?x HTTP/1.1\r\n" + HOST,
    b"GET http://[::1]/ HTTP/1.1\r\n" + HOST, b"GET http://localhost/ HTTP/1.0\r\n",
    b"GET / HTTP/1.2\r\n" + HOST, b"GET / HTTP/1.9\r\n" + HOST, b"GET / HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 98,
    b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length: 00\r\n",
])
def test_what_the_rfc_lets_differ_is_served(server, payload):
    answer, rest = take_answer(server.ask(payload + b"Connection: close\r\n\r\n"))
    assert (answer.status, answer.body, rest) == (200, b"index", b"")


def reached(server, target, location):
    """The target that a browser goes to from there."""
    there = urllib.parse.urlsplit(urllib.parse.urljoin(f"http://localhost{target}", location))
    assert there.netloc == "localhost"
    return there.path + ("?" + there.query if there.query else "")


@pytest.mark.parametrize("target, location", [
    (b"/\xc3\xa4.txt", "%C3%A4.txt"), (b"/sub/a\"b<c>.txt", "a%22b%3Cc%3E.txt"), (b"/?q=\xc3\xa9", "?q=%C3%A9"),
    (b"/\xc3\xa4/b/c?d=\"", "../../%C3%A4/b/c?d=%22"), (b"/a:\xff", "./a:%FF"), (b"/\xff?a=%zz\\", "%FF?a=%zz%5C"),
    (b"http://localhost/sub?\xc3", "?%C3"), (b"/sub?\xc3", "?%C3"),
])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_raw_target_is_moved_to_the_same_one_encoded(server, target, location, method):
    answer = ask(server, target.decode("latin-1"), method)
    assert (answer.status, answer.fields["location"]) == (301, location)
    # There it is served or not, but nobody is sent there again.
    path = target.decode("latin-1").removeprefix("http://localhost")
    there = reached(server, path, location)
    again = ask(server, there)
    assert urllib.parse.unquote_to_bytes(there) == urllib.parse.unquote_to_bytes(path.encode("latin-1"))
    assert again.status in (200, 404) or again.fields["location"].startswith("sub/?")


@pytest.mark.parametrize("target, status", [
    (b"//evil.example/\xff", 301), (b"/\\evil.example/\xff", 400), (b"/%5cevil.example/\xff", 400),
    (b"/\xff%0d%0aX:y", 400), (b"/.git/\xff", 404), (b"/../\xff", 400), (b"/\xff//evil.example", 400),
    (b"/javascript:alert(1)/..\xff", 404), (b"/javascript:\xff", 301),
])
def test_a_raw_target_leads_to_no_other_place(server, target, status):
    answer = ask(server, target.decode("latin-1"))
    assert answer.status == status
    if status == 301:
        assert urllib.parse.urlsplit(urllib.parse.urljoin("http://h/x", answer.fields["location"])).netloc == "h"


def test_the_login_goes_before_the_encoding(ezhttpd, tmp_path):
    (tmp_path / "users").write_text("ann:$2y$05$abcdefghijklmnopqrstuuJmuGUZOh7wYS5vB4kEcMTPPNNSRmOe6\n")
    assert ask(ezhttpd(tmp_path, "--auth", tmp_path / "users"), "/\xff").status == 401


def test_a_refusal_that_is_understood_keeps_the_connection(server):
    with server.connect() as client:
        for head, status in ((b"POST / HTTP/1.1\r\n", 405), (b"FOO / HTTP/1.1\r\n", 501),
                             (b"GET /nothing HTTP/1.1\r\n", 404), (b"GET /%zz HTTP/1.1\r\n", 400),
                             (GET, 200)):
            client.sendall(head + HOST + b"\r\n")
            assert receive_answer(client).status == status


@pytest.mark.parametrize("payload", [
    b"\r\n" + target(b"/"),
    target(b"http://localhost/"),
    target(b"HTTP://LOCALHOST"),
    target(b"/?a=%zz&b=%00"),
    field(b"Content-Length: 0\r\nConnection: close"),
    field(b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings, close"),
    field(b"Cookie: \xc3\xa4\r\nConnection: close"),
])
def test_what_is_unusual_but_right_is_served(server, payload):
    answer, rest = take_answer(server.ask(payload))
    assert (answer.status, answer.body, rest) == (200, b"index", b"")


@pytest.mark.parametrize("path", [
    b"//evil.example/../sub", b"///sub", b"/.//sub", b"/%73ub", b"/sub/../sub", b"//sub?x=//evil.example"])
@pytest.mark.parametrize("host", [b"localhost", b"evil.example", b"[::1]:8080"])
def test_a_redirection_is_a_path_of_this_site(server, path, host):
    payload = b"GET " + path + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"
    answer, _ = take_answer(server.ask(payload))
    location, _, query = answer.fields["location"].partition("?")
    assert (answer.status, location) == (301, path.partition(b"?")[0].rpartition(b"/")[2].decode() + "/")
    assert query in ("", "x=//evil.example") and "evil" not in location


def test_no_error_page_echoes_the_request(server):
    for path in ("/<script>alert(1)</script>", "/" + NAME, "/%3Cscript%3E"):
        answer = ask(server, path, fields=f"User-Agent: {NAME}\r\n".encode())
        assert answer.status == (301 if "<" in path else 404)
        assert b"script" not in answer.body and NAME.encode() not in answer.body


def test_an_error_is_smaller_than_1024_bytes(server):
    for payload in (target(b"/nothing"), b"\0", target(b"/" + b"a" * 9000), field(b"X: y\r\n" * 110)):
        assert len(server.ask(payload)) < 1024

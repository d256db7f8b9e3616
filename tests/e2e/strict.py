"""A strict client: whatever a server sends has to satisfy h11."""
import re

import h11

HOST = b"Host: localhost\r\n"
METHODS = b"GET, HEAD, OPTIONS"
# How the pages begin that are not of the site.
OUR_PAGE = b"<!DOCTYPE html><html lang=en><meta charset=utf-8>"


class Answer:
    """One answer: status, fields (names in lower case), body, and whether the
    connection is to be kept after it."""

    def __init__(self, response, body, is_kept):
        self.status = response.status_code
        self.pairs = list(response.headers)
        self.fields = {name.decode(): value.decode("latin-1") for name, value in response.headers}
        assert len(self.fields) == len(self.pairs), "a field came twice"
        self.body = body
        self.is_kept = is_kept


def take_answer(data, method=b"GET"):
    """(answer, what is behind it) of bytes that begin with an answer."""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=method, target="/", headers=[("Host", "localhost")]))
    client.send(h11.EndOfMessage())
    client.receive_data(data)
    response, body = None, b""
    while True:
        event = client.next_event()
        assert event is not h11.NEED_DATA, f"cut short: {data[:400]!r}"
        if isinstance(event, h11.Response):
            response = event
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            break
        else:
            raise AssertionError(f"unexpected {event!r}")
    answer = Answer(response, body, client.their_state is h11.DONE)
    check(answer)
    return answer, client.trailing_data[0]


def take_answers(data, methods):
    """The answers to requests of these methods, and nothing behind them."""
    answers = []
    for method in methods:
        answer, data = take_answer(data, method)
        answers.append(answer)
    assert data == b"", f"more than was asked for: {data[:200]!r}"
    return answers


def check(answer):
    """What is true of every answer."""
    fields = answer.fields
    assert answer.status == 503 or "date" in fields
    assert fields["server"] == "ezhttpd"
    if "content-type" in fields:
        assert fields["x-content-type-options"] == "nosniff"
    if answer.status >= 400:
        assert len(answer.body) < 768
        if answer.body.startswith(OUR_PAGE):
            assert fields["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'"
            assert b"name=viewport" in answer.body and answer.body.count(b"<p>") == 2
            assert b'<a href="/">' in answer.body and b"<p></p>" not in answer.body
    if answer.status == 405:
        assert fields["allow"].encode() == METHODS
    if "location" in fields:
        location = fields["location"]
        assert re.fullmatch(r"[!#-;=?-Z_a-z~\[\]]*", location), "what no URL has"
        assert location.startswith("https://") or not re.match(r"//|[^/?]*:", location), location


def ask(program, target="/", method="GET", fields=b"", version="1.1", host=HOST):
    """One request on a connection of its own; its answer."""
    head = f"{method} {target} HTTP/{version}\r\n".encode("latin-1") + host + fields
    data = program.ask(head + b"Connection: close\r\n\r\n")
    answer, = take_answers(data, [method.encode()])
    return answer


def receive_answer(client, method=b"GET", data=b""):
    """Reads one answer off a connection that may stay open."""
    while b"\r\n\r\n" not in data:
        part = client.recv(65536)
        assert part, f"closed after {data!r}"
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:") and method != b"HEAD":
            length = int(line.split(b":")[1])
    while len(body) < length:
        part = client.recv(65536)
        assert part, "closed within the body"
        body += part
    answer, rest = take_answer(head + b"\r\n\r\n" + body, method)
    assert rest == b""
    return answer

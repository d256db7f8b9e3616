"""Validators, conditions, ranges and codings, on real files; and a short model
of what the RFC says, against which random requests are checked."""
import email.utils
import gzip
import os
import re

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from conftest import BUILD, Program, open_folder
from strict import HOST, ask, receive_answer, take_answers

MODIFIED = 784111777
DATES = {"exact": MODIFIED, "earlier": MODIFIED - 1, "later": MODIFIED + 1}
BODY = bytes(range(256)) * 4
LARGE = os.urandom(200000)
# As in range.h.
MOST_RANGES = 256
GAP = 80


def date(seconds):
    return email.utils.formatdate(seconds, usegmt=True)


def make(folder, name, data, modified=MODIFIED):
    path = folder / name
    path.write_bytes(data)
    os.utime(path, (modified, modified))
    return path


@pytest.fixture(scope="module")
def folder():
    with open_folder() as folder:
        fill(folder)
        yield folder


def fill(folder):
    make(folder, "a.bin", BODY)
    make(folder, "large.bin", LARGE)
    make(folder, "empty.txt", b"")
    make(folder, "page.html", b"plain")
    for ending in ("br", "gz", "zst"):
        make(folder, f"page.html.{ending}", b"in " + ending.encode())
    make(folder, "one.css", b"plain")
    make(folder, "one.css.gz", gzip.compress(b"plain"))
    make(folder, "stale.css", b"new")
    make(folder, "stale.css.gz", b"old", MODIFIED - 1)
    make(folder, "odd.css", b"plain")
    (folder / "odd.css.gz").mkdir()
    make(folder, "picture.png", b"plain")
    make(folder, "picture.png.gz", b"in gz")
    make(folder, "index.html", b"index")
    make(folder, "index.html.br", b"index in br")


@pytest.fixture(scope="module")
def server(folder):
    program = Program([BUILD / "stage/bin/ezhttpd", "--listen", "127.0.0.1:0", "--max-per-source=none", folder])
    yield program
    program.close()


def get(server, target, method="GET", **fields):
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return ask(server, target, method, fields=lines.encode("latin-1"))


# --- entity tags --------------------------------------------------------------

def test_a_tag_is_strong_and_hides_the_inode(server, folder):
    tag = get(server, "/a.bin").fields["etag"]
    assert re.fullmatch(r'"[0-9a-f]{16}"', tag)
    facts = (folder / "a.bin").stat()
    for number in (facts.st_ino, facts.st_size, facts.st_mtime_ns):
        assert f"{number:x}" not in tag or number < 0x1000


def test_a_tag_stays_until_the_file_changes(server, folder):
    path = make(folder, "changing.txt", b"one")
    first = get(server, "/changing.txt").fields["etag"]
    assert get(server, "/changing.txt").fields["etag"] == first
    tags = {first}
    os.utime(path, ns=(MODIFIED * 10**9 + 1,) * 2)
    tags.add(get(server, "/changing.txt").fields["etag"])
    make(folder, "changing.txt", b"longer")
    tags.add(get(server, "/changing.txt").fields["etag"])
    make(folder, "other.txt", b"one").rename(path)
    tags.add(get(server, "/changing.txt").fields["etag"])
    assert len(tags) == 4


def test_a_tag_changes_with_the_content_whatever_time_is_set(server, folder):
    # As reproducible builds are unpacked: the same inode, size and time.
    path = make(folder, "built.js", b"v=1", 1)
    first = get(server, "/built.js").fields["etag"]
    for data in (b"v=2", b"v=3"):
        make(folder, "built.js", data, 1)
        answer = get(server, "/built.js", If_None_Match=first)
        assert (answer.status, answer.body) == (200, data)
        assert get(server, "/built.js", Range="bytes=0-1", If_Range=first).status == 200
    assert path.stat().st_mtime == 1


@pytest.mark.parametrize("modified, has_date", [(-5, False), (0, False), (1, False), (2, True), (315532800, True)])
def test_a_time_that_builds_set_is_no_date(server, folder, modified, has_date):
    make(folder, "dated.js", b"v=1", modified)
    answer = get(server, "/dated.js")
    assert answer.fields.get("last-modified") == (date(modified) if has_date else None)
    same = get(server, "/dated.js", If_Modified_Since=date(MODIFIED))
    assert same.status == (304 if has_date else 200)
    if not has_date:
        for field in ("If_Unmodified_Since", "If_Range"):
            answer = get(server, "/dated.js", Range="bytes=0-1", **{field: date(1)})
            assert answer.status == (200 if field == "If_Range" else 206)
        assert get(server, "/dated.js", If_None_Match=answer.fields["etag"]).status == 304


def test_304_says_what_200_would_have_said(server):
    plain = get(server, "/page.html", Accept_Encoding="br")
    same = get(server, "/page.html", Accept_Encoding="br", If_None_Match=plain.fields["etag"])
    assert (same.status, same.body) == (304, b"")
    for name in ("etag", "last-modified", "vary"):
        assert same.fields[name] == plain.fields[name]
    assert "content-encoding" not in same.fields and "content-type" not in same.fields


def test_another_state_than_the_expected_is_refused(server):
    answer = get(server, "/a.bin", If_Match='"other"', Range="bytes=0-1")
    assert answer.status == 412
    with server.connect() as client:
        client.sendall(b"GET /a.bin HTTP/1.1\r\n" + HOST + b'If-Match: "x"\r\n\r\n')
        assert receive_answer(client).status == 412
        client.sendall(b"GET /page.html HTTP/1.1\r\n" + HOST + b"\r\n")
        assert receive_answer(client).status == 200


# --- ranges -------------------------------------------------------------------

@pytest.mark.parametrize("text, first, last", [
    ("2-4", 2, 4), ("-3", 1021, 1023), ("5-", 5, 1023), ("8-9999", 8, 1023), ("0-0", 0, 0), ("-9999", 0, 1023),
])
def test_a_range_is_served(server, text, first, last):
    answer = get(server, "/a.bin", Range=f"bytes={text}")
    assert (answer.status, answer.body) == (206, BODY[first:last + 1])
    assert answer.fields["content-range"] == f"bytes {first}-{last}/1024"
    assert answer.fields["content-type"] == "application/octet-stream"
    assert {"etag", "last-modified", "accept-ranges"} <= set(answer.fields)


def test_a_large_range_is_served(server):
    answer = get(server, "/large.bin", Range="bytes=1000-150000")
    assert (answer.status, answer.body) == (206, LARGE[1000:150001])


@pytest.mark.parametrize("text", ["1024-", "-0", "9223372036854775807-", "99999999999999999999999-", "2000-,3000-"])
def test_a_range_that_is_not_there_is_told_the_size(server, text):
    answer = get(server, "/a.bin", Range=f"bytes={text}")
    assert (answer.status, answer.fields["content-range"]) == (416, "bytes */1024")


@pytest.mark.parametrize("text", [
    "bytes=5-2", "lines=1-2", "bytes=", "bytes=x", "bytes 1-2", "bytes=1-2,3", "bytes=+1-2", "bytes=1 - 2",
    "bytes=" + ",".join(["0-"] * 1300) + ",x",
])
def test_ranges_that_cannot_be_read_are_ignored(server, text):
    answer = get(server, "/a.bin", Range=text)
    assert (answer.status, answer.body) == (200, BODY)
    assert "content-range" not in answer.fields


@pytest.mark.parametrize("text, first", [("0" * 8000 + "5-", 5), ("-" + "0" * 8000 + "5", 1019),
                                         ("0-0,1-" + "9" * 8000, 0)])
def test_numbers_of_any_length_are_read(server, text, first):
    answer = get(server, "/a.bin", Range=f"bytes={text}")
    assert (answer.status, answer.body) == (206, BODY[first:])


def test_a_range_beyond_4_gib_is_served(server, folder):
    with open(folder / "sparse.bin", "wb") as file:
        file.truncate(1 << 40)
        file.seek(5 << 30)
        file.write(b"here")
    answer = get(server, "/sparse.bin", Range=f"bytes={5 << 30}-{(5 << 30) + 5},0-1")
    assert [part[3] for part in parts_of(answer)] == [b"\0\0", b"here\0\0"]
    answer = get(server, "/sparse.bin", Range="bytes=-1")
    assert answer.fields["content-range"] == f"bytes {(1 << 40) - 1}-{(1 << 40) - 1}/{1 << 40}"


@pytest.mark.parametrize("text", [
    "Sun, 06 Nov 9994 08:49:37 GM", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 99:49:37 GMT", "0", "-1", "now",
    "99999999999999999999", "Sun, 06 Nov 1994 08:49:37 +0000", "Mon, 06 Nov 1994 08:49:37 GMT", "1994-11-06", "",
    "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
])
def test_a_date_that_is_none_is_no_condition(server, text):
    assert get(server, "/a.bin", If_Modified_Since=text).status == 200
    assert get(server, "/a.bin", If_Unmodified_Since=text).status == 200
    assert get(server, "/a.bin", If_Range=text, Range="bytes=0-1").status == 200


def test_a_range_of_a_head_or_of_nothing_is_ignored(server):
    assert get(server, "/a.bin", "HEAD", Range="bytes=0-1").status == 200
    assert get(server, "/empty.txt", Range="bytes=0-").status == 200
    assert get(server, "/empty.txt", Range="bytes=-5").status == 200


def test_a_range_said_twice_is_ignored(server):
    answer = ask(server, "/a.bin", fields=b"Range: bytes=0-1\r\nRange: bytes=0-1\r\n")
    assert (answer.status, answer.body) == (200, BODY)


def parts_of(answer):
    """[(first, last, total, bytes)] of an answer with one range or several."""
    kind = answer.fields["content-type"]
    if not kind.startswith("multipart/byteranges"):
        return [(*map(int, re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", answer.fields["content-range"]).groups()),
                 answer.body)]
    assert "content-range" not in answer.fields
    boundary = b"--" + re.search(r"boundary=(\w+)$", kind)[1].encode()
    first, *pieces, last = answer.body.split(boundary)
    assert (first, last) == (b"", b"--\r\n")
    parts = []
    for piece in pieces:
        match = re.fullmatch(rb"\r\nContent-Type: (.*?)\r\nContent-Range: bytes (\d+)-(\d+)/(\d+)\r\n\r\n(.*)\r\n",
                             piece, re.S)
        assert match[1] == b"application/octet-stream"
        parts.append((int(match[2]), int(match[3]), int(match[4]), match[5]))
    return parts


@pytest.mark.parametrize("target, body", [("/a.bin", BODY), ("/large.bin", LARGE)])
def test_several_ranges_are_parts_of_one_body(server, target, body):
    answer = get(server, target, Range="bytes=-10,0-99,500-501, 300-310")
    n = len(body)
    assert answer.status == 206
    assert parts_of(answer) == [(0, 99, n, body[:100]), (300, 310, n, body[300:311]), (500, 501, n, body[500:502]),
                                (n - 10, n - 1, n, body[-10:])]


def test_several_large_ranges_are_parts_of_one_body(server):
    answer = get(server, "/large.bin", Range="bytes=0-50000,60000-60001,70000-199999")
    assert [(first, last, data == LARGE[first:last + 1]) for first, last, _, data in parts_of(answer)] == [
        (0, 50000, True), (60000, 60001, True), (70000, 199999, True)]


@pytest.mark.parametrize("is_backwards", [False, True])
def test_as_many_ranges_as_programs_ask_for_are_served(server, is_backwards):
    # zsync asks for 20 at once, zchunk for up to 256.
    for count in (9, 20, MOST_RANGES):
        asked = [(i * 700, i * 700 + i % 3) for i in range(count)]
        text = ",".join(f"{first}-{last}" for first, last in (reversed(asked) if is_backwards else asked))
        answer = get(server, "/large.bin", Range=f"bytes={text}")
        assert answer.status == 206
        assert parts_of(answer) == [(first, last, len(LARGE), LARGE[first:last + 1]) for first, last in asked]
    many = [f"{i * 700}-{i * 700}" for i in range(MOST_RANGES + 1)]
    assert get(server, "/large.bin", Range="bytes=" + ",".join(many)).status == 200


def test_ranges_are_counted_after_they_were_joined(server):
    text = ",".join(f"{i}-{i}" for i in range(0, 2600, 2))
    answer = get(server, "/large.bin", Range=f"bytes={text}")
    assert (answer.status, answer.body) == (206, LARGE[:2599])


def test_after_several_ranges_the_connection_goes_on(server):
    head = b"GET /large.bin HTTP/1.1\r\n" + HOST
    many = head + b"Range: bytes=0-20000,40000-40001,100000-\r\n\r\n"
    last = head + b"Range: bytes=1-2\r\nConnection: close\r\n\r\n"
    answers = take_answers(server.ask(many * 3 + last), [b"GET"] * 4)
    assert [a.status for a in answers] == [206] * 4 and answers[3].body == LARGE[1:3]


def test_overlapping_ranges_never_send_more_than_the_file(server):
    for text in (",".join(["0-"] * 8), ",".join(f"{i}-" for i in range(8)), "0-511,512-,-1,1-,2-,3-,4-,5-"):
        answer = get(server, "/a.bin", Range=f"bytes={text}")
        assert (answer.status, answer.body) == (206, BODY)


# --- codings ------------------------------------------------------------------

@pytest.mark.parametrize("accept, coding, body", [
    ("gzip", "gzip", b"in gz"), ("br", "br", b"in br"), ("zstd", "zstd", b"in zst"),
    ("gzip, deflate, br, zstd", "br", b"in br"), ("gzip;q=1, br;q=0.5", "gzip", b"in gz"),
    ("br;q=0, *", "zstd", b"in zst"), ("gzip;q=0", None, b"plain"), ("identity, gzip;q=0.5", None, b"plain"),
    ("deflate", None, b"plain"), ("", None, b"plain"), ("gzip;q=x", None, b"plain"),
])
def test_the_form_that_the_client_likes_best_is_served(server, accept, coding, body):
    answer = get(server, "/page.html", Accept_Encoding=accept)
    assert (answer.status, answer.fields.get("content-encoding"), answer.body) == (200, coding, body)
    assert answer.fields["content-type"] == "text/html; charset=utf-8"
    assert answer.fields["vary"] == "Accept-Encoding"


def test_without_a_wish_the_file_itself_is_served(server):
    answer = get(server, "/page.html")
    assert (answer.body, answer.fields["vary"]) == (b"plain", "Accept-Encoding")
    assert "content-encoding" not in answer.fields


def test_the_second_best_form_is_served_where_the_best_is_not_there(server):
    answer = get(server, "/one.css", Accept_Encoding="br, gzip;q=0.1")
    assert answer.fields["content-encoding"] == "gzip" and gzip.decompress(answer.body) == b"plain"


@pytest.mark.parametrize("target, body", [("/stale.css", b"new"), ("/odd.css", b"plain")])
def test_what_is_older_than_the_file_or_no_file_is_passed_over(server, target, body):
    answer = get(server, target, Accept_Encoding="gzip")
    assert answer.body == body and "content-encoding" not in answer.fields


def test_what_is_compressed_in_itself_has_no_other_forms(server):
    answer = get(server, "/picture.png", Accept_Encoding="gzip")
    assert answer.body == b"plain" and "vary" not in answer.fields


def test_an_index_has_its_forms_too(server):
    assert get(server, "/", Accept_Encoding="br").body == b"index in br"


def test_a_compressed_file_asked_for_by_name_is_that_file(server):
    answer = get(server, "/page.html.gz", Accept_Encoding="gzip")
    assert answer.body == b"in gz" and answer.fields["content-type"] == "application/gzip"
    assert "content-encoding" not in answer.fields


def test_each_form_has_a_tag_and_ranges_of_its_own(server):
    forms = {accept: get(server, "/page.html", Accept_Encoding=accept) for accept in ("identity", "br", "zstd", "gzip")}
    assert len({form.fields["etag"] for form in forms.values()}) == 4
    br = forms["br"].fields["etag"]
    assert get(server, "/page.html", Accept_Encoding="br", If_None_Match=br).status == 304
    assert get(server, "/page.html", Accept_Encoding="gzip", If_None_Match=br).status == 200
    part = get(server, "/page.html", Accept_Encoding="br", Range="bytes=3-")
    assert (part.status, part.body, part.fields["content-encoding"]) == (206, b"br", "br")
    assert part.fields["content-range"] == "bytes 3-4/5"
    part = get(server, "/page.html", Accept_Encoding="gzip", Range="bytes=3-", If_Range=br)
    assert (part.status, part.body) == (200, b"in gz")


# --- against a model ----------------------------------------------------------

TAG = object()
tags = st.sampled_from([TAG, TAG, '"other"', '""', 'W/"other"', "junk", '"half'])


def lists(weak):
    items = st.lists(st.tuples(st.booleans() if weak else st.just(False), tags), max_size=3)
    return st.one_of(st.just("*"), items)


dates = st.one_of(st.sampled_from(sorted(DATES)), st.just("junk"))
ranges = st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 1300)), st.one_of(st.none(), st.integers(0, 1300))),
                  min_size=1, max_size=10)


def written(items, tag):
    if items == "*":
        return "*"
    return ", ".join(("W/" if weak else "") + (tag if item is TAG else item) for weak, item in items)


def lists_tag(text, tag, is_weak_enough):
    """Whether a well-formed list has the tag."""
    if text == "*":
        return True
    pattern = r'(W/)?("[^"\s]*")'
    if not re.fullmatch(rf"({pattern})?(\s*,\s*({pattern})?)*", text):
        return False
    return any(found == tag and (is_weak_enough or not weak) for weak, found in re.findall(pattern, text))


def moment(text):
    """The time that a date says, or None."""
    return DATES.get(text)


def status_by_rfc(method, tag, fields):
    """RFC 9110, 13.2.2, for a file modified at MODIFIED; 0 for going on."""
    if "If-Match" in fields:
        if not lists_tag(fields["If-Match"], tag, False):
            return 412
    elif moment(fields.get("If-Unmodified-Since")) is not None:
        if MODIFIED > moment(fields["If-Unmodified-Since"]):
            return 412
    if "If-None-Match" in fields:
        if lists_tag(fields["If-None-Match"], tag, True):
            return 304
    elif moment(fields.get("If-Modified-Since")) is not None:
        if MODIFIED <= moment(fields["If-Modified-Since"]):
            return 304
    return 0


def bytes_asked(items, size):
    """The set of each range's bytes, or None where the field is to be ignored."""
    found = []
    for first, last in items:
        if first is None and last is None or None not in (first, last) and last < first:
            return None
        if first is None:
            found.append(range(max(0, size - last), size))
        else:
            found.append(range(first, size if last is None else min(last + 1, size)))
    return [part for part in found if part]


def joined(parts):
    """[(first, last)] of ranges, those that nearly meet as one."""
    result = []
    for part in sorted(parts, key=lambda part: part[0]):
        if result and part[0] - result[-1][1] - 1 <= GAP:
            result[-1][1] = max(result[-1][1], part[-1])
        else:
            result.append([part[0], part[-1]])
    return [tuple(pair) for pair in result]


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), method=st.sampled_from(["GET", "GET", "HEAD"]))
def test_conditions_and_ranges_are_as_the_rfc_says(server, data, method):
    tag = get(server, "/a.bin").fields["etag"]
    draw, fields = data.draw, {}
    if draw(st.booleans()):
        fields["If-Match"] = written(draw(lists(True)), tag)
    if draw(st.booleans()):
        fields["If-None-Match"] = written(draw(lists(True)), tag)
    for name in ("If-Modified-Since", "If-Unmodified-Since"):
        if draw(st.booleans()):
            fields[name] = draw(dates)
    asked = draw(st.one_of(st.none(), ranges))
    if asked is not None:
        fields["Range"] = "bytes=" + ",".join(
            f"{'' if a is None else a}-{'' if b is None else b}" for a, b in asked)
    range_if = draw(st.one_of(st.none(), dates, st.sampled_from(["tag", "weak", "other"])))
    if range_if is not None:
        fields["If-Range"] = {"tag": tag, "weak": "W/" + tag, "other": '"other"'}.get(range_if, range_if)

    lines = {name.replace("-", "_"): date(DATES[value]) if value in DATES else value
             for name, value in fields.items()}
    answer = get(server, "/a.bin", method, **lines)

    status = status_by_rfc(method, tag, fields)
    if status:
        assert answer.status == status
        return
    parts = bytes_asked(asked, len(BODY)) if asked is not None else None
    if method != "GET" or parts is None or range_if not in (None, "tag", "exact"):
        assert answer.status == 200 and answer.fields["content-length"] == str(len(BODY))
        assert answer.body == (BODY if method == "GET" else b"")
    elif not parts:
        assert (answer.status, answer.fields["content-range"]) == (416, f"bytes */{len(BODY)}")
    else:
        assert answer.status == 206
        served = parts_of(answer)
        assert [part[:2] for part in served] == joined(parts)
        for first, last, total, piece in served:
            assert total == len(BODY) and piece == BODY[first:last + 1]
        assert len(answer.body) <= len(BODY) + 200 * len(served)

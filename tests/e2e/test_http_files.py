"""What is served, and how: files, folders, conditions, connections."""
import contextlib
import email.utils
import gzip
import os
import pathlib
import re
import shutil
import signal
import socket
import tempfile
import urllib.parse

import pytest

from conftest import receive_all, wait_until
from strict import HOST, ask, receive_answer, take_answer, take_answers

GET = b"GET /a.txt HTTP/1.1\r\n" + HOST + b"\r\n"
MODIFIED = 784111777
MODIFIED_TEXT = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    (folder / "sub").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / ".git").mkdir()
    (folder / ".well-known").mkdir()
    (folder / "index.html").write_text("<h1>index</h1>")
    (folder / "a.txt").write_text("a text\n")
    (folder / "none").write_bytes(b"")
    (folder / "large.bin").write_bytes(bytes(range(256)) * 8000)
    (folder / ".git/HEAD").write_text("secret")
    (folder / ".well-known/security.txt").write_text("known")
    for name in ("file10.txt", "file2.txt", "<b>&\"'?#%:.txt", "\u00e4 b.txt", ".hidden"):
        (folder / "sub" / name).write_text(name)
    (folder / "sub/deeper").mkdir()
    (tmp_path / "outside.txt").write_text("SECRET")
    os.utime(folder / "a.txt", (MODIFIED, MODIFIED))
    return folder


@pytest.fixture
def server(ezhttpd, site):
    return ezhttpd(site)


# --- files ------------------------------------------------------------------

def test_a_file_is_served_with_its_facts(server):
    answer = ask(server, "/a.txt")
    assert answer.status == 200
    assert answer.body == b"a text\n"
    assert answer.fields["content-type"] == "text/plain; charset=utf-8"
    assert answer.fields["content-length"] == "7"
    assert answer.fields["last-modified"] == MODIFIED_TEXT
    assert email.utils.parsedate_to_datetime(answer.fields["date"])


@pytest.mark.parametrize("target", ["/", "/a.txt", "/none", "/large.bin", "/sub", "/sub/", "/x", "/%zz"])
def test_head_has_the_fields_of_get_and_no_body(server, target):
    get, head = ask(server, target), ask(server, target, "HEAD")
    get.fields.pop("date")
    head.fields.pop("date")
    # For this a listing would have to be made.
    assert ("content-length" in head.fields) == (target != "/sub/")
    head.fields["content-length"] = get.fields["content-length"]
    assert (head.status, head.fields, head.body) == (get.status, get.fields, b"")


def test_a_large_file_is_served_whole(server, site):
    assert ask(server, "/large.bin").body == (site / "large.bin").read_bytes()


@pytest.mark.parametrize("size", [0, 1, 16383, 16384, 16385])
def test_sizes_around_the_border_of_one_send(server, site, size):
    (site / "x.bin").write_bytes(os.urandom(size))
    assert ask(server, "/x.bin").body == (site / "x.bin").read_bytes()


def test_a_file_beyond_4_gib_has_its_length(server, site):
    with open(site / "sparse.bin", "wb") as file:
        file.truncate(5 << 30)
    assert ask(server, "/sparse.bin", "HEAD").fields["content-length"] == str(5 << 30)


@pytest.mark.parametrize("name, expected", [
    ("x.css", "text/css; charset=utf-8"),
    ("x.js", "text/javascript; charset=utf-8"),
    ("x.json", "application/json"),
    ("x.svg", "image/svg+xml"),
    ("x.png", "image/png"),
    ("x.woff2", "font/woff2"),
    ("x.wasm", "application/wasm"),
    ("X.HTML", "text/html; charset=utf-8"),
    ("x.unknown", "application/octet-stream"),
    ("x", "application/octet-stream"),
    ("README", "text/plain; charset=utf-8"),
    ("LICENSE", "text/plain; charset=utf-8"),
    ("x.m3u8", "application/vnd.apple.mpegurl"),
    ("x.ts", "video/mp2t"),
])
def test_the_media_type_follows_from_the_name(server, site, name, expected):
    (site / name).write_text("x")
    assert ask(server, "/" + name).fields["content-type"] == expected


def test_types_may_be_given_for_whole_names_and_for_the_rest(ezhttpd, site, tmp_path):
    (tmp_path / "types").write_text("application/json /apple-app-site-association\ntext/plain *\n")
    server = ezhttpd(site, "--mime", tmp_path / "types", "--charset=none")
    for name, expected in ((".well-known/apple-app-site-association", "application/json"), ("x", "text/plain"),
                           ("x.unknown", "text/plain"), ("x.css", "text/css")):
        (site / name).write_text("{}")
        assert ask(server, "/" + name).fields["content-type"] == expected


def test_a_picture_that_is_stored_compressed_says_so(server, site):
    (site / "x.svgz").write_bytes(gzip.compress(b"<svg/>"))
    (site / "x.svgz.br").write_bytes(b"another form")
    for accept in (b"", b"Accept-Encoding: br\r\n"):
        answer = ask(server, "/x.svgz", fields=accept)
        assert (answer.fields["content-type"], answer.fields["content-encoding"]) == ("image/svg+xml", "gzip")
        assert gzip.decompress(answer.body) == b"<svg/>" and "vary" not in answer.fields
    same = ask(server, "/x.svgz", fields=f"If-None-Match: {answer.fields['etag']}\r\n".encode())
    assert same.status == 304 and "content-encoding" not in same.fields


def test_links_beneath_the_root_are_followed(server, site):
    (site / "sub/link.txt").symlink_to("../a.txt")
    (site / "linked").symlink_to("sub")
    assert ask(server, "/sub/link.txt").body == b"a text\n"
    assert ask(server, "/linked/file2.txt").status == 200


def test_an_absolute_link_is_not_followed_even_if_it_points_inside(server, site):
    (site / "inside.txt").symlink_to(site / "a.txt")
    (site / "folder").symlink_to(site / "sub")
    for target in ("/inside.txt", "/folder/", "/folder/file2.txt"):
        assert ask(server, target).status == 404, target


def test_nothing_outside_the_root_is_served(server, site):
    outside = site.parent / "outside.txt"
    (site / "absolute").symlink_to(outside)
    (site / "relative").symlink_to("../outside.txt")
    (site / "up").symlink_to("..")
    (site / "twice").symlink_to("relative")
    (site / "magic").symlink_to("/proc/self/root" + str(outside))
    (site / "circle").symlink_to("circle")
    for target in ("/absolute", "/relative", "/up/outside.txt", "/twice", "/magic", "/circle"):
        answer = ask(server, target)
        assert (answer.status, b"SECRET" in answer.body) == (404, False), target


def test_what_is_neither_file_nor_folder_is_not_found(server, site):
    os.mkfifo(site / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(site)
        try:
            listener.bind("socket")
        finally:
            os.chdir(here)
        assert ask(server, "/fifo").status == 404
        assert ask(server, "/socket").status == 404


class WaitingWriter:
    """A process that waits in open(2) for a reader of a FIFO."""

    def __init__(self, path):
        ready, begins = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.write(begins, b".")
            os.open(path, os.O_WRONLY)
            signal.pause()
            os._exit(0)
        os.read(ready, 1)
        os.close(ready)
        os.close(begins)
        wait_until(lambda: self.facts()["State"][0] == "S", what="the writer waits")
        self.switches = self.facts()["voluntary_ctxt_switches"]

    def facts(self):
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return dict(re.findall(r"^(\w+):\s*(.*)$", text, re.M))

    def was_woken(self):
        facts = self.facts()
        return facts["State"][0] != "S" or facts["voluntary_ctxt_switches"] != self.switches

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


@pytest.fixture
def waiting_writer():
    with contextlib.ExitStack() as stack:
        def start(path):
            writer = WaitingWriter(path)
            stack.callback(writer.end)
            return writer
        yield start


# where a FIFO lies, the options, what is asked for, and the answer
FIFOS = {
    "itself": ("fifo", (), "/fifo", 404),
    "index": ("empty/index.html", (), "/empty/", 200),
    "neighbour": ("a.txt.gz", (), "/a.txt", 200),
    "error page": ("404.html", ("--error-page", "404=/404.html"), "/missing", 404),
    "fallback": ("all.html", ("--fallback", "all.html"), "/missing", 404),
    "with a suffix": ("page.html", ("--html-suffix",), "/page", 404),
    "in a listing": ("sub/fifo", (), "/sub/", 200),
}


@pytest.mark.parametrize("use", FIFOS)
def test_a_fifo_is_not_opened(ezhttpd, site, waiting_writer, use):
    """Its writer would go on, and be ended by SIGPIPE."""
    name, options, target, status = FIFOS[use]
    os.mkfifo(site / name)
    writer = waiting_writer(site / name)
    server = ezhttpd(site, *options)
    assert ask(server, target, fields=b"Accept-Encoding: gzip\r\n").status == status
    assert not writer.was_woken()


def test_what_may_not_be_read_is_forbidden(ezhttpd):
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    try:
        with open(folder + "/closed.txt", "w") as file:
            file.write("x")
        os.chmod(folder + "/closed.txt", 0)

        def become_nobody():
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
        server = ezhttpd(folder, preexec_fn=become_nobody)
        assert ask(server, "/closed.txt").status == 403
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("target", ["/.git/HEAD", "/.git/", "/.git", "/sub/.hidden", "/.", "/x/.."])
def test_hidden_names_are_not_found(server, target):
    assert ask(server, target).status == (404 if ".git" in target or "hidden" in target else 200)


def test_the_well_known_folder_is_served(server):
    assert ask(server, "/.well-known/security.txt").body == b"known"


@pytest.mark.parametrize("target", ["/a.txt/", "/a.txt/x", "/index.html/", "/nothing", "/nothing/",
                                    "/" + "x" * 300, "/" + "x/" * 1500])
def test_what_is_not_there_is_not_found(server, target):
    assert ask(server, target).status == 404


def test_a_file_that_grows_is_sent_at_its_announced_length(server, site):
    path = site / "growing.bin"
    path.write_bytes(b"x" * (32 << 20))
    with server.connect() as client:
        client.sendall(b"GET /growing.bin HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
        data = client.recv(100)
        with open(path, "ab") as file:
            file.write(b"y" * 1000)
        answer, = take_answers(data + receive_all(client), [b"GET"])
    assert len(answer.body) == 32 << 20 and b"y" not in answer.body


def test_a_file_that_is_cut_cuts_the_connection(server, site):
    path = site / "shrinking.bin"
    path.write_bytes(b"x" * (64 << 20))
    # Sooner than by the least rate.
    with server.connect(timeout=3) as client:
        client.sendall(b"GET /shrinking.bin HTTP/1.1\r\n" + HOST + b"\r\n")
        total = len(client.recv(100))
        os.truncate(path, 1000)
        with pytest.raises(ConnectionResetError):
            while True:
                part = client.recv(1 << 20)
                assert part, "an end that looks like a whole answer"
                total += len(part)
    assert total < 64 << 20


# --- folders ----------------------------------------------------------------

def test_a_folder_is_answered_with_its_index(server):
    answer = ask(server, "/")
    assert (answer.body, answer.fields["content-type"]) == (b"<h1>index</h1>", "text/html; charset=utf-8")


@pytest.mark.parametrize("target, location", [
    ("/sub", "sub/"),
    ("/sub?a=b&c", "sub/?a=b&c"),
    ("//sub", "sub/"),
    ("/./x/../sub", "sub/"),
    ("/%73ub", "%73ub/"),
    ("http://localhost/sub", "sub/"),
    ("//sub?//evil.example", "sub/?//evil.example"),
    ("/sub/deeper", "deeper/"),
    ("/sub/c:d", "./c:d/"),
    ("/sub/c%3Ad", "c%3Ad/"),
    ("/sub/e;f,g=h", "e;f,g=h/"),
])
def test_a_folder_without_its_slash_is_moved_to_the_path_with_one(server, site, target, location):
    for name in ("c:d", "e;f,g=h"):
        (site / "sub" / name).mkdir()
    answer = ask(server, target)
    assert (answer.status, answer.fields["location"]) == (301, location)
    # A reference that holds where a proxy has taken a prefix off as well.
    path = target.removeprefix("http://localhost")
    for prefix in ("", "/files", "/a/b"):
        there = urllib.parse.urljoin(f"http://proxy{prefix}{path}", location)
        assert there.startswith(f"http://proxy{prefix}/")
        assert ask(server, there.removeprefix(f"http://proxy{prefix}")).status == 200


def test_a_redirection_encodes_what_could_break_it(server, site):
    (site / "a\u00e4 \"<b").mkdir()
    answer = ask(server, "/a%c3%a4%20%22%3Cb")
    assert answer.fields["location"] == "a%c3%a4%20%22%3Cb/"


def test_a_listing_is_sorted_and_harmless(server):
    answer = ask(server, "/sub/")
    text = answer.body.decode()
    names = re.findall(r'<a href="([^"]*)">', text)
    assert names == ["../", "deeper/", "%3Cb%3E%26%22%27%3F%23%25%3A.txt", "file2.txt", "file10.txt",
                     "%C3%A4%20b.txt"]
    assert "&lt;b&gt;&amp;&quot;&#39;?#%:.txt" in text and "<b>" not in text
    assert ".hidden" not in text
    assert answer.fields["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.fields["content-security-policy"]
    for name in names[2:]:
        assert ask(server, "/sub/" + name).status == 200


def test_a_listing_shows_nothing_that_is_not_served(server, site):
    (site / "sub/out").symlink_to("/etc/passwd")
    (site / "sub/dangling").symlink_to("nothing")
    (site / "sub/back\\slash").write_text("x")
    (site / "sub/new\nline").write_text("x")
    os.mkfifo(site / "sub/fifo")
    (site / "sub/in").symlink_to("../a.txt")
    text = ask(server, "/sub/").body.decode()
    for name in ("out", "dangling", "slash", "line", "fifo"):
        assert name not in text.partition("</style>")[2]
    assert 'href="in"' in text


def test_a_listing_of_many_names_is_whole(server, site):
    for i in range(3000):
        (site / f"empty/a-name-that-is-rather-long-so-that-it-fills-many-buffers-{i}").touch()
    names = re.findall(r'<a href="[^"]*?(\d+)">', ask(server, "/empty/").body.decode())
    assert names == [str(i) for i in range(3000)]


def test_listings_can_be_turned_off(ezhttpd, site):
    server = ezhttpd(site, "--no-listing")
    assert ask(server, "/sub/").status == 404
    assert ask(server, "/").status == 200
    assert ask(server, "/sub/file2.txt").status == 200


def test_an_index_that_is_a_folder_is_none(server, site):
    (site / "empty/index.html").mkdir()
    assert 'href="index.html/"' in ask(server, "/empty/").body.decode()


def test_several_indexes_are_tried_in_their_order(ezhttpd, site):
    for name in ("default.htm", "index.htm"):
        (site / "sub" / name).write_text(name)
    server = ezhttpd(site, "--index=index.htm", "--index", "default.htm")
    assert ask(server, "/sub/").body == b"index.htm"
    (site / "sub/index.htm").unlink()
    assert ask(server, "/sub/").body == b"default.htm"
    (site / "sub/default.htm").unlink()
    assert b'href="deeper/"' in ask(server, "/sub/").body
    # What is given replaces the default.
    assert b'href="index.html"' in ask(server, "/").body


def test_a_folder_without_an_index_gives_way_to_its_page(ezhttpd, site):
    (site / "sub.html").write_text("page")
    (site / "empty.html").mkdir()
    for words in ([], ["--no-listing"]):
        server = ezhttpd(site, "--html-suffix", "--index=index.html", "--index=home.htm", *words)
        assert ask(server, "/sub").body == b"page"
        assert ask(server, "/sub/file2.txt").status == 200
        assert ask(server, "/empty").fields["location"] == "empty/"
        # One that has a page of its own is asked for that.
        (site / "sub/home.htm").write_text("own")
        assert ask(server, "/sub").fields["location"] == "sub/"
        assert ask(server, "/sub/").body == b"own"
        (site / "sub/home.htm").unlink()
    assert ask(ezhttpd(site), "/sub").fields["location"] == "sub/"


def test_a_served_folder_that_was_removed_is_not_found_and_logged_once(ezhttpd, site, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    server = ezhttpd(site, f"--alias=/x={other}", "--log=json")
    assert ask(server, "/nothing").status == 404
    assert "has been removed" not in server.stderr()
    shutil.rmtree(site)
    site.mkdir()
    (site / "a.txt").write_text("new")
    for _ in range(3):
        for target in ("/a.txt", "/", "/sub", "/sub/"):
            for method in ("GET", "HEAD"):
                assert ask(server, target, method).status == 404
    assert ask(server, "/x/").status == 200
    wait_until(lambda: server.stderr().count('"/sub/ ') or "has been removed" in server.stderr(), what="the line")
    assert server.stop() == 0
    assert server.stderr().count(f"ezhttpd: {site}: the directory has been removed") == 1


def test_an_alias_whose_folder_was_removed_is_named(ezhttpd, site, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    server = ezhttpd(site, f"--alias=/x={other}", "--log=off")
    other.rmdir()
    assert [ask(server, target).status for target in ("/x/", "/x/a", "/x", "/a.txt")] == [404, 404, 404, 200]
    wait_until(lambda: f"ezhttpd: {other}: the directory has been removed" in server.stderr(), what="the line")


def test_a_folder_that_is_removed_while_it_is_served_is_not_found(ezhttpd, site):
    server = ezhttpd(site, "--vhosts")
    (site / "default").mkdir()
    assert ask(server, "/").status == 200
    (site / "default").rmdir()
    assert ask(server, "/").status == 404
    assert "has been removed" not in server.stderr()


# --- conditions -------------------------------------------------------------

@pytest.mark.parametrize("since, status", [
    (MODIFIED_TEXT, 304),
    ("Sun, 06 Nov 1994 08:49:38 GMT", 304),
    ("Sun, 06 Nov 1994 08:49:36 GMT", 200),
    ("Sunday, 06-Nov-94 08:49:37 GMT", 304),
    ("Sun Nov  6 08:49:37 1994", 304),
    ("yesterday", 200),
])
def test_what_was_not_modified_is_not_sent_again(server, since, status):
    answer = ask(server, "/a.txt", fields=f"If-Modified-Since: {since}\r\n".encode())
    assert (answer.status, answer.body) == (status, b"" if status == 304 else b"a text\n")
    assert answer.fields["last-modified"] == MODIFIED_TEXT


def test_a_file_from_the_future_was_modified_now(server, site):
    os.utime(site / "a.txt", (1 << 33, 1 << 33))
    answer = ask(server, "/a.txt")
    assert answer.fields["last-modified"] == answer.fields["date"]


# --- connections ------------------------------------------------------------

def test_a_connection_is_kept_in_1_1(server):
    with server.connect() as client:
        for _ in range(3):
            client.sendall(GET)
            answer = receive_answer(client)
            assert answer.body == b"a text\n" and "connection" not in answer.fields


def test_a_connection_is_closed_when_asked(server):
    assert ask(server, "/a.txt").fields["connection"] == "close"


def test_a_connection_is_closed_in_1_0(server):
    answer, = take_answers(server.ask(b"GET /a.txt HTTP/1.0\r\n\r\n"), [b"GET"])
    assert (answer.status, answer.fields["connection"]) == (200, "close")


def test_a_connection_is_kept_in_1_0_when_asked(server):
    with server.connect() as client:
        for _ in range(2):
            client.sendall(b"GET /a.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert receive_answer(client).fields["connection"] == "keep-alive"


def test_pipelined_requests_are_answered_in_order(server):
    targets = [b"/a.txt", b"/large.bin", b"/nothing", b"/none", b"/sub/", b"/a.txt"] * 3
    heads = [b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n" for target in targets]
    heads[-1] = b"GET /a.txt HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    answers = take_answers(server.ask(b"".join(heads)), [b"GET"] * len(heads))
    assert [a.status for a in answers] == [200, 200, 404, 200, 200, 200] * 3
    assert [len(a.body) for a in answers[:2]] == [7, 2048000]


def test_many_small_pipelined_requests_are_all_answered(server):
    head = b"HEAD /a.txt HTTP/1.1\r\n" + HOST + b"\r\n"
    data = server.ask(head * 999 + GET)
    answers = take_answers(data, [b"HEAD"] * 999 + [b"GET"])
    assert all(a.status == 200 for a in answers)


def test_a_connection_ends_with_its_thousandth_request(server):
    answers = take_answers(server.ask(GET * 1000), [b"GET"] * 1000)
    assert "connection" not in answers[998].fields
    assert answers[999].fields["connection"] == "close"


def test_a_head_may_come_byte_by_byte(server):
    with server.connect() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for i in range(len(GET)):
            client.sendall(GET[i:i + 1])
        assert receive_answer(client).status == 200


def test_a_client_that_has_finished_sending_is_answered(server):
    with server.connect() as client:
        client.sendall(GET)
        client.shutdown(socket.SHUT_WR)
        answer, rest = take_answer(receive_all(client))
    assert (answer.body, rest) == (b"a text\n", b"")


def test_a_client_that_goes_away_harms_nobody(server):
    for _ in range(5):
        with server.connect() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.sendall(b"GET /large.bin HTTP/1.1\r\n" + HOST + b"\r\n")
            client.recv(10)
    assert ask(server, "/a.txt").status == 200


def test_a_download_that_is_broken_off_is_logged(server, site):
    with open(site / "sparse.bin", "wb") as file:
        file.truncate(1 << 30)
    with server.connect() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.sendall(b"GET /sparse.bin HTTP/1.1\r\n" + HOST + b"\r\n")
        client.shutdown(socket.SHUT_WR)
        client.recv(10)
    line = wait_until(lambda: re.search(r'"GET /sparse.bin HTTP/1.1" 200 (\d+) ', server.stderr()),
                      limit_s=3, what="the line")
    # What was sent, not what was announced.
    assert 10 < int(line[1]) < 1 << 29


def test_an_idle_connection_ends_with_the_server(server):
    with server.connect() as client:
        client.sendall(GET)
        receive_answer(client)
        server.process.terminate()
        assert client.recv(1) == b""
    assert server.process.wait(5) == 0


# --- the log ----------------------------------------------------------------

def test_each_request_has_a_line_in_the_combined_log(server):
    ask(server, "/a.txt?x", fields=b"Referer: r\"\\\r\nUser-Agent: \x1b[31m u\r\n".replace(b"\x1b", b"\xc3"))
    line = wait_until(lambda: re.findall(r".*GET /a\.txt\?x.*", server.stderr()), what="the line")[0]
    assert re.fullmatch(
        r'.*127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET /a\.txt\?x HTTP/1\.1" 200 7'
        r' "r\\"\\\\" "\\xc3\[31m u"', line), line


@pytest.mark.parametrize("request_line, body_bytes", [
    ("GET /a.txt", "7"), ("HEAD /a.txt", "-"), ("GET /none", "-"), ("GET /large.bin", "2048000"),
    ("GET /", "14"), ("OPTIONS /", "-"),
])
def test_the_log_has_the_bytes_of_the_body(server, request_line, body_bytes):
    method, target = request_line.split()
    ask(server, target, method=method)
    wait_until(lambda: f'"{request_line} HTTP/1.1" 200 {body_bytes} ' in server.stderr(), what="the line")


def test_the_log_has_the_bytes_of_listings_and_errors(server):
    for target in ("/sub/", "/nothing", "/sub"):
        answer = ask(server, target)
        line = f'"GET {target} HTTP/1.1" {answer.status} {len(answer.body)} '
        wait_until(lambda: line in server.stderr(), what=line)


def test_the_log_has_no_raw_control_bytes(server):
    server.ask(b"GET /\x1b[2J\x07 HTTP/1.1\r\n\r\n")
    server.ask(b"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: \x9b31m\xff\r\nConnection: close\r\n\r\n")
    wait_until(lambda: r"\x9b31m" in server.stderr(), what="the line")
    log = os.pread(server.log.fileno(), 1 << 20, 0)
    assert not re.search(rb"[^\n\x20-\x7e]", log)


def test_the_log_can_be_turned_off(ezhttpd, site):
    server = ezhttpd(site, "--log=off")
    ask(server, "/a.txt")
    assert server.stop() == 0
    assert "GET" not in server.stderr()

"""How the folder is served: what the options on it promise."""
import os
import pathlib
import re
import subprocess
import tempfile

import pytest

from conftest import BUILD
from strict import ask

EZHTTPD = BUILD / "stage/bin/ezhttpd"


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    (folder / "assets").mkdir(parents=True)
    (folder / "sub").mkdir()
    for name in ("index.html", "about.html", "home.htm", "404.html", "403.html", "app.html", "assets/a.js",
                 "sub/home.htm", "sub/page.html", "a.txt"):
        (folder / name).write_text(name)
    (folder / "about.html.gz").write_text("about in gz")
    return folder


@pytest.fixture
def serve(ezhttpd, site):
    return lambda *words: ezhttpd(site, *words)


def test_copies_are_kept_as_long_as_the_pattern_says(serve):
    server = serve("--cache", "assets/*=1y,immutable", "--cache=/*.html=no-cache")
    fresh = ask(server, "/assets/a.js")
    assert fresh.fields["cache-control"] == "max-age=31536000, immutable"
    for target in ("/", "/about.html", "/sub/page.html"):
        assert ask(server, target).fields["cache-control"] == "no-cache"
    for target in ("/a.txt", "/nothing", "/nothing.html", "/sub/", "/sub"):
        assert "cache-control" not in ask(server, target).fields
    same = ask(server, "/assets/a.js", fields=f"If-None-Match: {fresh.fields['etag']}\r\n".encode())
    assert (same.status, same.fields["cache-control"]) == (304, fresh.fields["cache-control"])
    part = ask(server, "/assets/a.js", fields=b"Range: bytes=0-1\r\n")
    assert (part.status, part.fields["cache-control"]) == (206, fresh.fields["cache-control"])


def test_fields_are_added_to_all_answers(serve):
    server = serve("--header", "X-One: 1", "--header", "Strict-Transport-Security: max-age=1")
    for target in ("/", "/nothing", "/sub", "/assets/", "/%zz"):
        fields = ask(server, target).fields
        assert (fields["x-one"], fields["strict-transport-security"]) == ("1", "max-age=1"), target


def test_a_policy_is_for_what_is_served_and_not_for_our_own_pages(serve):
    server = serve("--header", "Content-Security-Policy: default-src 'self'")
    assert ask(server, "/").fields["content-security-policy"] == "default-src 'self'"
    assert ask(server, "/nothing").fields["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert "default-src 'none'" in ask(server, "/assets/").fields["content-security-policy"]


@pytest.mark.parametrize("word", ["Content-Length: 1", "no field", "X: \r\nY: z"])
def test_a_field_that_would_harm_is_refused(word):
    done = subprocess.run([EZHTTPD, "--header", word], capture_output=True, text=True, timeout=10)
    assert done.returncode == 2
    assert re.fullmatch(r"ezhttpd: --header .*: .*\(see ezhttpd --help\)\n", done.stderr, re.S), done.stderr


def test_pages_of_other_sites_may_use_the_files(serve):
    server = serve("--cors")
    for target in ("/", "/nothing"):
        fields = ask(server, target).fields
        assert fields["access-control-allow-origin"] == fields["access-control-expose-headers"] == "*"
        assert "access-control-allow-methods" not in fields
    fields = ask(server, "/", "OPTIONS").fields
    assert fields["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert fields["access-control-allow-headers"] == "*, Authorization"


def test_without_the_option_no_other_site_may(serve):
    for method in ("GET", "OPTIONS"):
        assert not [name for name in ask(serve(), "/", method).fields if name.startswith("access-control")]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_error_has_the_page_of_the_site(serve, method):
    server = serve("--error-page", "404=/404.html")
    for target in ("/nothing", "/.git", "/a.txt/x", "/nothing/"):
        answer = ask(server, target, method,
                     fields=b"If-None-Match: *\r\nIf-Match: \"x\"\r\nRange: bytes=0-1\r\nAccept-Encoding: gzip\r\n")
        assert (answer.status, answer.body) == (404, b"404.html" if method == "GET" else b"")
        assert answer.fields["content-length"] == "8"
        assert not {"etag", "last-modified", "accept-ranges"} & set(answer.fields)


def test_an_error_whose_page_is_missing_has_ours(serve, site):
    server = serve("--error-page=404=404.html")
    (site / "404.html").unlink()
    answer = ask(server, "/nothing")
    assert answer.status == 404 and b"Not Found" in answer.body


def test_what_is_forbidden_has_the_page_of_the_site(ezhttpd):
    def become_nobody():
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        (folder / "403.html").write_text("closed")
        (folder / "a.txt").touch(mode=0)
        answer = ask(ezhttpd(folder, "--error-page=403=403.html", preexec_fn=become_nobody), "/a.txt")
    assert (answer.status, answer.body) == (403, b"closed")


def test_a_one_page_site_has_its_page_everywhere_but_for_missing_files(serve):
    server = serve("--fallback", "/app.html", "--error-page", "404=/404.html")
    # Longer than any path that can be opened.
    for path in ("/" + "a" * 5000, "/" + "a/" * 3000 + "b"):
        assert ask(server, path).body == b"app.html"
    assert ask(server, "/" + "a" * 5000 + ".js").status == 404
    for target in ("/users/7", "/users/", "/users", "/a.b/c"):
        answer = ask(server, target)
        assert (answer.status, answer.body) == (200, b"app.html"), target
        assert "etag" in answer.fields
    for target in ("/assets/b.js", "/favicon.ico", "/.git", "/.git/x", "/users/x.y"):
        answer = ask(server, target)
        assert (answer.status, answer.body) == (404, b"404.html"), target
    assert ask(server, "/a.txt").body == b"a.txt"
    assert ask(server, "/").body == b"index.html"


def test_a_one_page_site_without_listings_has_its_page_for_folders(serve):
    assert ask(serve("--fallback=app.html", "--no-listing"), "/assets/").body == b"app.html"
    assert b"a.js" in ask(serve("--fallback=app.html"), "/assets/").body


def test_a_page_may_be_asked_for_without_its_suffix(serve, site):
    server = serve("--html-suffix")
    assert ask(server, "/about").body == b"about.html"
    answer = ask(server, "/about", fields=b"Accept-Encoding: gzip\r\n")
    assert answer.body == b"about in gz" and answer.fields["content-type"] == "text/html; charset=utf-8"
    assert ask(server, "/sub/page").body == b"sub/page.html"
    for target in ("/about/", "/none", "/" + "x" * 255, "/" + "x/" * 1000 + "x"):
        assert ask(server, target).status == 404
    # A folder that has an index goes before a page of its name.
    (site / "sub.html").write_text("page")
    assert ask(server, "/sub").body == b"page"
    (site / "sub/index.html").write_text("index")
    assert ask(server, "/sub").status == 301
    assert ask(serve(), "/about").status == 404


def test_a_folder_may_have_another_index(serve):
    server = serve("--index", "home.htm")
    assert ask(server, "/").body == b"home.htm"
    assert ask(server, "/sub/").body == b"sub/home.htm"


def test_types_come_from_the_file_that_is_given(serve, tmp_path):
    (tmp_path / "types").write_text("application/x-mine txt\n")
    server = serve("--mime", tmp_path / "types")
    assert ask(server, "/a.txt").fields["content-type"] == "application/x-mine"
    assert ask(server, "/").fields["content-type"] == "text/html; charset=utf-8"


def test_a_file_of_types_that_is_missing_is_said(tmp_path):
    done = subprocess.run([EZHTTPD, "--mime", "/nonexistent", tmp_path], capture_output=True, text=True, timeout=10)
    assert (done.returncode, done.stderr) == (1, "ezhttpd: /nonexistent: No such file or directory\n")


@pytest.mark.parametrize("charset, expected", [("iso-8859-1", "; charset=iso-8859-1"), ("none", "")])
def test_text_has_the_charset_that_is_given(serve, charset, expected):
    server = serve("--charset", charset)
    assert ask(server, "/").fields["content-type"] == "text/html" + expected
    # Pages made here say what they are.
    assert ask(server, "/sub/").fields["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("words", [["-d"], ["--directory"]])
def test_the_folder_may_be_named_by_an_option(start, site, words):
    server = start([EZHTTPD, "-p", "0", *words, site])
    assert ask(server, "/a.txt").body == b"a.txt"


def test_there_is_one_folder(site):
    for words in (["-d", site, site], ["-d", site, "-d", site], [site, site]):
        done = subprocess.run([EZHTTPD, *words], capture_output=True, text=True, timeout=10)
        assert done.returncode == 2 and "only one directory is allowed" in done.stderr

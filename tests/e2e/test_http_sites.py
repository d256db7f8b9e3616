"""Where the files come from: hosts with folders of their own, folders that
lie elsewhere, paths that have moved, links."""
import os
import subprocess

import pytest

from conftest import BUILD
from strict import OUR_PAGE, ask

EZHTTPD = BUILD / "stage/bin/ezhttpd"


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    for path in ("index.html", "one.example/index.html", "one.example/a.txt", "one.example/sub/page.txt",
                 "one.example/404.html", "default/index.html", "default/404.html"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path)
    return folder


@pytest.fixture
def other(tmp_path):
    """A folder outside the site, with something beside it that is nobody's."""
    folder = tmp_path / "elsewhere" / "other"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("other a")
    (folder / "a.txt.gz").write_text("other a in gz")
    (folder / "sub" / "index.html").write_text("other index")
    (folder.parent / "secret").write_text("secret")
    (folder / "out").symlink_to("../secret")
    (folder / "in").symlink_to("a.txt")
    return folder


def ask_host(server, target, host, **how):
    return ask(server, target, host=f"Host: {host}\r\n".encode(), **how)


# --- hosts ------------------------------------------------------------------

def test_each_host_has_its_folder(ezhttpd, site):
    server = ezhttpd(site, "--vhosts")
    for host in ("one.example", "ONE.example", "one.example:80", "one.example."):
        assert ask_host(server, "/", host).body == b"one.example/index.html", host
        assert ask_host(server, "/a.txt", host).body == b"one.example/a.txt", host
    (site / "[::1]").mkdir()
    (site / "[::1]/a.txt").write_text("by IPv6")
    for host in ("[::1]", "[::1]:8080"):
        assert ask_host(server, "/a.txt", host).body == b"by IPv6"
    # Others share one.
    for host in ("two.example", "[::2]", "127.0.0.1", "default", "index.html", "a"):
        assert ask_host(server, "/", host).body == b"default/index.html", host
        assert ask_host(server, "/a.txt", host).status == 404, host


def test_a_host_in_an_absolute_target_counts(ezhttpd, site):
    server = ezhttpd(site, "--vhosts")
    assert ask_host(server, "http://one.example/a.txt", "one.example").body == b"one.example/a.txt"
    for host in ("two.example", "one.example:8080", "[::1]"):
        for authority in ("one.example", "ONE.example:80", "one.example.:"):
            assert ask_host(server, f"http://{authority}/a.txt", host).body == b"one.example/a.txt"
    assert ask_host(server, "http://two.example/", "one.example").body == b"default/index.html"


@pytest.mark.parametrize("host", [b"Host: ..\r\n", b"Host: .\r\n", b"Host: .one.example\r\n", b"Host: \r\n"])
def test_no_host_leads_out_of_its_folder(ezhttpd, site, host):
    server = ezhttpd(site, "--vhosts")
    answer = ask(server, "/", host=host)
    assert answer.status == 400 or answer.body == b"default/index.html"
    assert ask(server, "/one.example/a.txt", host=host).status in (400, 404)


def test_what_is_said_of_a_host_names_no_folder_of_it(ezhttpd, site):
    server = ezhttpd(site, "--vhosts", "--error-page=404=404.html", "--cache=sub/*=1h")
    listing = ask_host(server, "/sub/", "one.example").body
    assert b"page.txt" in listing and b"one.example" not in listing
    answer = ask_host(server, "/sub", "one.example")
    assert (answer.status, answer.fields["location"]) == (301, "sub/")
    assert ask_host(server, "/none", "one.example").body == b"one.example/404.html"
    assert ask_host(server, "/none", "two.example").body == b"default/404.html"
    assert ask_host(server, "/sub/page.txt", "one.example").fields["cache-control"] == "max-age=3600"


def test_a_link_leads_from_no_host_to_another(ezhttpd, site):
    (site / "default" / "a.txt").write_text("default a")
    (site / "one.example" / "over.txt").symlink_to("../default/a.txt")
    (site / "one.example" / "within.txt").symlink_to("sub/page.txt")
    # But a host may have the folder of another.
    (site / "www.one.example").symlink_to("one.example")
    server = ezhttpd(site, "--vhosts")
    assert ask_host(server, "/over.txt", "one.example").status == 404
    assert ask_host(server, "/within.txt", "one.example").body == b"one.example/sub/page.txt"
    assert ask_host(server, "/a.txt", "www.one.example").body == b"one.example/a.txt"


def test_a_host_in_a_target_of_1_0_counts(ezhttpd, site):
    server = ezhttpd(site, "--vhosts")
    assert ask(server, "http://one.example/a.txt", version="1.0", host=b"").body == b"one.example/a.txt"
    assert ask(server, "/", version="1.0", host=b"").body == b"default/index.html"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root, to become somebody else")
def test_the_folder_of_a_host_that_may_not_be_entered_is_forbidden(ezhttpd, site):
    (site / "closed").mkdir(mode=0o700)
    (site / "closed" / "two.example").mkdir()
    (site / "two.example").symlink_to("closed/two.example")
    assert ask_host(ezhttpd(site, "--vhosts"), "/", "two.example").status == 403


def test_a_host_without_any_folder_has_nothing(ezhttpd, site):
    for path in sorted((site / "default").iterdir()):
        path.unlink()
    (site / "default").rmdir()
    server = ezhttpd(site, "--vhosts")
    for host in ("two.example", "default"):
        for target in ("/", "/index.html", "/one.example/a.txt"):
            assert ask_host(server, target, host).status == 404


def test_without_the_option_hosts_have_none(ezhttpd, site):
    assert ask_host(ezhttpd(site), "/", "one.example").body == b"index.html"


# --- folders that lie elsewhere ---------------------------------------------

def test_a_folder_from_elsewhere_has_its_path(ezhttpd, site, other):
    server = ezhttpd(site, f"--alias=/x={other}", "--cache=x/*=1h", "--error-page=404=default/404.html")
    answer = ask(server, "/x/a.txt")
    assert (answer.status, answer.body, answer.fields["cache-control"]) == (200, b"other a", "max-age=3600")
    assert ask(server, "/x/a.txt", fields=b"Accept-Encoding: gzip\r\n").body == b"other a in gz"
    assert ask(server, "/x/sub/").body == b"other index"
    for target, location in (("/x", "x/"), ("/x/sub", "sub/")):
        answer = ask(server, target)
        assert (answer.status, answer.fields["location"]) == (301, location)
    listing = ask(server, "/x/").body
    assert b'"a.txt"' in listing and b'"sub/"' in listing and b'"in"' in listing and b'"out"' not in listing
    assert ask(server, "/x/none").body == b"default/404.html"
    assert ask(server, "/xx").status == ask(server, "/a.txt").status == 404


def test_nothing_beside_that_folder_is_served(ezhttpd, site, other):
    server = ezhttpd(site, f"--alias=/x={other}", "--jail=strict")
    for target in ("/x/out", "/x/../secret", "/x/%2e%2e/secret", "/x/..%2fsecret", "/x/sub/../../../secret",
                   "/x/elsewhere/secret"):
        answer = ask(server, target)
        assert answer.status in (400, 404) and b"secret" not in answer.body, target
    assert ask(server, "/x/in").body == b"other a"


def test_several_folders_and_the_longest_path_counts(ezhttpd, site, other):
    server = ezhttpd(site, f"--alias=/x={site / 'one.example'}", f"--alias=/x/y={other}",
                     f"--alias=/a b={other / 'sub'}")
    assert ask(server, "/x/a.txt").body == b"one.example/a.txt"
    assert ask(server, "/x/y/a.txt").body == b"other a"
    assert ask(server, "/a%20b/").body == b"other index"


def test_a_folder_from_elsewhere_is_there_for_every_host(ezhttpd, site, other):
    server = ezhttpd(site, "--vhosts", f"--alias=/x={other}")
    for host in ("one.example", "two.example"):
        assert ask_host(server, "/x/a.txt", host).body == b"other a"
    assert ask_host(server, "/a.txt", "one.example").body == b"one.example/a.txt"


def test_a_folder_that_the_server_may_not_read_is_said(site, other):
    other.chmod(0o700)
    done = subprocess.run([EZHTTPD, "--alias", f"/x={other}", "--listen", "127.0.0.1:0", "--user", "nobody", site],
                          capture_output=True, text=True, timeout=10)
    assert (done.returncode, done.stderr) == (
        1, f"ezhttpd: user nobody cannot read directory {other}: Permission denied\n")


def become_nobody():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root, to become somebody else")
def test_an_ordinary_user_has_all_walls_with_folders_from_elsewhere(ezhttpd, site, other):
    server = ezhttpd(site, f"--alias=/x={other}", "--jail=strict", preexec_fn=become_nobody)
    assert ask(server, "/x/a.txt").body == b"other a"
    assert ask(server, "/x/out").status == 404


def test_a_folder_that_is_not_there_is_said(site):
    done = subprocess.run([EZHTTPD, "--alias", "/x=/nonexistent", site], capture_output=True, text=True, timeout=10)
    assert (done.returncode, done.stderr) == (1, "ezhttpd: /nonexistent: No such file or directory\n")


# --- paths that have moved --------------------------------------------------

def test_a_path_that_has_moved_says_where_to(ezhttpd, site):
    server = ezhttpd(site, "--redirect=/old=/new", "--redirect=/blog/*=https://blog.example/*",
                     "--redirect=/asked=/new?b=1")
    for target, location in (
            ("/old", "/new"), ("/old?a=1", "/new?a=1"), ("/old/", "/new"), ("/asked?a=1", "/new?b=1"),
            ("/blog/", "https://blog.example/"),
            ("/blog", "https://blog.example/"), ("/blogs", None), ("/blog/a%20b/?c", "https://blog.example/a%20b/?c"),
            ("/blog//%0dx", None), ("/blog/%c3%a4", "https://blog.example/%C3%A4"), ("/old/x", None)):
        answer = ask(server, target)
        if location is None:
            assert answer.status in (400, 404), target
        else:
            assert (answer.status, answer.fields["location"]) == (301, location), target


def test_no_client_chooses_where_to(ezhttpd, site):
    server = ezhttpd(site, "--redirect=/*=/there/*")
    for target in ("//evil.example/x", "/%2f%2fevil.example", "/.evil.example", "/@evil.example", "/\\evil.example"):
        answer = ask(server, target)
        assert answer.status in (400, 404) or answer.fields["location"].startswith("/there/"), target


def test_a_place_that_is_too_long_is_said_and_not_cut(ezhttpd, site):
    server = ezhttpd(site, f"--redirect=/r/*=/{'a' * 2000}/*", "--header", "X: " + "x" * 3900)
    for n in range(2000, 3900, 100):
        answer = ask(server, "/r/" + "!" * n)
        assert answer.status in (301, 414) and int(answer.fields["content-length"]) == len(answer.body)


# --- links ------------------------------------------------------------------

def test_links_may_be_forbidden(ezhttpd, site, tmp_path):
    (site / "link.txt").symlink_to("one.example/a.txt")
    (site / "folder").symlink_to("one.example")
    (site / "a.txt.gz").symlink_to("one.example/a.txt")
    os.link(site / "one.example/a.txt", site / "hard.txt")
    server = ezhttpd(site)
    assert ask(server, "/link.txt").body == ask(server, "/folder/a.txt").body == b"one.example/a.txt"
    server = ezhttpd(site, "--no-symlinks", f"--alias=/x={site}")
    for target in ("/link.txt", "/folder/a.txt", "/folder/", "/folder", "/x/link.txt"):
        answer = ask(server, target)
        assert answer.status == 404 and answer.body.startswith(OUR_PAGE), target
    assert ask(server, "/hard.txt").body == b"one.example/a.txt"
    (site / "index.html").unlink()
    listing = ask(server, "/").body
    assert b"hard.txt" in listing and b"link.txt" not in listing and b"folder" not in listing


def test_the_folder_itself_may_be_reached_by_a_link(ezhttpd, site, tmp_path):
    (tmp_path / "link").symlink_to(site)
    assert ask(ezhttpd(tmp_path / "link", "--no-symlinks"), "/").body == b"index.html"

"""Listings: sorted as asked for, as a page or as JSON."""
import html.parser
import json
import os
import re
import urllib.parse

import pytest

from conftest import cpu_s_of
from strict import ask

JSON = b"Accept: application/json\r\n"
# name: (size, when it was modified); a name that ends in a slash is a folder.
# By name, size and time they lie differently; some sizes and times are alike.
TREE = {
    b"b-folder/": (None, 784111777), b"A-folder/": (None, 1000000000),
    b"file10.txt": (5, 1600000000), b"file2.txt": (5000, 1000000000), b"File1.txt": (70000, 1600000000),
    b"zero": (0, 1), b"huge.bin": (3 << 30, 784111777), b"\xc3\xa4 & <b>.txt": (5, 1600000001),
    b"bad\xff\xe2\x82name": (17, 1600000001), b"\xf0\x9f\x98\x80": (1, 0), b"100%?#.txt": (5, 1600000000),
    b'quote".txt': (1, 1700000000),
}
ORDERS = [(key, way) for key in "NSM" for way in "AD"]


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    (folder / "empty").mkdir(parents=True)
    (folder / "tree").mkdir()
    for name, (size, modified) in TREE.items():
        path = os.path.join(os.fsencode(folder / "tree"), name)
        if size is None:
            os.mkdir(path)
        else:
            with open(path, "wb") as file:
                file.truncate(size)
        os.utime(path, (modified, modified))
    return folder


@pytest.fixture
def server(ezhttpd, site):
    return ezhttpd(site).settle()


def by_name(name):
    """As people sort: numbers as numbers, capitals with small letters."""
    parts = re.split(rb"(\d+)", name.rstrip(b"/").lower())
    return [(48, int(part)) if part.isdigit() else (part[0] if part else 0, part) for part in parts if part]


def model(key, way):
    """The names in TREE as they are to be sorted."""
    names = sorted(TREE, key=by_name)
    if key == "N" and way == "D":
        names.reverse()
    if key == "S":
        names.sort(key=lambda name: (TREE[name][0] or 0) * (-1 if way == "D" else 1))
    if key == "M":
        names.sort(key=lambda name: TREE[name][1] * (-1 if way == "D" else 1))
    return sorted(names, key=lambda name: not name.endswith(b"/"))


def names_of(answer):
    """The names in a listing of either form, as bytes, by its links."""
    if answer.fields["content-type"] == "application/json":
        links = [entry["href"] for entry in json.loads(answer.body)]
    else:
        links = [link for link in re.findall(rb'<a href="([^"]*)">', answer.body) if link != b"../"]
    return [urllib.parse.unquote_to_bytes(link) for link in links]


class Page(html.parser.HTMLParser):
    """What a page says: the rows of its table, and the heads of its columns."""

    def __init__(self, answer):
        super().__init__()
        self.rows, self.heads = [], []
        self.feed(answer.body.decode("utf-8", "replace"))

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append(0)
        elif tag in ("th", "td"):
            self.rows[-1] += 1
        if tag == "th":
            self.heads.append({"sort": dict(attrs).get("aria-sort"), "text": ""})
        elif tag == "a" and self.heads and "link" not in self.heads[-1]:
            self.heads[-1].update(link=dict(attrs)["href"], rel=dict(attrs).get("rel"))

    def handle_data(self, data):
        if len(self.rows) == 1 and self.heads:
            self.heads[-1]["text"] += data.strip("\n")


# --- orders -----------------------------------------------------------------

@pytest.mark.parametrize("fields", [b"", JSON], ids=["page", "json"])
@pytest.mark.parametrize("key, way", ORDERS)
def test_a_listing_is_sorted_as_the_query_says(server, key, way, fields):
    for separator in ";&":
        answer = ask(server, f"/tree/?C={key}{separator}O={way}", fields=fields)
        assert names_of(answer) == model(key, way)


@pytest.mark.parametrize("query", ["", "?", "?x", "?C=X;O=Y", "?C=N", "?O=A", "?c=s;o=d", "?C%3DS", "?" + "C=" * 3000])
@pytest.mark.parametrize("fields", [b"", JSON], ids=["page", "json"])
def test_any_other_query_has_the_usual_order(server, query, fields):
    assert names_of(ask(server, "/tree/" + query, fields=fields)) == model("N", "A")


def test_the_way_to_a_folder_keeps_the_order(server):
    assert ask(server, "/tree?C=S;O=D").fields["location"] == "tree/?C=S;O=D"


def test_the_heads_of_columns_are_links_that_sort(server):
    for key, way in ORDERS:
        heads = Page(ask(server, f"/tree/?C={key};O={way}")).heads
        assert [head["text"].split()[0] for head in heads] == ["Name", "Size", "Modified"]
        for head, letter in zip(heads, "NSM"):
            is_current = letter == key
            # Of times the newest are first at the first click.
            turned = "D" if (way == "A" if is_current else letter == "M") else "A"
            assert (head["link"], head["rel"]) == (f"?C={letter};O={turned}", "nofollow")
            assert head["sort"] == ({"A": "ascending", "D": "descending"}[way] if is_current else None)
            assert head["text"][-1] == ("\u25b2\u25bc"["AD".index(way)] if is_current else head["text"][-1])
            assert is_current or head["text"] in ("Name", "Size", "Modified (UTC)")
            assert names_of(ask(server, "/tree/" + head["link"])) == model(letter, turned)


def test_every_row_is_as_wide_as_the_heads(server):
    page = Page(ask(server, "/tree/"))
    assert page.rows == [3] * (1 + 1 + len(TREE))


@pytest.mark.parametrize("target", ["/empty/", "/empty/?C=S;O=D"])
def test_an_empty_folder_has_no_heads_of_columns(server, target):
    answer = ask(server, target)
    assert Page(answer).heads == [] and b"This directory is empty" in answer.body


# --- forms ------------------------------------------------------------------

@pytest.mark.parametrize("accept, form", [
    (None, "text/html; charset=utf-8"),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"),
    ("*/*", "text/html; charset=utf-8"),
    ("application/json, text/plain, */*", "text/html; charset=utf-8"),
    ("image/png", "text/html; charset=utf-8"),
    ("application/json;q=nonsense", "text/html; charset=utf-8"),
    ("application/json;q=0", "text/html; charset=utf-8"),
    ("application/json", "application/json"),
    ("application/*;q=0.2, text/*;q=0.1", "application/json"),
    ("application/json, text/javascript, */*; q=0.01", "application/json"),
])
def test_the_client_chooses_the_form(server, accept, form):
    fields = f"Accept: {accept}\r\n".encode() if accept is not None else b""
    get, head = (ask(server, "/tree/", method, fields=fields) for method in ("GET", "HEAD"))
    assert get.fields["content-type"] == form
    assert get.fields["vary"] == "Accept"
    assert "default-src 'none'" in get.fields["content-security-policy"]
    assert int(get.fields["content-length"]) == len(get.body) > 0
    get.fields.pop("date"), head.fields.pop("date"), get.fields.pop("content-length")
    assert (head.status, head.fields, head.body) == (get.status, get.fields, b"")


def test_only_a_listing_has_the_form_that_the_client_chooses(server, site):
    (site / "a.txt").write_text("a")
    for target, status in (("/a.txt", 200), ("/nothing", 404), ("/tree", 301)):
        answer = ask(server, target, fields=JSON)
        assert answer.status == status
        assert answer.fields["content-type"].startswith("text/")
        assert answer.fields.get("vary") in (None, "Accept-Encoding")


def test_the_objects_of_a_listing_say_what_is_there(server):
    answer = ask(server, "/tree/", fields=JSON)
    assert answer.body.isascii()
    for entry, name in zip(json.loads(answer.body), model("N", "A"), strict=True):
        is_folder = name.endswith(b"/")
        there = ask(server, "/tree/" + entry["href"], "HEAD")
        assert entry["name"] == name.rstrip(b"/").decode("utf-8", "replace")
        assert entry["type"] == ("directory" if is_folder else "file")
        assert there.status == 200
        # A listing says also what is no date of a version.
        assert is_folder or TREE[name][1] <= 1 or entry["mtime"] == there.fields["last-modified"]
        assert entry.get("size") == TREE[name][0]
        assert is_folder or entry["size"] == int(there.fields["content-length"])
        assert list(entry) == ["name", "href", "type", "mtime"] + ["size"] * (not is_folder)


def test_a_time_before_1970_is_null(server, site):
    (site / "empty/x").touch()
    os.utime(site / "empty/x", (-1, -1))
    assert [entry["mtime"] for entry in json.loads(ask(server, "/empty/", fields=JSON).body)] == [None]


def test_an_empty_folder_is_an_empty_array(server):
    assert json.loads(ask(server, "/empty/", fields=JSON).body) == []


def test_a_listing_of_many_names_is_whole_as_json(server, site):
    for i in range(3000):
        (site / f"empty/\u00e4-name-that-is-rather-long-so-that-it-fills-many-buffers-{i}").touch()
    entries = json.loads(ask(server, "/empty/?O=D", fields=JSON).body)
    assert [int(entry["name"].rpartition("-")[2]) for entry in entries] == list(range(2999, -1, -1))


@pytest.mark.parametrize("fields", [b"", JSON], ids=["page", "json"])
def test_a_listing_that_is_cut_says_so(server, site, fields):
    # 1 MiB of names, each with a byte for its end.
    most = (1 << 20) // 256
    for i in range(most):
        (site / f"empty/{i:0255}").touch()
    whole = ask(server, "/empty/", fields=fields)
    assert len(names_of(whole)) == most and "listing-cut" not in whole.fields
    (site / f"empty/{most:0255}").touch()
    (site / f"empty/{most + 1:0255}").touch()
    # Which are left out is no chance: the last ones in the order that was asked for.
    for order, numbers in (("A", range(most)), ("D", range(most + 1, 1, -1))):
        cut = ask(server, f"/empty/?O={order}", fields=fields)
        assert cut.fields["listing-cut"] == "?1"
        assert list(map(int, names_of(cut))) == list(numbers)
        page = cut.body.partition(b"<table>")[0]
        assert fields or f"Only the first {most} names in this order are shown; 2 are left out.".encode() in page
        assert fields or f"0 directories, {most + 2} files".encode() in page


def test_the_head_of_a_listing_is_as_cheap_as_that_of_a_file(server, site):
    for i in range(5000):
        (site / f"empty/{i}").touch()
    (site / "file").touch()
    costs = {}
    for target in ("/empty/", "/file"):
        heads = f"HEAD {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 50
        with server.connect() as client:
            client.sendall(heads)
            data = b""
            while data.count(b"\r\n\r\n") < 50:
                data += client.recv(1 << 16)
            child, = {pid for pid, state, _ in server.children() if state != "Z"} - server.helpers
            costs[target] = cpu_s_of(child)
        assert data.count(b"200 OK") == 50
    # Made 50 times, it would take more than a second.
    assert costs["/empty/"] <= costs["/file"] + 0.1


def test_a_page_says_where_it_is_and_what_is_there(server, site):
    answer = ask(server, "/tree/A-folder/")
    page = answer.body.decode()
    assert "<title>Index of A-folder/</title>" in page and "directory is empty" in page
    ups = re.findall(r'<a class=up href="([^"]*)">(.*?)</a>', page)
    assert ups == [("../../", "/"), ("../", "tree")]
    for prefix in ("", "/files"):
        there = [urllib.parse.urljoin(f"http://h{prefix}/tree/A-folder/", link) for link, _ in ups]
        assert there == [f"http://h{prefix}/", f"http://h{prefix}/tree/"]
    files = [size for size, _ in TREE.values() if size is not None]
    assert f"<p>2 directories, {len(files)} files, 3.0 GiB</p>" in ask(server, "/tree/").body.decode("utf-8", "replace")


def test_a_name_cannot_hide_its_ending(server, site):
    (site / "empty/a\u202egpj.exe").touch()
    page = ask(server, "/empty/").body.decode()
    assert "\u202e" not in page and ">a[U+202E]gpj.exe</a>" in page
    assert ask(server, "/empty/" + re.findall(r'<a href="(a[^"]*)">', page)[0]).status == 200


def test_a_media_centre_finds_names_sizes_and_times(server):
    """By the patterns of Kodi, in own words: line by line."""
    found = {}
    for line in ask(server, "/tree/").body.decode("utf-8", "replace").splitlines():
        item = re.search(r'<a href="([^"]*)"[^>]*>\s*(.*?)\s*</a>(.+?)(?=<a|</tr|$)', line)
        if not item or html.unescape(item[2]) != urllib.parse.unquote(item[1]):
            continue
        size = re.search(r"> *([0-9.]+) *([BKMG ])(iB)?</td>", item[3])
        when = re.search(r"(\d{4}-\d\d-\d\d \d\d:\d\d)", item[3])
        found[item[1]] = (size and size[1] + size[2], when[1])
    assert len(found) == len(TREE)
    assert found["file2.txt"] == ("4.8K", "2001-09-09 01:46") and found["A-folder/"] == (None, "2001-09-09 01:46")
    assert found["huge.bin"] == ("3.0G", "1994-11-06 08:49")


def test_the_log_has_the_bytes_of_a_listing_as_json(server):
    answer = ask(server, "/tree/?C=M", fields=JSON)
    assert server.stop() == 0
    assert f'"GET /tree/?C=M HTTP/1.1" 200 {len(answer.body)} ' in server.stderr()

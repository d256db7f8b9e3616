"""A real browser: pages work, a listing can be read."""
import re
import shutil
import struct
import subprocess
import zlib

import pytest

import driver
from conftest import ROOT

CHROMIUM = shutil.which("chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--hide-scrollbars"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here")

PAGE = """<!DOCTYPE html><meta charset=utf-8><title>page</title>
<link rel=stylesheet href=style.css><p id=said>nothing<img id=picture src=picture.png>
<script src=script.js></script>"""
SCRIPT = """addEventListener("load", () => {
	const picture = document.getElementById("picture");
	document.getElementById("said").textContent = "script ran, colour " +
		getComputedStyle(document.body).backgroundColor + ", picture " +
		picture.naturalWidth + " wide";
});"""


def png(width, height):
    """A picture of that size, all of one grey."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + b"\x80" * width) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def browse(profile, url, *words):
    done = subprocess.run([CHROMIUM, *FLAGS, f"--user-data-dir={profile}", *words, url],
                          capture_output=True, timeout=90)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.decode()


def picture_size(path):
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG")
    return struct.unpack(">II", data[16:24])


def ground(path):
    """The colour of a picture's first pixel, which no filter of PNG changes."""
    data, at, rows = path.read_bytes(), 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IDAT":
            rows += data[at + 8:at + 8 + length]
        at += length + 12
    return tuple(zlib.decompress(rows)[1:4])


def test_a_page_has_its_style_its_script_and_its_picture(ezhttpd, tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text(PAGE)
    (site / "style.css").write_text("body { background: rgb(1, 2, 3) }")
    (site / "script.js").write_text(SCRIPT)
    (site / "picture.png").write_bytes(png(23, 5))
    server = ezhttpd(site)
    text = browse(tmp_path / "profile", f"http://127.0.0.1:{server.port}/", "--dump-dom")
    assert "script ran, colour rgb(1, 2, 3), picture 23 wide" in text


@pytest.mark.parametrize("window, words, colour", [
    ("1000,800", [], (255, 255, 255)),
    ("500,800", ["--blink-settings=preferredColorScheme=0"], (0x16, 0x18, 0x1a)),
], ids=["by day", "on a phone at night"])
def test_a_listing_is_shown(ezhttpd, tmp_path, window, words, colour):
    site = tmp_path / "site"
    (site / "folder").mkdir(parents=True)
    for i in (1, 2, 10):
        (site / f"file{i}.txt").write_text("x" * i * 1000)
    server = ezhttpd(site)
    url = f"http://127.0.0.1:{server.port}/"
    dom = browse(tmp_path / "profile", url, "--dump-dom")
    assert re.findall(r'<a href="([^"]+)">', dom) == ["folder/", "file1.txt", "file2.txt", "file10.txt"]
    shot = tmp_path / "listing.png"
    browse(tmp_path / "profile", url, f"--window-size={window}", f"--screenshot={shot}", *words)
    assert picture_size(shot) == tuple(map(int, window.split(",")))
    assert ground(shot) == colour


@pytest.mark.skipif(bool(driver.LACKS), reason=driver.LACKS)
def test_pages_fit_a_phone_and_a_listing_has_all_its_columns(ezhttpd, tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / ("a-long-name-" * 8 + ".txt")).write_text("x")
    (site / "b.txt").write_text("x")
    url = f"http://127.0.0.1:{ezhttpd(site).port}"
    with driver.browser(tmp_path / "profile", (390, 800)) as browser:
        for target in ("/", "/nothing"):
            browser.visit(url + target)
            assert browser.ask("return [innerWidth, document.documentElement.scrollWidth]") == [390, 390]
        browser.visit(url + "/")
        cells = browser.ask("return [...document.querySelectorAll('tbody tr:last-child td')]"
                            ".map(cell => cell.getBoundingClientRect().width)")
        links = browser.ask("return [...document.querySelectorAll('td a')].map(link => link.offsetHeight)")
    assert len(cells) == 3 and cells[0] > 150 and min(cells) > 20 and cells[2] < 120
    # What a finger hits (WCAG 2.2, 2.5.5).
    assert min(links) >= 44


def test_the_projects_own_site_is_shown(ezhttpd, tmp_path):
    server = ezhttpd(ROOT / "site")
    shot = tmp_path / "site.png"
    browse(tmp_path / "profile", f"http://127.0.0.1:{server.port}/", "--window-size=1000,1000",
           f"--screenshot={shot}")
    assert picture_size(shot) == (1000, 1000)

"""Real clients at their daily work: downloads, mirrors, git, apt, and a browser
that plays, loads many files and is held in one hand."""
import gzip
import hashlib
import os
import re
import shutil
import struct
import subprocess
import threading
import urllib.parse
import zlib

import pytest

import driver
from conftest import wait_until
from strict import ask

MIB = 1 << 20
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1",
               "GIT_TERMINAL_PROMPT": "0"}
PHONE = (390, 844)


def have(*programs):
    missing = [program for program in programs if not shutil.which(program)]
    return pytest.mark.skipif(bool(missing), reason=f"no {', '.join(missing)} here")


needs_browser = pytest.mark.skipif(bool(driver.LACKS), reason=driver.LACKS)


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


@pytest.fixture
def run(tmp_path):
    """run(word, ...) -> what the program has said, in a folder of its own;
    with an environment that leads through no proxy."""
    work = tmp_path / "work"
    work.mkdir()

    def call(*argv, check=True, **environment):
        done = subprocess.run([str(word) for word in argv], cwd=work, capture_output=True, timeout=30,
                              env={**ENVIRONMENT, "HOME": str(work), **environment}, stdin=subprocess.DEVNULL)
        assert not check or done.returncode == 0, (argv, done.stdout, done.stderr)
        return done

    call.work = work
    return call


def url_of(server, path=""):
    return f"http://127.0.0.1:{server.port}/{path}"


def contents(folder):
    """{path in bytes: its bytes} of all files below a folder."""
    found = {}
    for where, _, names in os.walk(os.fsencode(folder)):
        for name in names:
            path = os.path.join(where, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, os.fsencode(folder))] = file.read()
    return found


# --- downloads --------------------------------------------------------------

@have("curl")
@pytest.mark.parametrize("words, expected", [
    ("1000-1999", slice(1000, 2000)),
    ("-500", slice(-500, None)),
    ("900000-", slice(900000, None)),
])
def test_curl_gets_a_range(ezhttpd, site, run, words, expected):
    data = os.urandom(MIB)
    (site / "z.bin").write_bytes(data)
    assert run("curl", "-sS", "--fail", "-r", words, url_of(ezhttpd(site), "z.bin")).stdout == data[expected]


@have("wget")
def test_wget_goes_on_and_does_not_load_again(ezhttpd, site, run):
    data = os.urandom(MIB)
    (site / "z.bin").write_bytes(data)
    server = ezhttpd(site)
    (run.work / "z.bin").write_bytes(data[:300000])
    run("wget", "-q", "-c", url_of(server, "z.bin"))
    assert (run.work / "z.bin").read_bytes() == data
    run("wget", "-q", "-N", url_of(server, "z.bin"))
    wait_until(lambda: re.search(r'" 304 ', server.stderr()), what="304 in the log")
    assert f'" 206 {MIB - 300000} ' in server.stderr()


@have("curl")
@pytest.mark.parametrize("size", [0, 1000, 33 * MIB])
def test_a_download_of_a_file_that_is_cut_ends_and_is_known_as_broken(ezhttpd, site, run, size):
    path, copy = site / "cut.bin", run.work / "copy"
    path.write_bytes(b"x" * (64 * MIB))
    server = ezhttpd(site)
    with subprocess.Popen(["curl", "-sS", "--limit-rate", "60M", "--max-time", "8", "-o", copy,
                           url_of(server, "cut.bin")], env=ENVIRONMENT, stderr=subprocess.DEVNULL) as curl:
        wait_until(lambda: copy.exists() and copy.stat().st_size > 0, what="the beginning")
        os.truncate(path, size)
        # What is there only in part, or reset; not 28, out of time, which is
        # less than the server's patience with a client that says nothing.
        assert curl.wait(timeout=20) in (18, 56)
    assert copy.stat().st_size < 64 * MIB
    assert ask(server, "/").status == 200
    assert "signal" not in server.stderr() and "SIG" not in server.stderr()


@have("curl")
def test_a_download_of_a_file_that_grows_has_the_announced_length(ezhttpd, site, run):
    path = site / "growing.log"
    path.write_bytes(b"x" * (16 * MIB))
    (site / "other").write_text("other")
    server, over = ezhttpd(site), threading.Event()

    def grow():
        with open(path, "ab") as file:
            while not over.is_set() and file.tell() < 256 * MIB:
                file.write(b"y" * 65536)
                file.flush()

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        said = run("curl", "-sS", "--fail", "-w", "%{size_download} %{num_connects}\n", "-D", "head",
                   "-o", "copy", url_of(server, "growing.log"), "-o", "other", url_of(server, "other")).stdout
    finally:
        over.set()
        writer.join()
    announced = re.search(rb"(?i)^content-length: (\d+)", (run.work / "head").read_bytes(), re.M)[1]
    # A byte more would have been in the way of the second answer.
    assert said.split() == [announced, b"1", b"5", b"0"]
    assert (run.work / "copy").stat().st_size == int(announced)
    assert path.stat().st_size > int(announced)


@have("curl")
def test_a_file_of_5_gib_is_read_at_its_end_and_across_4_gib(ezhttpd, site, run):
    with open(site / "sparse.bin", "wb") as file:
        file.truncate(5 << 30)
        os.pwrite(file.fileno(), b"around the border", (4 << 30) - 6)
        os.pwrite(file.fileno(), b"end", (5 << 30) - 3)
    url = url_of(ezhttpd(site), "sparse.bin")
    assert f"content-length: {5 << 30}" in run("curl", "-sSI", url).stdout.decode().lower()
    assert run("curl", "-sS", "-r", "-5", url).stdout == b"\0\0end"
    assert run("curl", "-sS", "-r", f"{(4 << 30) - 6}-{(4 << 30) + 10}", url).stdout == b"around the border"
    assert run("curl", "-sS", "-C", (5 << 30) - 3, url).stdout == b"end"


@have("curl")
@pytest.mark.parametrize("name", [b"\xff.bin", b"caf\xe9 latin", b"\xc3", b"\xed\xa0\x80 surrogate", b"\xf5\x80 far"])
def test_a_name_that_is_not_utf_8_is_listed_and_fetched(ezhttpd, site, run, name):
    with open(os.path.join(os.fsencode(site), name), "wb") as file:
        file.write(b"here")
    server = ezhttpd(site)
    link = re.search(rb'<a href="([^"./][^"]*)">', run("curl", "-sS", "--fail", url_of(server)).stdout)[1].decode()
    assert urllib.parse.unquote_to_bytes(link) == name
    assert run("curl", "-sS", "--fail", url_of(server, link)).stdout == b"here"


# --- mirrors ----------------------------------------------------------------

NAMES = ("plain.txt", "with space.txt", "  two  spaces ", "100%.txt", "%41.txt", "%zz", "a+b", "a&b=c;d", "#hash",
         "what?.txt", "quote\"'s", "<tag>", "-dash", "colon:name", "~tilde", "[brackets]", "{braces}|pipe", "back`tick",
         "comma,semi;", "\u00e4\u00f6\u00fc.txt", "\u65e5\u672c\u8a9e.txt", "emoji \U0001f600", "e\u0301 composed",
         "\u05e9\u05dc\u05d5\u05dd", "x" * 200)


@have("wget")
def test_wget_mirrors_a_tree_of_awkward_names(ezhttpd, site, run):
    for folder in ("top", "top/a b/c%20d/\u00e4", "top/" + "/".join("deep" for _ in range(20))):
        (site / folder).mkdir(parents=True, exist_ok=True)
        for number, name in enumerate(NAMES):
            (site / folder / name).write_bytes(f"{folder} {name}".encode() * number)
    (site / "above.txt").write_text("not to be taken")
    server = ezhttpd(site)
    run("wget", "-q", "-r", "-np", "-l", "inf", "-nH", "-e", "robots=off", "--restrict-file-names=nocontrol",
        "--reject-regex", r"\?C=", url_of(server, "top/"))
    got = {path: data for path, data in contents(run.work).items() if not path.endswith(b"index.html")}
    # wget asks for %2541.txt, as it should, and then decodes once more to name its copy.
    assert got == {path.replace(b"%41", b"A"): data for path, data in contents(site).items()
                   if path.startswith(b"top/")}


# --- git --------------------------------------------------------------------

@have("git")
def test_git_clones_and_fetches(ezhttpd, site, run):
    source, bare = run.work / "source", site / "repository.git"

    def git(*words):
        return run("git", "-c", "user.name=a", "-c", "user.email=a@example", *words).stdout.decode().strip()

    def commit(number):
        (source / f"file{number}.bin").write_bytes(os.urandom(50000))
        git("-C", source, "add", ".")
        git("-C", source, "commit", "-qm", f"number {number}")
        git("-C", source, "push", "-q", bare, "HEAD:refs/heads/main")
        git("-C", bare, "update-server-info")
        return git("-C", source, "rev-parse", "HEAD")

    git("init", "-q", "-b", "main", source)
    git("init", "-q", "-b", "main", "--bare", bare)
    for number in range(3):
        commit(number)
    # Packed so far, and loose from here on.
    git("-C", bare, "gc", "-q")
    last = commit(3)
    server = ezhttpd(site)
    git("clone", "-q", url_of(server, "repository.git"), "copy")
    assert git("-C", "copy", "rev-parse", "HEAD") == last
    last = commit(4)
    git("-C", "copy", "fetch", "-q")
    assert git("-C", "copy", "rev-parse", "origin/main") == last
    git("-C", "copy", "fsck", "--strict")
    git("-C", "copy", "merge", "-q", "--ff-only", "origin/main")
    assert contents(run.work / "copy/.git").keys()
    for number in range(5):
        name = f"file{number}.bin"
        assert (run.work / "copy" / name).read_bytes() == (source / name).read_bytes()


# --- apt --------------------------------------------------------------------

PACKAGES = [f"nothing{number}" for number in range(5)]


def make_repository(site, run):
    """A flat one: the packages, and their list plain and compressed."""
    entries = []
    for name in PACKAGES:
        control = f"Package: {name}\nVersion: 1.0\nArchitecture: all\nMaintainer: a <a@example>\nDescription: {name}\n"
        (run.work / name / "DEBIAN").mkdir(parents=True)
        (run.work / name / "DEBIAN/control").write_text(control)
        (run.work / name / "file").write_bytes(os.urandom(20000))
        path = site / f"{name}_1.0_all.deb"
        run("dpkg-deb", "--root-owner-group", "-Zgzip", "-b", run.work / name, path)
        entries.append(f"{control}Filename: ./{path.name}\nSize: {path.stat().st_size}\n"
                       f"SHA256: {hashlib.sha256(path.read_bytes()).hexdigest()}\n")
    text = "\n".join(entries).encode()
    (site / "Packages").write_bytes(text)
    (site / "Packages.gz").write_bytes(gzip.compress(text))


def make_apt_root(root, url):
    """The configuration of an apt that knows nothing of this system."""
    for name in ("etc", "state/lists/partial", "cache/archives/partial", "log"):
        (root / name).mkdir(parents=True)
    (root / "state/status").touch()
    (root / "etc/sources.list").write_text(f"deb [trusted=yes] {url} ./\n")
    path = root / "apt.conf"
    path.write_text(f'Dir "{root}";\nDir::Etc "etc";\nDir::State "state";\nDir::State::status "{root}/state/status";\n'
                    'Dir::Cache "cache";\nDir::Log "log";\nAPT::Sandbox::User "";\nAcquire::Languages "none";\n'
                    'Acquire::Retries "0";\nAcquire::http::Timeout "10";\n')
    return path


@have("apt-get", "dpkg-deb")
def test_apt_updates_and_downloads(ezhttpd, site, run, tmp_path):
    make_repository(site, run)
    server = ezhttpd(site)
    config = make_apt_root(tmp_path / "apt", url_of(server))
    run("apt-get", "-q", "update", APT_CONFIG=str(config))
    run("apt-get", "-q", "update", APT_CONFIG=str(config))
    run("apt-get", "-q", "download", *PACKAGES, APT_CONFIG=str(config))
    for name in PACKAGES:
        file = f"{name}_1.0_all.deb"
        assert (run.work / file).read_bytes() == (site / file).read_bytes()
    # The second update asked whether there was anything new.
    wait_until(lambda: re.search(r'Packages\S* HTTP/1.1" 304 ', server.stderr()), what="304 in the log")


# --- a browser --------------------------------------------------------------

def write_wav(path, seconds):
    """So much silence, most of it sparse: too much to be loaded at once."""
    rate, frame_bytes = 48000, 4
    size = seconds * rate * frame_bytes
    with open(path, "wb") as file:
        file.write(b"RIFF" + struct.pack("<I", size + 36) + b"WAVEfmt " +
                   struct.pack("<IHHIIHH", 16, 1, 2, rate, rate * frame_bytes, frame_bytes, 16) +
                   b"data" + struct.pack("<I", size))
        file.truncate(size + 44)


SEEK = """
const player = document.querySelector("audio, video");
const event = name => new Promise((yes, no) => {
	player.addEventListener(name, yes, { once: true });
	player.addEventListener("error", () => no(player.error.message), { once: true });
});
if (player.readyState < 1)
	await event("loadedmetadata");
const seeked = event("seeked");
player.currentTime = player.duration - 2;
await seeked;
return [player.duration, player.currentTime, player.seekable.end(0), player.error && player.error.code];
"""


@needs_browser
@pytest.mark.parametrize("kind", ["audio", "video"])
def test_a_browser_seeks_by_ranges(ezhttpd, site, tmp_path, kind):
    name, seconds = "a.wav", 600
    write_wav(site / name, seconds)
    (site / "index.html").write_text("<!DOCTYPE html><meta charset=utf-8>"
                                     f"<{kind} preload=metadata src={name}></{kind}>")
    server = ezhttpd(site)
    with driver.browser(tmp_path / "profile") as window:
        window.visit(url_of(server))
        duration, current, end, error = window.ask(SEEK)
        assert abs(duration - seconds) < 1 and abs(current - (duration - 2)) < 1 and end == duration
        assert error is None
        # The beginning, and what lies far behind it.
        wait_until(lambda: server.stderr().count(f'"GET /{name} HTTP/1.1" 206 ') >= 2, what="two times 206 in the log")


def png(grey):
    """A picture of 2 by 2, all of one grey."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress((b"\0" + bytes([grey, grey])) * 2)) + chunk(b"IEND", b""))


@needs_browser
def test_a_browser_loads_a_page_of_200_pictures_and_200_files(ezhttpd, site, tmp_path):
    for number in range(200):
        (site / f"{number}.png").write_bytes(png(number))
        (site / f"{number}.json").write_text(f'{{"number": {number}}}')
    (site / "index.html").write_text("<!DOCTYPE html><meta charset=utf-8>" +
                                     "".join(f"<img src={number}.png>" for number in range(200)))
    server = ezhttpd(site)
    with driver.browser(tmp_path / "profile") as window:
        window.visit(url_of(server))
        assert window.ask("return [...document.images].filter(image => image.naturalWidth == 2).length") == 200
        assert window.ask("""
			const all = [...Array(200).keys()].map(async i => (await (await fetch(i + ".json")).json()).number);
			return (await Promise.all(all)).every((number, i) => number == i)""") is True


LONG_NAMES = ("w" * 250, "many words " * 20, "\u65e5\u672c" * 40)
# What a listing looks like: the widths, and colours as [red, green, blue].
LOOK = """
const colour = (element, name) => getComputedStyle(element)[name].match(/[0-9.]+/g).map(Number);
const root = document.documentElement, links = [...document.querySelectorAll("table a")];
const ground = element => {
	const found = colour(element, "backgroundColor");
	return found.length == 4 && found[3] == 0 ? (element.parentElement ? ground(element.parentElement) : null) : found;
};
return {
	scroll: document.scrollingElement.scrollWidth, inner: innerWidth,
	ground: ground(document.body), text: colour(document.body, "color"), link: colour(links[0], "color"),
	font: Math.min(...links.map(link => parseFloat(getComputedStyle(link).fontSize))),
	right: Math.max(...[...document.body.querySelectorAll("*")].map(one => one.getBoundingClientRect().right)),
	height: Math.min(...links.map(link => link.closest("tr").getBoundingClientRect().height)),
	names: links.map(link => link.textContent),
};
"""


def contrast(one, other):
    """The ratio of WCAG 2, from 1 to 21."""
    def light(colour):
        parts = [value / 255 for value in colour[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@needs_browser
@pytest.mark.parametrize("is_night", [False, True], ids=["by day", "at night"])
def test_a_listing_fits_a_phone(ezhttpd, site, tmp_path, is_night):
    folder = site / ("long" * 60) / "folder"
    (folder / "below").mkdir(parents=True)
    for name in LONG_NAMES + NAMES:
        (folder / name).write_bytes(b"x" * len(name) * 1000)
    server = ezhttpd(site)
    with driver.browser(tmp_path / "profile", PHONE) as window:
        if is_night:
            window.at_night()
        window.visit(url_of(server, "long" * 60 + "/folder/"))
        look = window.ask(LOOK)
    assert look["inner"] == PHONE[0] and look["scroll"] <= look["inner"] and look["right"] <= look["inner"]
    assert contrast(look["ground"], (255, 255, 255)) > 10 if is_night else contrast(look["ground"], (0, 0, 0)) > 10
    assert contrast(look["text"], look["ground"]) >= 7 and contrast(look["link"], look["ground"]) >= 4.5
    # To be read, and hit by a finger.
    assert look["font"] >= 14 and look["height"] >= 24
    # With the heads of three columns, the folder above, and the one below.
    assert len(look["names"]) == len(LONG_NAMES + NAMES) + 3 + 2

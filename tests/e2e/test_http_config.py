"""The configuration file, and the configuration that is printed."""
import re
import socket
import subprocess

import pytest

from conftest import BUILD, ROOT
from strict import ask

EZHTTPD = BUILD / "stage/bin/ezhttpd"
# More of everything than one: what the order is, and what is doubled.
WHOLE = """\
cache *.css=1h
cache *=no-cache
charset none
cors
directory {site}
error-page 404=404.html
fallback app.html
header X-One: 1
header X-Two: 2
html-suffix
idle 30
index home.htm
jail strict
linger 3
listen 127.0.0.1:0
listen unix:{site}/socket
log off
max-connections none
max-per-source 7
mime {site}/types
no-listing
status {site}/status
wait 4
"""


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "types").write_text("text/x-own own\n")
    for name in ("index.html", "home.htm", "404.html", "app.html", "a.own", "a", "b"):
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def config(tmp_path):
    """config(text) -> a file that says that."""
    def write(text):
        file = tmp_path / "site.conf"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file
    return write


def run(*words, **how):
    return subprocess.run([EZHTTPD, *words], capture_output=True, text=True, timeout=10, **how)


def checked(*words, **how):
    """The lines that are printed of a configuration that can be."""
    done = run("--check", *words, **how)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def said(*words, **how):
    """Those of them that are no defaults."""
    return [line for line in checked(*words, **how) if not line.startswith("#")]


def test_a_file_says_what_options_say(start, config, site):
    file = config(f"# The site.\n\n  directory\t{site} \nlisten 127.0.0.1:0\nindex home.htm\n\theader X-Own: a  b\ncors")
    server = start([EZHTTPD, "--config", file])
    answer = ask(server)
    assert (answer.status, answer.body) == (200, b"home.htm")
    assert (answer.fields["x-own"], answer.fields["access-control-allow-origin"]) == ("a  b", "*")


def test_the_command_line_counts_more_than_the_file(start, config, site):
    file = config("directory /nonexistent\nlisten 192.0.2.1:1\nport 1\nindex none\ncharset none\n")
    server = start([EZHTTPD, "--listen", "127.0.0.1:0", "--index", "home.htm", "--config", file, "--charset", "utf-8", site])
    answer = ask(server)
    assert (answer.body, answer.fields["content-type"]) == (b"home.htm", "text/html; charset=utf-8")


@pytest.mark.parametrize("word", [["-d", "{}"], ["--directory={}"], ["{}"]])
def test_a_folder_of_the_command_line_is_instead_of_that_of_the_file(config, site, word):
    file = config("directory /nonexistent\n")
    assert said("--config", file, *[part.format(site) for part in word]) == [f"directory {site}"]


@pytest.mark.parametrize("words", [["-p", "81"], ["--port", "81"], ["--listen", "81"]])
def test_an_address_of_the_command_line_is_instead_of_all_of_the_file(config, words):
    file = config("listen 192.0.2.1:1\nport 1\n" * 8)
    assert said("--config", file, *words) == ["listen 81"]


def test_what_adds_up_begins_with_the_file(config, site):
    file = config("cache a=1\nheader A: 1\nerror-page 404=a\nindex a\n")
    lines = said("--cache", "b=2", "--header", "B: 2", "--error-page", "404=b", "--index", "b", "--config", file, site)
    lines.remove(f"directory {site}")
    assert lines == ["cache a=1", "cache b=2", "error-page 404=a", "error-page 404=b", "header A: 1", "header B: 2",
                     "index a", "index b"]


def test_the_first_rule_of_the_file_counts(start, config, site):
    file = config("cache *=1h\n")
    server = start([EZHTTPD, "--config", file, "--cache", "*=2h", "--listen", "127.0.0.1:0", site])
    assert ask(server).fields["cache-control"] == "max-age=3600"


def test_together_no_more_is_taken_than_of_the_command_line(config):
    file = config("cache a=1\n" * 32)
    done = run("--config", file, "--cache", "b=1", "--check")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "ezhttpd: --cache b=1: at most 32 are allowed (see ezhttpd --help)\n"


@pytest.mark.parametrize("line, fault", [
    ("port x", "port x: expected a port from 0 to 65535"),
    ("port", "port: option requires an argument"),
    ("port \t", "port: option requires an argument"),
    ("cors yes", "cors yes: option takes no argument"),
    ("ports 80", 'unknown option "ports"'),
    ("por 80", 'unknown option "por"'),
    ("-p 80", 'unknown option "-p": write its long name, without dashes'),
    ("--port 80", 'unknown option "--port": write its long name, without dashes'),
    ("port=80", 'unknown option "port=80": write a blank, not =, in front of the value'),
    ("port = 80", "port = 80: write no = between an option and its value"),
    ("mime ='types'", "mime ='types': write no = between an option and its value"),
    ("index \"a b\"", 'index "a b": write the value without quotes'),
    ("index 'a'", "index 'a': write the value without quotes"),
    ("check", "check: for the command line only"),
    ("config x", "config x: for the command line only"),
    ("help", "help: for the command line only"),
    ("version", "version: for the command line only"),
    ("log xml", "log xml: expected combined, json or off"),
    ("jail on", "jail on: expected auto, strict or off"),
    ("max-connections 0", "max-connections 0: expected a number from 1 to 16384, or none"),
    ("cache x", "cache x: expected PATTERN=AGE, as in *.css=1h"),
    ("index a/b", "index a/b: expected the name of a file that is served"),
    ("directory a\ndirectory b", "directory b: only one directory is allowed"),
    ("index \x1b[31m", "the line has a control character"),
    ("index a\r", "the line ends in CR LF, expected LF alone"),
    ("index \x1b\r", "the line has a control character"),
    ("# \0", "the line has a control character"),
    ("#" * 4096, "the line has more than 4095 bytes"),
])
def test_a_wrong_line_is_named(config, line, fault):
    file = config("\n# A comment.\n" + line + "\nnever-read\n")
    number = 3 + line.count("\n")
    # What is overridden has to be right as well.
    for words in ([], ["--index=x", "-p", "80", "--log", "off", "."]):
        done = run(*words, "--config", file)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"ezhttpd: {file}:{number}: {fault}\n"


def test_a_long_line_is_read(config):
    assert f"# index {'x' * 4087}" not in checked("--config", config("#" * 4095))
    assert said("--config", config(f"status {'x' * 4088}")) == [f"status {'x' * 4088}"]


def test_a_file_that_cannot_be_read_is_said(tmp_path):
    for file, why in ((tmp_path / "none", "No such file or directory"), (tmp_path, "Is a directory"),
                      ("", "No such file or directory")):
        done = run("--config", file)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"ezhttpd: {file}: {why}\n"


def test_a_file_has_a_mebibyte_at_most(config):
    line = "#" * 1023 + "\n"
    assert said("--config", config(line * 1024)) == []
    file = config(line * 1024 + "\n")
    done = run("--config", file, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"ezhttpd: {file}: File too large\n")


def test_a_file_may_be_a_pipe():
    assert said("--config", "/dev/stdin", input="cors\n") == ["cors"]


def test_there_is_one_file_at_most(config):
    file = config("cors\n")
    done = run("--config", file, f"--config={file}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"ezhttpd: --config {file}: only one configuration file is allowed (see ezhttpd --help)\n"


def test_what_is_printed_are_the_defaults(tmp_path):
    assert checked(cwd=tmp_path) == [
        "# charset utf-8", "# directory .", "# idle 60", "# index index.html", "# jail auto", "# linger 2",
        "# listen *:8080", "# log combined", "# mime /etc/mime.types", "# wait 5"]


def test_what_is_printed_is_a_file_that_says_the_same(config, site):
    whole = WHOLE.format(site=site)
    assert run("--check", "--config", config(whole)).stdout == whole


@pytest.mark.parametrize("words", [
    [], ["-p", "0", "--listen", "[::1]:80", "-p1", "--cors", "--index=#"], ["--log", "json", "--jail", "off", "--cors", "--cors"],
    ["--header", "A: b\tc", "--header", "Content-Security-Policy: default-src 'self'", "--charset", "none"],
    ["--index", "a", "--index", "b", "--user", "4711", "--group", "4711", "--mime", "site/types", "site"],
])
def test_what_is_printed_says_the_same_again(config, site, tmp_path, words):
    first = run("--check", *words, cwd=tmp_path)
    assert (first.returncode, first.stderr) == (0, "")
    again = run("--check", "--config", config(first.stdout), cwd=tmp_path)
    assert (again.returncode, again.stderr, again.stdout) == (0, "", first.stdout)


def test_the_last_word_is_printed_and_the_first_address_is_first():
    assert said("--charset", "a", "--charset", "b", "-p", "80", "--listen", "127.0.0.1:90", "--cors", "--cors") == [
        "charset b", "cors", "listen 80", "listen 127.0.0.1:90"]


@pytest.mark.parametrize("words", [
    ["--status", " x"], ["--status", "x\t"], ["--status", "a\nb"], ["--status", ""], ["--status", "x" * 4089],
    ["--header", "A: b "], ["--user", "\x1b"], ["--user", "=x"], ["--status", '"x"'],
])
def test_what_no_line_can_say_is_not_printed(words):
    done = run("--check", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"ezhttpd: {words[1]}: a configuration file cannot hold this (see ezhttpd --help)\n"


def test_a_check_fails_as_a_start_does(config, tmp_path):
    for words in (["/nonexistent"], ["--mime", "/nonexistent", str(tmp_path)], ["-p", "x"], ["--config", "/nonexistent"],
                  ["--config", config("directory /nonexistent\n")], ["--config", config("index a/b\n")], [".", "."],
                  ["--max-connections", "0"], ["--nonsense"], ["-p", "0", "--listen", "localhost:80"],
                  ["--listen", "unix:" + "x" * 108], ["--listen", "*:65536"]):
        started, done = run(*words), run("--check", *words)
        assert started.returncode in (1, 2) and done.stdout == ""
        assert (done.returncode, done.stderr) == (started.returncode, started.stderr), words


def test_a_check_listens_on_nothing_and_makes_nothing(ezhttpd, site, tmp_path):
    server = ezhttpd(site)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "dead"))
    before = sorted(tmp_path.rglob("*"))
    words = ["--listen", f"127.0.0.1:{server.port}", "--listen", f"unix:{tmp_path}/socket", "--listen",
             f"unix:{tmp_path}/dead", "--listen", "[2001:db8::1%none]:80", "--status", f"{tmp_path}/status"]
    assert f"listen 127.0.0.1:{server.port}" in said(*words, site)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_check_that_cannot_be_written_fails():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([EZHTTPD, "--check"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=10)
    assert (done.returncode, done.stderr) == (1, "ezhttpd: configuration: No space left on device\n")


def test_the_example_of_the_manual_is_right(config, site):
    manual = (ROOT / "man/ezhttpd.8").read_text()
    example = re.search(r"^\.Ss Configuration\n.*?^\.Bd .*?\n(.*?)^\.Ed\n", manual, re.M | re.S)[1]
    lines = [line for line in example.splitlines() if not line.startswith("#")]
    assert sorted(said("--config", config(example), site)) == sorted(
        f"directory {site}" if line.startswith("directory ") else line for line in lines)

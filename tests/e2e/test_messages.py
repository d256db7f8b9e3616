"""What is printed for mistakes: which option, what was found, what is expected."""
import os
import subprocess

import pytest

from conftest import BUILD, wait_until

EZHTTPD = BUILD / "stage/bin/ezhttpd"
IS_ROOT = os.geteuid() == 0
AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if IS_ROOT else []
HELP = " (see ezhttpd --help)"

# The mistakes of the command line: who makes them, with which words, the exit
# status and the sentence.  {site} is a directory that is served.
ANYBODY, ROOT, USER = "anybody", "root", "an ordinary user"
WORDS = [
    (USER, ["-p", "80", "{site}"], 1,
     "listen 80: only root may use ports below 1024, or a supervisor that hands the socket over"),
    (USER, ["--listen", "127.0.0.1:80", "{site}"], 1,
     "listen 127.0.0.1:80: only root may use ports below 1024, or a supervisor that hands the socket over"),
    (USER, ["--listen", "127.0.0.1:0", "--user", "daemon", "{site}"], 1, "only root can change to user daemon"),
    (USER, ["--listen", "127.0.0.1:0", "--group", "daemon", "{site}"], 1, "only root can change to group daemon"),
    (ANYBODY, ["--listen", "127.0.0.1:0", "--user", "nosuch", "{site}"], 1, "no such user: nosuch"),
    (ANYBODY, ["--listen", "127.0.0.1:0", "--group", "nosuch", "{site}"], 1, "no such group: nosuch"),
    (ANYBODY, ["--listen", "127.0.0.1:0", "--user", "root", "{site}"], 1,
     "user root: the server must not remain root"),
    (ROOT, ["--listen", "127.0.0.1:0", "{closed}"], 1, "user nobody cannot read directory {closed}: Permission denied"),
    (ANYBODY, ["--header", "Content-Length: 5"], 2,
     "--header Content-Length: 5: ezhttpd sets this header field itself" + HELP),
    (ANYBODY, ["-p"], 2, "-p: option requires an argument" + HELP),
    (ANYBODY, ["--port"], 2, "--port: option requires an argument" + HELP),
    (ANYBODY, ["--no-listing=yes"], 2, "--no-listing=yes: option takes no argument" + HELP),
    (ANYBODY, ["--fallbak", "x"], 2, "--fallbak: unknown option" + HELP),
    (ANYBODY, ["--jail", "on"], 2, "--jail on: expected auto, strict or off" + HELP),
    (ANYBODY, ["--error-page", "500=x"], 2, "--error-page 500=x: expected 403=FILE or 404=FILE" + HELP),
    (ANYBODY, ["a", "b"], 2, "--directory b: only one directory is allowed" + HELP),
    (ANYBODY, ["/nonexistent"], 1, "/nonexistent: No such file or directory"),
    (ANYBODY, ["--alias", "/x=/nonexistent", "{site}"], 1, "/nonexistent: No such file or directory"),
]
# Those of a configuration file.
LINES = [
    ("directory = {site}", 2, "directory = {site}: write no = between an option and its value"),
    ("directory={site}", 2, 'unknown option "directory={site}": write a blank, not =, in front of the value'),
    ('directory "{site}"', 2, 'directory "{site}": write the value without quotes'),
    ("directory {site}\r", 2, "the line ends in CR LF, expected LF alone"),
    ("--listen 127.0.0.1:0", 2, 'unknown option "--listen": write its long name, without dashes'),
    ("fallbak x", 2, 'unknown option "fallbak"'),
    ("port", 2, "port: option requires an argument"),
    ("no-listing yes", 2, "no-listing yes: option takes no argument"),
    ("header Date: now", 2, "header Date: now: ezhttpd sets this header field itself"),
    ("directory /nonexistent", 1, "/nonexistent: No such file or directory"),
    ("alias /x=/nonexistent", 1, "/nonexistent: No such file or directory"),
    ("mime /nonexistent", 1, "/nonexistent: No such file or directory"),
    ("auth /nonexistent", 1, "/nonexistent: No such file or directory"),
]
# What may come later is a warning: the option, its word, and why.
WARNINGS = [
    ("error-page", "404=/nosuch.html", "No such file or directory"),
    ("error-page", "403=sub", "not a regular file"),
    ("fallback", "nosuch", "No such file or directory"),
]


@pytest.fixture
def places(tmp_path):
    """{name: directory}; the closed one is root's alone."""
    found = {name: tmp_path / name for name in ("site", "closed")}
    for path in found.values():
        path.mkdir()
    (found["site"] / "sub").mkdir()
    (found["site"] / "404.html").write_text("missing")
    found["closed"].chmod(0o700)
    return found


def run(*argv):
    return subprocess.run([str(word) for word in argv], capture_output=True, text=True, timeout=20)


@pytest.mark.parametrize("who, words, status, sentence", WORDS)
def test_a_mistake_on_the_command_line_is_explained(places, who, words, status, sentence):
    if who == ROOT and not IS_ROOT:
        pytest.skip("needs root, who becomes another")
    prefix = AS_NOBODY if who == USER else []
    done = run(*prefix, EZHTTPD, *[word.format(**places) for word in words])
    assert (done.returncode, done.stdout, done.stderr) == (status, "", f"ezhttpd: {sentence.format(**places)}\n")


@pytest.mark.parametrize("line, status, sentence", LINES)
def test_a_mistake_in_a_configuration_file_is_explained_with_its_line(places, tmp_path, line, status, sentence):
    file = tmp_path / "site.conf"
    file.write_bytes(f"# A comment.\n{line.format(**places)}\n".encode())
    for words in ([], ["--check"]):
        done = run(EZHTTPD, "--config", file, *words)
        assert (done.returncode, done.stdout) == (status, "")
        assert done.stderr == f"ezhttpd: {file}:2: {sentence.format(**places)}\n"


@pytest.mark.parametrize("option, word, why", WARNINGS)
def test_a_page_that_is_missing_is_warned_of_and_the_server_starts(ezhttpd, places, tmp_path, option, word, why):
    server = ezhttpd(places["site"], f"--{option}", word)
    assert server.stderr().startswith(f"ezhttpd: warning: --{option} {word}: {why}\n")
    file = tmp_path / "site.conf"
    file.write_text(f"{option} {word}\n")
    server = ezhttpd(places["site"], "--config", file)
    wait_until(server.stderr, what="the warning")
    assert server.stderr().startswith(f"ezhttpd: {file}:1: warning: --{option} {word}: {why}\n")


def test_a_page_that_is_there_is_not_warned_of(places):
    for words in (["--error-page", "404=/404.html", "--fallback", "404.html"], ["--vhosts", "--fallback", "nosuch"]):
        done = run(EZHTTPD, "--check", *words, places["site"])
        assert (done.returncode, done.stderr) == (0, "")

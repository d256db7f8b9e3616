"""The command line, the ready line, and the addresses."""
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess

import pytest

from conftest import BUILD, ROOT, receive_all, wait_until
from strict import HOST, ask, take_answer

EZHTTPD = BUILD / "stage/bin/ezhttpd"
GET = b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"


def run(*words):
    return subprocess.run([EZHTTPD, *words], capture_output=True, text=True, timeout=10)


def test_help_fits_a_screen():
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) <= 24 and max(map(len, lines)) < 80
    assert run("-h").stdout == done.stdout


def test_help_names_each_option_of_the_manual():
    manual = (ROOT / "man/ezhttpd.8").read_text()
    options = re.findall(r"^\.It (?:.* , )?Fl (?:. , Fl )?-([a-z-]+)", manual, re.M)
    assert {"port", "help", "cors", "user", "check", "config"} <= set(options)
    named = set(re.findall(r"--([a-z-]+)", run("--help").stdout))
    assert named == set(options)


def test_each_example_of_the_manual_is_a_command_that_is_understood(tmp_path):
    """But for the folders, which are not here (1); what is wrong is 2."""
    manual = (ROOT / "man/ezhttpd.8").read_text()
    examples = manual.partition(".Sh EXAMPLES")[2].partition(".Sh SEE ALSO")[0]
    # Nothing is broken in two where a screen has 80 columns.
    assert max(len(line) for line in examples.splitlines() if line.startswith((".Dl", "$", "#", "  "))) <= 72
    examples = examples.replace("\\e\n", "")
    commands = re.findall(r"^(?:\.Dl )?[$#] ezhttpd(.*?)(?: 2>&1.*| >site.conf)?$", examples, re.M)
    assert len(commands) >= 12
    (tmp_path / "site.conf").write_text("cors\n")
    for command in commands:
        done = subprocess.run([EZHTTPD, "--check", *shlex.split(command)], capture_output=True, text=True, timeout=10,
                              cwd=tmp_path)
        assert done.returncode in (0, 1), (command, done.stderr)


def test_the_log_may_be_of_json(ezhttpd, tmp_path):
    (tmp_path / "a.txt").write_text("abc")
    server = ezhttpd(tmp_path, "--log", "json")
    agent = b'User-Agent: "q\\u0000\xff\xc3\xa4\r\n'
    assert ask(server, "/a.txt", fields=agent).status == 200
    server.ask(b"GET /\x01 HTTP/1.1\r\n\r\n")
    wait_until(lambda: server.stderr().count('"request"') == 2, what="both are in the log")
    good, bad = [json.loads(line) for line in server.stderr().splitlines() if '"request"' in line]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", good.pop("time"))
    assert good == {"peer": "127.0.0.1", "user": None, "host": "localhost", "request": "GET /a.txt HTTP/1.1",
                    "status": 200, "bytes": 3, "referer": None, "user_agent": '"q\\u0000\ufffdä'}
    assert (bad["status"], bad["host"]) == (400, None)


def test_version_is_said():
    assert re.fullmatch(r"ezhttpd \d+\.\d+\.\d+\n", run("-V").stdout)
    assert run("--version").returncode == 0


@pytest.mark.parametrize("words", [
    ["--nonsense"], ["-x"], ["--port"], ["-p", "65536"], ["-p", "x"], ["-p", ""], ["--log", "xml"],
    ["--max-connections", "0"], ["--max-connections", "-1"], ["--max-per-source", "many"], [".", "."],
    ["--cache", "x"], ["--error-page", "500=x"], ["--fallback", "/"], ["--header", "x"], ["--index", "a/b"],
    ["--charset", ""], ["--cors=x"],
])
def test_a_wrong_command_line_is_answered_with_one_sentence(words):
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ezhttpd: ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("words, named", [
    (["-x"], "-x"), (["-xV"], "-x"), (["--no-listing", "-xV"], "-x"), (["--nonsense"], "--nonsense"),
])
def test_an_unknown_option_is_named(words, named):
    assert run(*words).stderr == f"ezhttpd: {named}: unknown option (see ezhttpd --help)\n"


@pytest.mark.parametrize("word", ["--help=x", "--no-listing=x", "--cors=yes"])
def test_a_word_too_many_is_named(word):
    assert run(word).stderr == f"ezhttpd: {word}: option takes no argument (see ezhttpd --help)\n"


@pytest.mark.parametrize("number", ["0", "16385", "20000", "4294967295", "many"])
def test_connections_are_1_to_16384(number):
    done = run("--max-connections", number)
    assert done.returncode == 2
    assert done.stderr == (
        f"ezhttpd: --max-connections {number}: expected a number from 1 to 16384, or none (see ezhttpd --help)\n")


@pytest.mark.parametrize("number", ["1", "16384", "none"])
def test_connections_have_a_limit_or_none(start, tmp_path, number):
    assert ask(start([EZHTTPD, "-p", "0", "--max-connections", number, tmp_path])).status == 200


@pytest.mark.parametrize("folder", ["/nonexistent", "/etc/passwd"])
def test_a_folder_that_cannot_be_read_is_answered_with_one_sentence(folder):
    done = run("--listen", "127.0.0.1:0", folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"ezhttpd: {folder}: ") and done.stderr.count("\n") == 1


def test_an_address_that_is_taken_is_answered_with_one_sentence(ezhttpd, tmp_path):
    server = ezhttpd(tmp_path)
    done = run("--listen", f"127.0.0.1:{server.port}", str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert "Address already in use" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("word", ["localhost:80", "foo", "http://127.0.0.1:80/", ""])
def test_what_is_not_an_address_is_said(tmp_path, word):
    done = run("--listen", word, str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"ezhttpd: listen {word}: not an address (names are not looked up)\n"


def test_a_failed_start_leaves_no_socket_behind(tmp_path):
    path = tmp_path / "socket"
    done = run("--listen", f"unix:{path}", "--listen", "foo", str(tmp_path))
    assert done.returncode == 1
    assert not path.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, who becomes another")
@pytest.mark.parametrize("words, user", [
    ([], "nobody"), (["--user", "daemon"], "daemon"), (["--user", "4711"], "4711"),
])
def test_a_folder_that_its_user_may_not_read_is_said_at_the_start(tmp_path, words, user):
    tmp_path.chmod(0o700)
    done = run("--listen", "127.0.0.1:0", *words, str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == f"ezhttpd: user {user} cannot read directory {tmp_path}: Permission denied\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, who becomes another")
def test_a_folder_that_its_user_alone_may_read_is_served(ezhttpd, tmp_path):
    (tmp_path / "index.html").write_text("here")
    tmp_path.chmod(0o700)
    os.chown(tmp_path, 4711, 4711)
    assert ask(ezhttpd(tmp_path, "--user", "4711")).body == b"here"


def test_the_current_folder_is_the_default(start, tmp_path):
    (tmp_path / "index.html").write_text("here")
    server = start([EZHTTPD, "--listen", "127.0.0.1:0"], cwd=tmp_path)
    assert ask(server).body == b"here"


@pytest.mark.parametrize("words", [["-p", "0"], ["--port", "0"], ["--port=0"], ["--listen", "*:0"], ["--listen", "0"]])
def test_a_wildcard_is_shown_as_this_machine(start, tmp_path, words):
    server = start([EZHTTPD, *words, tmp_path])
    assert re.fullmatch(r"listening on http://127\.0\.0\.1:\d+/", server.ready_line)
    assert ask(server).status == 200


def test_the_wildcard_of_ipv6_is_shown_as_this_machine_there(start, tmp_path):
    server = start([EZHTTPD, "--listen", "[::]:0", tmp_path])
    assert re.fullmatch(r"listening on http://\[::1\]:\d+/", server.ready_line)
    with server.connect(host="::1") as client:
        client.sendall(GET)
        assert take_answer(receive_all(client))[0].status == 200


NETWORK = """
ip link set lo up
ip link add name one type veth peer name two
ip link set one up
ip link set two up
for address in 192.0.2.1/24 192.0.2.2/24 169.254.1.1/16 $more; do ip address add $address dev one; done
for address in 2001:db8::1/64 2001:db8::2/64 fe80::1/64; do ip address add $address dev one nodad; done
ip link add name down type veth peer name other
ip address add 192.0.2.9/24 dev down
exec "$@"
"""


@pytest.fixture
def told(start, tmp_path):
    """told(address, more) -> the hosts by which it is told to be reached, in a
    network that has these addresses more."""
    def run(address, more=""):
        last = f"unix:{tmp_path}/socket"
        server = start(["unshare", "--net", "sh", "-ec", NETWORK, "sh", EZHTTPD, "--listen", address, "--listen", last,
                        tmp_path], env=dict(os.environ, more=more))
        assert server.ready_line.endswith(":8080/")
        wait_until(lambda: f"listening on {last}\n" in server.stderr(), what="the last address")
        return sorted(re.findall(r"^listening on http://(.*):8080/$", server.stderr(), re.M))
    return run


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root, for network namespaces")
@pytest.mark.skipif(not shutil.which("ip") or not shutil.which("unshare"), reason="needs ip and unshare")
@pytest.mark.parametrize("address, hosts", [
    ("*:8080", ["192.0.2.1", "192.0.2.2", "[2001:db8::1]", "[2001:db8::2]"]),
    ("0.0.0.0:8080", ["192.0.2.1", "192.0.2.2"]),
    ("[::]:8080", ["[2001:db8::1]", "[2001:db8::2]"]),
    ("127.0.0.1:8080", []), ("192.0.2.1:8080", []),
])
def test_a_wildcard_tells_by_which_addresses_others_reach_it(told, address, hosts):
    assert told(address) == hosts


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root, for network namespaces")
@pytest.mark.skipif(not shutil.which("ip") or not shutil.which("unshare"), reason="needs ip and unshare")
def test_a_wildcard_tells_four_of_many_addresses(told):
    assert len(told("0.0.0.0:8080", "192.0.2.3/24 192.0.2.4/24 192.0.2.5/24 192.0.2.6/24")) == 4


def test_the_first_address_is_on_stdout_and_the_others_on_stderr(start, tmp_path):
    path = tmp_path / "socket"
    server = start([EZHTTPD, "--listen", "[::1]:0", "--listen", "127.0.0.1:0", "--listen", f"unix:{path}", tmp_path])
    assert re.fullmatch(r"listening on http://\[::1\]:\d+/", server.ready_line)
    wait_until(lambda: f"listening on unix:{path}\n" in server.stderr(), what="the last address")
    port = int(re.search(r"listening on http://127\.0\.0\.1:(\d+)/\n", server.stderr())[1])
    for address in (("::1", server.port), ("127.0.0.1", port)):
        with socket.create_connection(address, timeout=10) as client:
            client.sendall(GET)
            assert take_answer(receive_all(client))[0].status == 200
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(path))
        client.sendall(GET)
        assert take_answer(receive_all(client))[0].status == 200
    wait_until(lambda: f"uid:{os.getuid()} - - [" in server.stderr(), what="the line of the unix client")


def test_inherited_sockets_go_before_the_command_line(start, tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        def hand_over():
            os.dup2(listener.fileno(), 3)
            os.environ["LISTEN_PID"] = str(os.getpid())
        server = start(["/bin/sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "sh", EZHTTPD, "--listen",
                        "192.0.2.1:1", tmp_path], pass_fds=(3,), preexec_fn=hand_over)
        assert server.ready_line == f"listening on http://127.0.0.1:{port}/"
        assert ask(server).status == 200


def test_a_stopped_server_ends_with_0(ezhttpd, tmp_path):
    server = ezhttpd(tmp_path)
    assert server.stop(signal.SIGTERM) == 0

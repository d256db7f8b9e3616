"""The first steps of a newcomer: script/server and script/demo, every command
of the tutorial as it is printed, and pictures that every viewer shows."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import zlib

import pytest

from conftest import BUILD, ROOT, Program, wait_until

PAGES = ("tutorial/README.md", "tutorial/README.ja.md")
PICTURES = ("doc/processes.svg", "site/processes.svg", "tutorial/fork.svg")
# Nobody's: who has no other process can be given a limit of processes.
STUDENT = 60123
needs_rooms = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for namespaces")


# What the page of the tutorial prints.

def sections(page):
    """{title: [(command, [line of its output])]}; an exercise is a section."""
    found, title, output = {}, None, None
    for line in (ROOT / page).read_text().splitlines():
        head = re.match(r"#+ (.*)|\*\*(\d+\..*?)\*\*", line)
        code = re.match(r" {4,}(.*)", line)
        if head:
            title = head[1] or head[2]
            found[title] = []
        elif code and code[1].startswith("$ "):
            output = []
            found[title].append((code[1][2:], output))
        elif code and output is not None:
            output.append(code[1].strip())
        else:
            output = None
    return found


def section(start):
    """The commands of the section whose title starts so, with their output."""
    return next(commands for title, commands in sections(PAGES[0]).items() if title.startswith(start))


def pattern_of(line):
    """A line of output, in which numbers, columns and the flags of a process's
    state (foreground, nice) may differ."""
    escaped = re.sub(r"\b([SZ])\\\+", r"\1[+<Ns]*", re.escape(line))
    return re.sub(r"\d+", r"\\d+", re.sub(r"(\\ )+", r"\\s+", escaped))


def is_as_printed(shown, lines):
    """Whether output begins with lines of these forms."""
    forms = [pattern_of(line) for line in lines if line != "..."]
    return re.match(r"\s*" + r"\s*\n\s*".join(forms), shown) is not None


def test_both_languages_have_the_same_commands():
    english, japanese = (list(sections(page).values()) for page in PAGES)
    assert [commands for commands in english if commands] == [commands for commands in japanese if commands]


# A classroom: a network, processes and a copy of the programs of its own.

class Room:
    """Terminals on one machine, on which port 8080 is free."""

    def __init__(self, folder):
        self.folder = folder
        self.started = []
        self.keeper = subprocess.Popen(
            ["unshare", "--net", "--pid", "--mount-proc", "--fork", "--kill-child",
             "bash", "-c", "ip link set lo up && echo ready && read"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.keeper.stdout.readline() == b"ready\n"
        children = pathlib.Path(f"/proc/{self.keeper.pid}/task/{self.keeper.pid}/children").read_text()
        self.entrance = ["nsenter", "-t", children.split()[0], "--net", "--pid", "--mount", f"--wd={folder}"]

    def words(self, command, user):
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        return [*self.entrance, *become, "bash", "-c", command]

    def open(self, command, user=None):
        """A terminal in which a command goes on running; .said() is its output."""
        with open(self.folder / f"terminal{len(self.started)}", "wb+") as output:
            terminal = subprocess.Popen(self.words(command, user), stdin=subprocess.PIPE, stdout=output,
                                        stderr=subprocess.STDOUT)
            name = output.name
        terminal.said = lambda: pathlib.Path(name).read_text()
        self.started.append(terminal)
        return terminal

    def run(self, command, user=None, limit_s=20):
        """What a command has printed when it has ended."""
        terminal = self.open(command, user)
        terminal.wait(limit_s)
        return terminal.said()

    def serve(self, command, user=None):
        """Starts a server, and waits until it has printed its address."""
        server = self.open(command, user)
        wait_until(lambda: "listening on http://127.0.0.1:8080/\n" in server.said(), what=f"{command} listens")
        return server

    def connect(self, command, count=1):
        """Starts clients, and waits until the kernel has connected them."""
        client = self.open(command)
        wait_until(lambda: self.run("ss -Htn state established '( sport = :8080 )'").count("\n") >= count,
                   what="connected")
        return client

    def close(self):
        for terminal in self.started:
            terminal.stdin.close()
        self.keeper.kill()
        self.keeper.wait()
        self.keeper.stdin.close()
        self.keeper.stdout.close()
        for terminal in self.started:
            terminal.wait(20)


@pytest.fixture
def room(tmp_path):
    for name in ("tutorial", "lab/demo"):
        (tmp_path / "build" / name).mkdir(parents=True)
        for file in (BUILD / name).iterdir():
            if file.is_file() and os.access(file, os.X_OK):
                shutil.copy(file, tmp_path / "build" / name)
    with contextlib.closing(Room(tmp_path)) as made:
        yield made


PAGE = "This page is from the EZHTTPD sample web server."


@needs_rooms
def test_step_1_holds_curl_until_a_byte_is_typed(room):
    (server, address), (nc, _), (curl, _) = section("Step 1")
    server = room.serve(server)
    assert is_as_printed(server.said(), address)
    first = room.connect(nc)
    second = room.open(curl)
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(0.5)
    first.stdin.write(b"x\n")
    first.stdin.flush()
    assert second.wait(10) == 0
    assert PAGE in first.said() and PAGE in second.said()


@needs_rooms
def test_step_2_shows_zombies_and_at_last_fork_fails(room):
    (server, _), (visits, _), (ps, shown), (limited, _), (many, _) = section("Step 2")
    with_zombies = room.serve(server)
    room.connect("nc 127.0.0.1 8080")
    room.run(visits)
    wait_until(lambda: is_as_printed(room.run(ps), shown), what="zombies as printed")
    room.run("pkill fork_ezhttpd; pkill nc")
    with_zombies.wait(10)
    server = room.serve(limited, STUDENT)
    unanswered = room.run(many, STUDENT).count("nobody answers")
    assert 15 <= unanswered <= 25
    assert server.said().count("fork: Resource temporarily unavailable\n") == unanswered


@needs_rooms
def test_step_3_shows_no_zombie_and_each_mistake(room):
    (server, _), (visits, _), (ps, shown), *others = section("Step 3")
    room.serve(server)
    room.run(visits)
    wait_until(lambda: is_as_printed(printed := room.run(ps), shown) and printed.count("\n") == len(shown),
               what="the parent alone")
    terminals = [(room.open(command), command, lines) for command, lines in others]
    for terminal, command, lines in terminals:
        assert terminal.wait(60) == 0
        assert is_as_printed(terminal.said(), lines), f"{command}: {terminal.said()}"
    one, loop, wrong, saved, *_ = (re.findall(r"\d+", terminal.said()) for terminal, _, _ in terminals)
    assert int(one[1]) == int(one[0]) and int(one[1]) + int(one[2]) == 50
    assert loop[1:] == ["50", "0"]
    assert int(wrong[-1]) > 0 and int(saved[-1]) == 0


@needs_rooms
def test_in_between_twenty_silent_clients_hold_the_server_for_three_seconds(room):
    (server, _), (clients, _), (curl, shown) = section("In between")
    room.serve(server)
    room.connect(clients, 20)
    printed = room.run(curl)
    assert is_as_printed(printed, shown)
    assert 0.5 < float(re.search(r"[\d.]+", printed)[0]) < 6


@needs_rooms
def test_exercise_1_one_wait_for_each_signal_leaves_zombies(room):
    (server, _), (clients, _), (ps, _) = section("1.")
    room.serve(server)

    def has_zombies():
        room.run(clients, limit_s=60)
        return "<defunct>" in room.run(ps)

    wait_until(has_zombies, limit_s=60, what="zombies")


@needs_rooms
def test_exercise_2_without_wnohang_one_client_holds_the_server(room):
    (server, _), (nc, _), (curl, _), (again, _) = section("2.")
    room.serve(server)
    silent = room.connect(nc)
    assert PAGE in room.run(curl)
    held = room.open(again)
    with pytest.raises(subprocess.TimeoutExpired):
        held.wait(0.5)
    silent.stdin.write(b"x\n")
    silent.stdin.flush()
    assert held.wait(10) == 0 and PAGE in held.said()


@needs_rooms
def test_exercise_3_an_ignored_signal_leaves_no_zombie(room):
    (server, _), (visits, _), (ps, _) = section("3.")
    room.serve(server)
    room.run(visits)
    wait_until(lambda: room.run(ps).count("broken_ezhttpd ignore") == 1, what="the parent alone")
    assert "<defunct>" not in room.run(ps)


def test_no_other_section_has_commands():
    tried = ("A server", "Step 1", "Step 2", "Step 3", "In between", "1.", "2.", "3.")
    assert [title for title, commands in sections(PAGES[0]).items()
            if commands and not title.startswith(tried)] == []


# The addresses of the three servers.

@pytest.mark.parametrize("name", ["ezhttpd", "fork_ezhttpd", "signal_ezhttpd", "limit_ezhttpd", "broken_ezhttpd"])
def test_the_tutorial_listens_on_loopback(start, name):
    mode = ["one"] if name == "broken_ezhttpd" else []
    server = start([BUILD / "tutorial" / name, *mode, "0"])
    with pytest.raises(ConnectionRefusedError):
        server.connect(host="127.0.0.2")
    with server.connect():
        pass


def test_the_tutorial_prints_the_address_that_it_has(start, tmp_path):
    source = (ROOT / "tutorial/ezhttpd.c").read_text()
    assert source.count("&server, INADDR_LOOPBACK") == 1
    (tmp_path / "ezhttpd.c").write_text(source.replace("&server, INADDR_LOOPBACK", "&server, INADDR_ANY"))
    subprocess.run(["cc", "-D_GNU_SOURCE", "-I", ROOT / "include", "-I", ROOT / "tutorial", tmp_path / "ezhttpd.c",
                    ROOT / "tutorial/page.c", BUILD / "lib/libtcpserver.a", "-o", tmp_path / "ezhttpd"],
                   check=True, timeout=60)
    server = start([tmp_path / "ezhttpd", "0"])
    assert server.ready_line == f"listening on http://0.0.0.0:{server.port}/"
    with server.connect(host="127.0.0.2"):
        pass


# The scripts.

@contextlib.contextmanager
def serving(*words, cwd=ROOT):
    program = Program([ROOT / "script/server", *words], cwd=cwd, ready_s=120)
    try:
        yield program
    finally:
        program.close()


def test_script_server_prints_the_help():
    done = subprocess.run([ROOT / "script/server", "--help"], cwd="/", capture_output=True, text=True, timeout=120)
    assert done.returncode == 0
    assert done.stdout.startswith("usage: ezhttpd ")


@pytest.mark.parametrize("words", [["-p", "0"], ["--port", "0"], ["-p0", "--no-listing"]])
def test_script_server_serves_the_project_s_site_with_options(words):
    with serving(*words) as server:
        assert server.get()[1] == (ROOT / "site/index.html").read_bytes()


@pytest.mark.parametrize("words", [["folder", "-p", "0"], ["-p", "0", "folder"], ["-p", "0", "-d", "folder"],
                                   ["--config", "file", "-p", "0"]])
def test_script_server_serves_the_caller_s_folder(tmp_path, words):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/index.html").write_text("mine")
    (tmp_path / "file").write_text("directory folder\n")
    with serving(*words, cwd=tmp_path) as server:
        assert server.get() == (200, b"mine")


def test_script_server_names_a_folder_that_is_not_there(tmp_path):
    done = subprocess.run([ROOT / "script/server", "nosuch"], cwd=tmp_path, capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == 1
    assert "nosuch: No such file or directory" in done.stderr


def test_script_demo_runs_all_experiments_and_draws_them():
    picture = ROOT / "build/demo.svg"
    picture.unlink(missing_ok=True)
    done = subprocess.run([ROOT / "script/demo"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^\((.)\)", done.stdout, re.M) == list("abcde")
    assert is_light(picture)


# Pictures.

def is_light(picture):
    """Whether librsvg shows more than a black rectangle: its average colour,
    which is the only pixel of a picture of 1 by 1.  Without rsvg-convert, only
    that its style has no variables, which librsvg does not know."""
    if "var(" in picture.read_text():
        return False
    if not shutil.which("rsvg-convert"):
        return True
    png = subprocess.run(["rsvg-convert", "-w", "1", "-h", "1", "-b", "white", "-f", "png", picture],
                         check=True, capture_output=True).stdout
    header, _, data = png.partition(b"IDAT")
    assert header[25] in (2, 6), "true colour"
    return min(zlib.decompressobj().decompress(data)[1:4]) > 128


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_no_black_rectangle(name):
    assert is_light(ROOT / name)

"""A wall that cannot be built here is said, once, and shown; and where all are
asked for, nothing starts."""
import contextlib
import ctypes
import os
import pathlib
import platform
import pwd
import re
import socket
import subprocess
import sys

import pytest

from conftest import BUILD, ROOT, children_of, receive_all, wait_until

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to start servers as others"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="needs x86-64, whose calls are written down"),
]
EZHTTPD = BUILD / "stage/bin/ezhttpd"
WITHOUT = [sys.executable, ROOT / "tests/e2e/without.py"]
NOBODY = pwd.getpwnam("nobody")
AS_ORDINARY_USER = ["setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}", "--clear-groups"]
WITHOUT_PROC = ["unshare", "--mount", "sh", "-c", 'umount -l /proc && exec "$@"', "sh"]
# Makes the folder that is served, the last argument, read-only first.
READ_ONLY = 'for site; do :; done; mount --bind "$site" "$site"; mount -o remount,bind,ro "$site"; '
IN_READ_ONLY = ["unshare", "--mount", "sh", "-c", READ_ONLY + 'exec "$@"', "sh"]
ABOVE_WRITABLE = ["unshare", "--mount", "sh", "-c",
                  'for site; do :; done; mkdir "$site/in it"; ' + READ_ONLY +
                  'mount -t tmpfs none "$site/in it"; exec "$@"', "sh"]
ALL = ["user", "chroot", "read_only_mounts", "network_namespace", "mdwe", "seccomp", "landlock_files",
       "landlock_truncate", "landlock_network", "landlock_scopes"]
LANDLOCK = ["landlock_files", "landlock_truncate", "landlock_network", "landlock_scopes"]
PR_SET_CHILD_SUBREAPER = 36

# how it is started, and which walls are missing then
WORLDS = {
    "root": ([], []),
    "root without chroot": ([*WITHOUT, "chroot", "--"], ["chroot"]),
    "root without network namespaces": ([*WITHOUT, "network_namespace", "--"], ["network_namespace"]),
    "root without mdwe": ([*WITHOUT, "mdwe", "--"], ["mdwe"]),
    "root without filters": ([*WITHOUT, "seccomp", "--"], ["seccomp"]),
    "root without landlock": ([*WITHOUT, "landlock", "--"], LANDLOCK),
    "root with landlock 2": ([*WITHOUT, "landlock_truncate", "--"], LANDLOCK[1:]),
    "root with landlock 3": ([*WITHOUT, "landlock_network", "--"], LANDLOCK[2:]),
    "root with landlock 5": ([*WITHOUT, "landlock_scopes", "--"], LANDLOCK[3:]),
    "root without mount_setattr": ([*WITHOUT, "read_only_mounts", "--"], ["read_only_mounts"]),
    "root without open_tree": ([*WITHOUT, "detached_mounts", "--"], ["read_only_mounts"]),
    "root without either and with landlock 2": (
        [*WITHOUT, "detached_mounts", "landlock_truncate", "--"], ["read_only_mounts", *LANDLOCK[1:]]),
    "root without chroot and with landlock 2": (
        [*WITHOUT, "chroot", "landlock_truncate", "--"], ["chroot", *LANDLOCK[1:]]),
    "root without mounts in a read-only folder": ([*IN_READ_ONLY, *WITHOUT, "detached_mounts", "--"], []),
    "root without mount_setattr in a read-only folder": ([*IN_READ_ONLY, *WITHOUT, "read_only_mounts", "--"], []),
    "root without mounts in a read-only folder with a writable one": (
        [*ABOVE_WRITABLE, *WITHOUT, "detached_mounts", "--"], ["read_only_mounts"]),
    "root without /proc": (WITHOUT_PROC, []),
    "an ordinary user": (AS_ORDINARY_USER, []),
    "an ordinary user without user namespaces": (
        [*AS_ORDINARY_USER, *WITHOUT, "user_namespace", "--"],
        ["chroot", "read_only_mounts", "network_namespace"]),
    "an ordinary user without landlock": ([*AS_ORDINARY_USER, *WITHOUT, "landlock", "--"], LANDLOCK),
    "an ordinary user without anything": (
        [*AS_ORDINARY_USER, *WITHOUT, "user_namespace", "mdwe", "seccomp", "landlock", "--"],
        [name for name in ALL if name != "user"]),
}


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "www"
    folder.mkdir()
    (folder / "index.html").write_text("index")
    return folder


def ask_status(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        wait_until(lambda: client.connect_ex(str(path)) == 0, what="the status")
        client.sendall(b"status\n")
        return dict(line.rsplit(" ", 1) for line in receive_all(client).decode().splitlines())


def facts_of(pid):
    """{name: value} of what the kernel says of a process."""
    return dict(re.findall(r"^(\w+):\s*(.*)$", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M))


def files_are_protected(missing):
    return "landlock_truncate" not in missing or not {"chroot", "read_only_mounts"} & set(missing)


def named(text):
    """The walls in "NAME (why), NAME (why)"."""
    return re.findall(r"(\w+) \([^)]+\)", text)


@pytest.fixture
def subreaper():
    """Whoever loses its parent becomes this process's child."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    yield
    libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@pytest.mark.parametrize("world", WORLDS)
def test_a_missing_wall_is_said_once_and_shown(start, site, free_folder, world):
    command, missing = WORLDS[world]
    path = free_folder / "status"
    program = start([*command, EZHTTPD, "--listen", "127.0.0.1:0", "--status", path, "--log=off", site])
    assert program.get() == (200, b"index")
    status = ask_status(path)
    assert {name: status[f"wall_{name}"] for name in ALL} == {name: str(int(name not in missing)) for name in ALL}
    assert status["files_protected"] == str(int(files_are_protected(missing)))
    assert program.stop() == 0
    said = re.findall(r"^ezhttpd: sandbox incomplete, not available here: (.*)$", program.stderr(), re.M)
    assert [named(line) for line in said] == ([missing] if missing else [])
    assert program.stderr().count("ezhttpd: sandbox: files are not protected from being written: this needs chroot "
                                  "and read_only_mounts, or landlock_truncate\n") == (not files_are_protected(missing))


@pytest.mark.parametrize("world", WORLDS)
def test_whatever_is_missing_no_process_has_a_capability_or_can_get_one(start, site, world):
    command, _ = WORLDS[world]
    program = start([*command, EZHTTPD, "--listen", "127.0.0.1:0", "--log=off", site]).settle()
    with program.hold():
        child, = wait_until(program.clients, what="a child")
        for pid in (program.pid, child, *program.helpers):
            facts = facts_of(pid)
            assert {facts[name].strip("0") for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {""}
            assert facts["NoNewPrivs"] == "1"


@pytest.mark.parametrize("world", WORLDS)
def test_a_strict_server_starts_with_all_walls_or_not_at_all(start, site, free_folder, subreaper, world):
    command, missing = WORLDS[world]
    paths = [free_folder / "status", free_folder / "socket"]
    before = {pid for pid, _, _ in children_of(os.getpid())}
    words = [*command, EZHTTPD, "--listen", "127.0.0.1:0", "--status", paths[0], "--jail=strict", "--log=off", site]
    if not missing:
        program = start(words)
        assert program.get() == (200, b"index")
        assert program.stop() == 0
        return
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    said, = done.stderr.splitlines()
    assert said.startswith("ezhttpd: jail: these walls are missing: ")
    assert named(said) == missing
    assert not any(path.exists() for path in paths)
    # The world's own process ends when nobody is left in that world.
    wait_until(lambda: {pid for pid in collected() if pid not in before} == set(), what="nothing is left")


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_the_superuser_s_server_becomes_another_or_does_not_start(site, mode):
    """It would be no wall among others: for the superuser several of them do not hold."""
    words = [*WITHOUT, "user", "--", EZHTTPD, "--listen", "127.0.0.1:0", f"--jail={mode}", site]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "ezhttpd: change to user nobody: Operation not permitted: this user namespace may lack that user; "
        "start as an ordinary user, or without a jail\n")


def collected():
    """The children of this process, when those that have ended are gone."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue
    return [pid for pid, _, _ in children_of(os.getpid())]

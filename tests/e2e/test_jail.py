"""A child that was taken over can do nothing: attacks, one by one, with the
whole jail and with each of its walls taken away."""
import contextlib
import os
import pathlib
import platform
import re
import select
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import time

import pytest

from conftest import ROOT, Program, build_service, descriptors_of, open_folder, wait_until

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to see that nothing is reached"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="needs x86-64, whose calls are written down"),
]
WITHOUT = [sys.executable, ROOT / "tests/e2e/without.py"]
NOBODY = 65534
# That of all that is started here.
PRIORITY = os.getpriority(os.PRIO_PROCESS, 0)
AS_ORDINARY_USER = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
ATTACK_S = 20
# How late an effect may show that is expected.
EFFECT_S = 5.0
# What attempts would make elsewhere.
MADE_OUTSIDE = [pathlib.Path("/tmp/attacking-service"), pathlib.Path("/dev/shm/attacking-service")]
# What a program that an attack has started ends with.
RAN = "status 42"

# These are judged by what the tester sees alone: that the call is answered
# means nothing, where there is nobody at the other end.
BY_EFFECT_ALONE = {
    "reach_inet_stream", "reach_inet_datagram", "reach_inet6_stream", "reach_inet6_datagram",
    "reach_path_stream", "reach_abstract_stream", "listen_on_inet", "bind_inet_datagram",
    "connect_connection_elsewhere", "listen_on_connection", "listen_on_rebound_connection",
    "send_elsewhere", "send_message_elsewhere", "send_elsewhere_after_reset",
    "signal_sibling_by_owning", "slow_sibling_down", "wake_everybody",
}
# They find their connection reset.
AFTER_A_RESET = {"send_elsewhere_after_reset"}
# They take an address that is free.
TAKING = {"listen_on_inet", "bind_inet_datagram", "bind_path", "listen_on_rebound_connection"}


@pytest.fixture(scope="module")
def attacking_service():
    with open_folder() as folder:
        yield build_service("attacking_service", folder / "attacking_service", "-static", "-O1")


def names_of(service):
    return subprocess.run([service, "--list"], check=True, capture_output=True, text=True).stdout.split()


class Site:
    """The folders that are served, the root and one beside it: they belong to
    who serves, who may write there as far as the file system knows."""

    def __init__(self, folder, program):
        self.folder, self.further, self.program = folder / "www", folder / "further", program
        (folder / "outside").write_text("beside the folders\n")
        for made in (self.folder, self.further):
            made.mkdir()
        self.reader_fd = -1
        self.make()

    def make(self):
        for folder in (self.folder, self.further):
            for entry in folder.iterdir():
                if entry.is_dir() and not entry.is_symlink():
                    entry.rmdir()
                elif not entry.is_socket():
                    entry.unlink()
            for name in ("page", "emptied", "removed"):
                (folder / name).write_text(f"the {name} as it was\n")
            os.mkfifo(folder / "fifo")
            os.mknod(folder / "null", 0o600 | stat.S_IFCHR, os.makedev(1, 3))
            shutil.copy(self.program, folder / "program")
            (folder / "link").symlink_to("/etc/passwd")
            for name in ("", "page", "emptied", "removed", "program", "fifo", "null"):
                os.chown(folder / name, NOBODY, NOBODY)
        self.close()
        # It is writable, too: so there is no end of file.
        self.reader_fd = os.open(self.folder / "fifo", os.O_RDWR | os.O_NONBLOCK)
        self.before = self.look()

    def close(self):
        if self.reader_fd >= 0:
            os.close(self.reader_fd)
        self.reader_fd = -1

    def written_to_fifo(self):
        with contextlib.suppress(BlockingIOError):
            return os.read(self.reader_fd, 64)
        return b""

    def look(self):
        """What is there: all but the times of reading."""
        found = {}
        for path in (self.folder, *sorted(self.folder.iterdir()), self.further, *sorted(self.further.iterdir())):
            status = path.lstat()
            content = path.read_bytes() if path.name in ("page", "emptied") else b""
            attributes = os.listxattr(path, follow_symlinks=False)
            found[path] = (status.st_mode, status.st_uid, status.st_size, status.st_mtime_ns, content, attributes)
        return found


class Listeners:
    """What an attacker may try to reach: one of each kind, on the same port."""

    def __init__(self, folder):
        self.name = f"tcpserver-attacked-{os.getpid()}"
        self.all = {}
        self.add("inet_stream", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        self.port = self.all["inet_stream"].getsockname()[1]
        self.add("inet_datagram", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", self.port))
        self.add("inet6_stream", socket.AF_INET6, socket.SOCK_STREAM, ("::1", self.port))
        self.add("inet6_datagram", socket.AF_INET6, socket.SOCK_DGRAM, ("::1", self.port))
        self.add("abstract_stream", socket.AF_UNIX, socket.SOCK_STREAM, f"\0{self.name}")
        path = folder / "socket"
        self.add("path_stream", socket.AF_UNIX, socket.SOCK_STREAM, str(path))
        path.chmod(0o777)

    def add(self, name, family, kind, address):
        self.all[name] = listener = socket.socket(family, kind)
        listener.setblocking(False)
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen(64)

    def heard(self):
        """The kinds that somebody has come to since it was last asked."""
        readable, _, _ = select.select(list(self.all.values()), [], [], 0)
        for listener in readable:
            with contextlib.suppress(BlockingIOError):
                if listener.type == socket.SOCK_STREAM:
                    listener.accept()[0].close()
                else:
                    listener.recv(64)
        return [name for name, listener in self.all.items() if listener in readable]

    def close(self):
        for listener in self.all.values():
            listener.close()


def free_port():
    with socket.socket() as probe, socket.socket(type=socket.SOCK_DGRAM) as other:
        probe.bind(("127.0.0.1", 0))
        other.bind(probe.getsockname())
        return probe.getsockname()[1]


def waiting_sockets():
    """The inodes of the sockets of this network that wait for others."""
    found = set()
    for table, states in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        for line in pathlib.Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == states:
                found.add(f"socket:[{fields[9]}]")
    return found


class Attack:
    """A server with a handler that was taken over, and all that the tester
    needs to see what it achieves."""

    def __init__(self, service, folder, walls_away=(), mode="auto", profile="files", user=()):
        self.site = Site(folder, service)
        # With a folder beside its root no server starts where landlock is missing.
        further = [] if "landlock" in walls_away else [self.site.further]
        self.descriptors = 8 + len(further)
        self.listeners = Listeners(self.site.folder)
        self.site.before = self.site.look()
        try:
            self.program = Program([*user, *WITHOUT, *walls_away, "--", service, mode, profile, ".", *further],
                                   cwd=self.site.folder).settle()
        except BaseException:
            # The next attack listens on the same names.
            self.listeners.close()
            raise
        self.sibling_client = self.sibling_pid = None
        self.attempts = 0

    def close(self):
        if self.sibling_client:
            self.sibling_client.close()
        self.program.close()
        self.listeners.close()
        self.site.close()

    def sibling(self):
        """Another child, which waits for a word from its client."""
        if self.state_of_sibling() in ("", "Z"):
            wait_until(lambda: not self.program.clients(), what="there is none")
            self.sibling_client = self.program.connect()
            self.sibling_pid, = wait_until(self.program.clients, what="a sibling")
            wait_until(lambda: len(descriptors_of(self.sibling_pid)) == self.descriptors, what="it is ready")
        return self.sibling_pid

    def attackers(self):
        """Asked of the kernel's own list: it is asked often."""
        listed = pathlib.Path(f"/proc/{self.program.pid}/task/{self.program.pid}/children").read_text()
        return [pid for pid in map(int, listed.split()) if pid not in {self.sibling_pid, *self.program.helpers}]

    def answer(self, name, client):
        """What it says, by the log or on the connection: either may be gone."""
        said = self.program.stderr()
        with contextlib.suppress(OSError, AttributeError):
            said += "\n" + client.recv(512, socket.MSG_PEEK | socket.MSG_DONTWAIT).decode()
        found = re.findall(rf"^{name}: (.*)$", said, re.M)
        return found[-1] if found else None

    def is_over(self, name, client):
        """It has answered, or its child is no more."""
        if self.answer(name, client):
            return True
        poll = select.poll()
        if client:
            poll.register(client, select.POLLIN)
        return (not client or bool(poll.poll(0))) and not self.attackers()

    def expect_none_refused(self):
        """Else an attempt would have failed without having been made."""
        os.kill(self.program.pid, signal.SIGUSR1)
        line = wait_until(lambda: re.search(r"status: refused (\d+)$", self.program.stderr(), re.M), what="the status")
        assert line[1] == "0"

    def begin(self, name):
        port = free_port() if name in TAKING else self.listeners.port
        path = "bound" if name in TAKING else "socket"
        # A child that is killed for its attempt brings its address penalty points.
        self.attempts += 1
        client = self.program.connect(source=f"127.1.{self.attempts // 250}.{self.attempts % 250 + 1}")
        client.sendall(f"{name} {self.sibling()} {port} {path} {self.listeners.name}\n".encode())
        if name not in AFTER_A_RESET:
            return client
        wait_until(self.attackers, what="its child")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        return None

    def state_of_sibling(self):
        """As in proc(5); "" where it is no more."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            return pathlib.Path(f"/proc/{self.sibling_pid}/stat").read_text().rpartition(") ")[2][0]
        return ""

    def effects(self, name, before):
        """What the tester sees that should not be."""
        seen = self.listeners.heard()
        if self.site.written_to_fifo():
            seen.append("the FIFO was written to")
        if self.site.look() != self.site.before:
            seen.append("the folder has changed")
            self.site.make()
        for path in filter(os.path.exists, MADE_OUTSIDE):
            seen.append(f"there is {path}")
            path.unlink()
        if name == "wake_everybody":
            if self.state_of_sibling() != "T":
                seen.append("the sibling was woken")
            os.kill(self.sibling_pid, signal.SIGCONT)
        if self.state_of_sibling() in ("", "Z"):
            seen.append("the sibling has ended")
        else:
            # It may end between two looks at it: that shows at the next.
            with contextlib.suppress(ProcessLookupError):
                if os.getpriority(os.PRIO_PROCESS, self.sibling_pid) != PRIORITY:
                    seen.append("the sibling is slow")
                    os.setpriority(os.PRIO_PROCESS, self.sibling_pid, PRIORITY)
        said = self.program.stderr()[before:]
        if RAN in said:
            seen.append("a program ran")
        if "status: accepted" in said:
            seen.append("the parent was signalled")
        owned = set()
        for pid in self.attackers():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                owned.update(descriptors_of(pid).values())
        if owned and owned & waiting_sockets():
            seen.append("a socket waits")
        return seen

    def try_out(self, name, patience_s=0.0):
        """How an attempt went, and whether it succeeded. What it does may
        show later than its end: the log and the kernel have their own pace."""
        sibling = self.sibling()
        before = len(self.program.stderr())
        if name == "wake_everybody":
            os.kill(sibling, signal.SIGSTOP)
            wait_until(lambda: self.state_of_sibling() == "T", what="the sibling is stopped")
        client = self.begin(name)
        wait_until(lambda: self.is_over(name, client), limit_s=ATTACK_S, what=f"the end of {name}")
        if name == "signal_sibling_by_owning" and client:
            with contextlib.suppress(OSError):
                client.sendall(b"!\n")
                wait_until(lambda: not self.attackers(), what="it has seen that")
        answer, seen, limit = "it died", [], time.monotonic() + patience_s
        while True:
            answer = self.answer(name, client) or answer
            seen += self.effects(name, before)
            succeeded = bool(seen) or (answer == "succeeded" and name not in BY_EFFECT_ALONE)
            if succeeded or time.monotonic() > limit:
                break
            select.select([], [], [], 0.01)
        for pid in self.attackers():
            # It may be about to be collected.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if client:
            client.close()
        wait_until(lambda: not self.attackers(), what="its end")
        return f"{answer}; {', '.join(seen)}", succeeded


@pytest.fixture
def attack(attacking_service):
    """attack(*walls_away, ...) -> Attack, ended with the test."""
    with contextlib.ExitStack() as stack:
        def run(*walls_away, **how):
            folder = stack.enter_context(open_folder())
            made = Attack(attacking_service, folder, walls_away, **how)
            stack.callback(made.close)
            return made
        yield run


def successes(attack, names, expected=()):
    """{name: how it went} of the attempts that succeeded."""
    tried = {name: attack.try_out(name, EFFECT_S if name in expected else 0.0) for name in names}
    return {name: how for name, (how, succeeded) in tried.items() if succeeded}


# The attempts that succeed with a single wall away, and why no other stops them.
EXCEPTIONS = {
    "chroot": {
        "landlock lets a path be pointed at, and fstat(2) tell of it": ["stat_passwd_by_pointing"],
    },
    "read_only_mounts": {
        "landlock knows no devices, and reading is permitted": ["open_served_device"],
    },
    "landlock": {
        "a FIFO can be written to on a mount that is read-only": ["write_to_fifo"],
    },
    # The folder is its user's, and flags of openat2(2) are in memory, where no filter sees them.
    "read_only_mounts landlock_truncate": {
        "who opens a file for reading may empty it": ["empty_file_by_reading", "empty_file_in_folder_by_reading"],
    },
    "chroot landlock_truncate": {
        "the same file lies on the mount that it was": ["empty_file_by_absolute_path"],
    },
    "read_only_mounts landlock": {
        "nothing else asks what a file is opened for": [
            "write_to_file_by_memory", "create_file", "create_file_by_reading", "create_nameless_file", "empty_file",
            "empty_file_by_reading"],
    },
    "read_only_mounts seccomp": {
        "landlock knows neither modes nor times nor attributes": [
            "chmod_served", "chmod_by_path", "set_times", "setxattr_served"],
    },
    "seccomp": {
        "landlock knows no socket that has a path, and this one is in the folder": ["reach_path_stream"],
        "landlock lets a socket be disconnected, and listen without bind(2)": [
            "disconnect", "listen_on_connection"],
        "landlock does not know that MSG_FASTOPEN connects": ["send_elsewhere", "send_message_elsewhere"],
        "the kernel asks only whether it is the same user, and landlock is not asked": [
            "limit_sibling", "slow_sibling_down", "bind_sibling_to_processor"],
        "what it does to itself, or has itself": [
            "fchmod_connection", "copy_connection", "lock_connection", "copy_turns", "become_dumpable",
            "outlive_parent", "filter_own_calls", "change_personality", "socket_pair", "file_in_memory",
            "secret_file_in_memory", "timer", "event_counter", "poll_set"],
        "the kernel's own, to which there is no other gate": [
            "socket_vsock", "watch_names", "set_up_uring", "handle_own_user_faults", "add_a_key", "read_keys",
            "shared_memory", "message_queue", "semaphores", "handle_of_another", "compute_in_kernel"],
        "they are one for all children": [
            "shut_way_to_parent", "shut_way_to_logger", "set_flags_of_turns", "keep_turn_beyond_end"],
    },
}
# Without a jail these may fail, so that the tests above show less of them.
UNPROVEN = {
    "a child has no other descriptors, jail or not": ["find_more_descriptors", "accept_from_somewhere"],
    "a connection that was reset stays connected, for this kernel": ["send_elsewhere_after_reset"],
    "this kernel may lack it": ["compute_in_kernel", "forget_other_kernel", "load_module", "remove_module",
                                "reach_ports", "socket_vsock", "secret_file_in_memory"],
    "the machine's own limit may be as strict": ["raise_limit_of_processes"],
    "it would wake every process of this machine": ["wake_everybody"],
}
# These succeed in the whole jail: doc/threats.md, "remains".
REMAINING = {"open_fifo_to_read"}
WALLS = ["chroot", "read_only_mounts", "network_namespace", "mdwe", "seccomp", "landlock", "landlock_truncate",
         "landlock_network", "landlock_scopes", "read_only_mounts landlock_truncate", "chroot landlock_truncate",
         "read_only_mounts landlock", "read_only_mounts seccomp"]


def exceptions_without(walls):
    """What is expected to succeed where these are away: by all that hold for some of them."""
    away = set(walls) | ({"landlock_truncate"} if "landlock" in walls else set())
    found = {name for those, table in EXCEPTIONS.items() if set(those.split()) <= away for name in all_of(table)}
    # Where landlock is missing there is no folder beside the root.
    return {name for name in found if "landlock" not in walls or "in_folder" not in name}


def all_of(table):
    return {name for names in table.values() for name in names}


def test_there_are_enough_attempts_and_every_exception_is_one(attacking_service):
    names = names_of(attacking_service)
    assert len(names) == len(set(names)) >= 60
    for table in (*EXCEPTIONS.values(), UNPROVEN, {"": BY_EFFECT_ALONE | AFTER_A_RESET | TAKING | REMAINING}):
        assert all_of(table) <= set(names)


@pytest.mark.parametrize("profile", ["files", "stream"])
def test_with_all_walls_no_attempt_succeeds(attack, attacking_service, profile):
    names = set(names_of(attacking_service))
    made = attack(profile=profile, mode="strict")
    assert successes(made, sorted(names - REMAINING)) == {}
    made.expect_none_refused()
    assert set(successes(made, sorted(REMAINING))) == (REMAINING if profile == "files" else set())


def test_out_of_an_ordinary_user_s_folder_there_is_no_way_either(attack, attacking_service):
    names = [name for name in names_of(attacking_service) if "folder" in name]
    assert successes(attack(mode="strict", user=AS_ORDINARY_USER), names) == {}


@pytest.mark.parametrize("walls", WALLS)
def test_without_a_wall_no_attempt_succeeds_but_the_exceptions(attack, attacking_service, walls):
    walls = walls.split()
    made = attack(*walls)
    for wall in walls:
        wait_until(lambda: re.search(f"attacked: sandbox incomplete, not available here: .*{wall}", made.program.stderr()),
                   what=f"it is said that {wall} is missing")
    expected = exceptions_without(walls) | REMAINING
    found = successes(made, names_of(attacking_service), expected)
    # Where the filter is away, the attempts have cut the way to the log.
    if "seccomp" not in walls:
        made.expect_none_refused()
    assert {name: how for name, how in found.items() if name not in expected} == {}
    # What does not succeed is no exception; unless this kernel lacks it.
    assert expected - set(found) <= all_of(UNPROVEN)


def test_without_landlock_a_server_with_a_folder_beside_its_root_does_not_start(attacking_service, tmp_path):
    words = [*WITHOUT, "landlock", "--", attacking_service, "auto", "files", tmp_path, tmp_path]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stderr) == (1, "jail: folders beside the root need landlock\n")


def test_without_a_jail_the_attempts_succeed(attack, attacking_service):
    made = attack(mode="off")
    expected = [name for name in names_of(attacking_service) if name not in all_of(UNPROVEN)]
    tried = {name: made.try_out(name, EFFECT_S) for name in expected}
    assert {name: how for name, (how, succeeded) in tried.items() if not succeeded} == {}

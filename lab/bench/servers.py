"""Servers and their meters, for the measurements of this folder."""
import ctypes
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import typing

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("TCPSERVER_BUILD", ROOT / "build"))
LOADGEN = BUILD / "lab/bench/loadgen"
LIMIT_S = 20.0

NGINX = """
daemon off;
{user}
worker_processes auto;
worker_rlimit_nofile 16384;
pid {folder}/nginx.pid;
error_log {folder}/nginx.error;
events {{ worker_connections 4096; }}
http {{
  access_log {access};
  default_type text/html;
  sendfile on;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{port}; root {folder}/www; autoindex on; }}
}}
"""

LIGHTTPD = """
server.document-root = "{folder}/www"
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{folder}/lighttpd.error"
server.max-fds = 16384
server.max-connections = 4096
server.max-keep-alive-requests = 1000000000
index-file.names = ( "index.html" )
mimetype.assign = ( ".html" => "text/html", ".bin" => "application/octet-stream" )
server.modules = ( "mod_dirlisting" )
dir-listing.activate = "enable"
{access}
"""


def configured(folder, name, text, port, access):
    path = folder / f"{name}.conf"
    path.write_text(text.format(
        folder=folder, port=port, user="user root;" if os.geteuid() == 0 else "", access=access))
    return path


def nginx(folder, port, log):
    return ["nginx", "-p", folder, "-e", folder / "nginx.error",
            "-c", configured(folder, "nginx", NGINX, port, f"{folder}/nginx.access" if log else "off")]


def lighttpd(folder, port, log):
    access = (f'server.modules += ( "mod_accesslog" )\naccesslog.filename = "{folder}/lighttpd.access"'
              if log else "")
    return ["lighttpd", "-D", "-f", configured(folder, "lighttpd", LIGHTTPD, port, access)]


def busybox(folder, port, log):
    """It has no access log."""
    return ["busybox", "httpd", "-f", "-p", f"127.0.0.1:{port}", "-h", folder / "www"]


def ezhttpd(folder, port, log):
    return [BUILD / "stage/bin/ezhttpd", "--listen", f"127.0.0.1:{port}", f"--log={'combined' if log else 'off'}",
            "--max-connections", "512", "--max-per-source", "none", folder / "www"]


def unjailed(folder, port, log):
    program, *words = ezhttpd(folder, port, log)
    return [program, "--jail=off", *words]


def lesson(name):
    return lambda folder, port, log: [BUILD / "tutorial" / name, str(port)]


SERVERS = {
    "ezhttpd": ezhttpd,
    "ezhttpd --jail=off": unjailed,
    "nginx": nginx,
    "lighttpd": lighttpd,
    "busybox": busybox,
    "tutorial/ezhttpd": lesson("ezhttpd"),
    "tutorial/fork_ezhttpd": lesson("fork_ezhttpd"),
    "tutorial/signal_ezhttpd": lesson("signal_ezhttpd"),
}
OURS, PEERS, LESSON = ["ezhttpd"], ["nginx", "lighttpd"], [name for name in SERVERS if "/" in name]
# It never collects its children: so many of them, and no more.
REQUEST_LIMIT = {"tutorial/fork_ezhttpd": 2000}


def tree_of(pid):
    """A process and all below it, as {pid: fields of its stat}."""
    stats = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            stats[int(entry)] = pathlib.Path(f"/proc/{entry}/stat").read_text().rpartition(") ")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            pass
    found, previous = {pid}, set()
    while found != previous:
        previous = set(found)
        found |= {child for child, fields in stats.items() if int(fields[1]) in previous}
    return {member: stats[member] for member in found if member in stats}


class ProcMeter:
    """CPU from /proc, to a hundredth of a second: the tree, and what it has
    collected."""
    words = "/proc (ended children count once they are collected)"

    def enter(self):
        pass

    def cpu_s(self, pid):
        ticks = sum(int(value) for fields in tree_of(pid).values() for value in fields[11:15])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_bytes(self):
        return None

    def close(self):
        pass


class GroupMeter:
    """CPU and memory from control groups of this run's own."""

    def __init__(self, cpu, cpu_file, memory, memory_file, words):
        self.cpu, self.cpu_file = cpu, cpu_file
        self.memory, self.memory_file = memory, memory_file
        self.words = words

    def enter(self):
        """Called in the new process, before it becomes the server."""
        for group in {self.cpu, self.memory} - {None}:
            (group / "cgroup.procs").write_text("0")

    def cpu_s(self, pid):
        text = (self.cpu / self.cpu_file).read_text()
        if self.cpu_file == "cpu.stat":
            return int(re.search(r"usage_usec (\d+)", text)[1]) / 1e6
        return int(text) / 1e9

    def memory_bytes(self):
        return int((self.memory / self.memory_file).read_text()) if self.memory else None

    def close(self):
        for group in {self.cpu, self.memory} - {None}:
            try:
                group.rmdir()
            except OSError as error:
                print(f"cannot remove {group}: {error}", file=sys.stderr)


def make_group(parent, name):
    """A new group below `parent`, or None where that is not permitted."""
    path = pathlib.Path(parent) / f"tcpserver-bench-{os.getpid()}{name}"
    try:
        path.mkdir()
        # A try with a process that ends at once.
        subprocess.run(["true"], check=True,
                       preexec_fn=lambda: (path / "cgroup.procs").write_text("0"))
    except (OSError, subprocess.SubprocessError):
        if path.exists():
            path.rmdir()
        return None
    return path


def make_meter(name=""):
    """The best there is here; those at work at the same time have names."""
    if pathlib.Path("/sys/fs/cgroup/cgroup.controllers").exists():
        group = make_group("/sys/fs/cgroup", name)
        if group and (group / "cpu.stat").exists():
            memory = group if (group / "memory.current").exists() else None
            return GroupMeter(group, "cpu.stat", memory, "memory.current", "control group, version 2")
    elif pathlib.Path("/sys/fs/cgroup/cpuacct").exists():
        group = make_group("/sys/fs/cgroup/cpuacct", name)
        if group:
            memory = make_group("/sys/fs/cgroup/memory", name)
            return GroupMeter(group, "cpuacct.usage", memory, "memory.usage_in_bytes",
                              "control group cpuacct, version 1")
    return ProcMeter()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(question, what):
    """Asks until the answer is true."""
    end = time.monotonic() + LIMIT_S
    while not question():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {LIMIT_S} s: {what}")
        select.select([], [], [], 0.01)


def answers(port):
    with socket.socket() as client:
        client.settimeout(LIMIT_S)
        return client.connect_ex(("127.0.0.1", port)) == 0


class Load(typing.NamedTuple):
    """One run of loadgen: what it counted, and what the server spent on it."""
    requests: int
    failed: int
    seconds: float
    bytes: int
    cpu_s: float


class Server:
    """One of SERVERS, running; ended, with all below this process, on leaving."""

    def __init__(self, name, meter, folder, log=False):
        self.name, self.meter, self.port, self.asked = name, meter, free_port(), 0
        self.access_log = folder / ("nginx.access" if name == "nginx" else f"{name.replace('/', '-')}.output")
        self.access_log.unlink(missing_ok=True)
        argv = [str(word) for word in SERVERS[name](folder, self.port, log)]
        self.output = open(folder / f"{name.replace('/', '-')}.output", "wb")
        self.process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output,
            preexec_fn=meter.enter, start_new_session=True, cwd=folder)

    def wait_ready(self):
        def is_up():
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended: {pathlib.Path(self.output.name).read_text()}")
            return answers(self.port)
        wait_until(is_up, f"{self.name} answers on its port")
        return self

    def __enter__(self):
        return self.wait_ready()

    def __exit__(self, *_):
        self.stop()
        end_orphans()

    def stop(self):
        """Ends the server itself; what it may leave behind is for end_orphans()."""
        self.process.terminate()
        try:
            self.process.wait(LIMIT_S / 4)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.output.close()

    def load(self, options):
        cpu = self.meter.cpu_s(self.process.pid)
        said = subprocess.run([LOADGEN, *options, str(self.port)], check=True, text=True,
                              stdout=subprocess.PIPE, timeout=LIMIT_S * 10).stdout
        cpu = self.meter.cpu_s(self.process.pid) - cpu
        numbers = re.findall(r"[\d.]+", said)
        self.asked += int(numbers[0])
        return Load(int(numbers[0]), int(numbers[1]), float(numbers[3]), int(numbers[4]), cpu)

    def logged_share(self):
        """Lines in the access log for one request, once the server has ended."""
        with open(self.access_log, "rb") as log:
            return sum(b" 200 " in line for line in log) / max(self.asked, 1)


def adopt_orphans():
    """Children of a server that has ended become ours, so that none of them
    stays a zombie on a machine whose first process does not collect."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def end_orphans():
    """Ends and collects all that is below us: what a server left behind."""
    for pid in tree_of(os.getpid()).keys() - {os.getpid()}:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass


def is_there(name):
    program = str(SERVERS[name](pathlib.Path("/nonexistent"), 0, False)[0]) if name not in PEERS + ["busybox"] else name
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is not None

"""The servers that are attacked: ordinary processes with private folders.

The peers have the values of Debian's own configuration files; what these
leave out, the programs' defaults hold.
"""
import ctypes
import functools
import os
import pathlib
import resource
import select
import signal
import socket
import subprocess
import time

import gauges

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("TCPSERVER_BUILD", ROOT / "build"))
LIMIT_S = 20.0
PR_SET_CHILD_SUBREAPER = 36
# A state in /proc/net/tcp.
LISTENS = "0A"
# What a service manager gives: it may raise the lower one to the other.
DESCRIPTORS = 1024
FILES = {"index.html": 200, "medium": 256 << 10, "archive": 20 << 20, "large": 100 << 20}

NGINX = """
daemon off;
{nginx_user}
worker_processes auto;
pid {folder}/nginx.pid;
error_log {folder}/nginx.error;
events {{ worker_connections 768; }}
http {{
  sendfile on;
  tcp_nopush on;
  types_hash_max_size 2048;
  default_type application/octet-stream;
  gzip on;
  access_log {folder}/nginx.access;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{port}; root {folder}/www; index index.html; }}
}}
"""

LIGHTTPD = """
server.modules = ( "mod_indexfile", "mod_access", "mod_alias", "mod_redirect", "mod_staticfile" )
server.document-root = "{folder}/www"
server.errorlog = "{folder}/lighttpd.error"
server.bind = "127.0.0.1"
server.port = {port}
server.feature-flags += ( "server.h2proto" => "enable", "server.h2c" => "enable",
  "server.graceful-shutdown-timeout" => 5 )
index-file.names = ( "index.html" )
mimetype.assign = ( ".html" => "text/html" )
"""

APACHE = """
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/apache.pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/apache.error
{apache_user}
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
LoadModule mime_module /usr/lib/apache2/modules/mod_mime.so
LoadModule reqtimeout_module /usr/lib/apache2/modules/mod_reqtimeout.so
TypesConfig /etc/mime.types
Timeout 300
KeepAlive On
MaxKeepAliveRequests 100
KeepAliveTimeout 5
StartServers 2
MinSpareThreads 25
MaxSpareThreads 75
ThreadLimit 64
ThreadsPerChild 25
MaxRequestWorkers 150
MaxConnectionsPerChild 0
RequestReadTimeout header=20-40,minrate=500
RequestReadTimeout body=10,minrate=500
DocumentRoot {folder}/www
<Directory {folder}/www>
  Require all granted
</Directory>
"""


def configured(text, folder, port):
    is_root = os.geteuid() == 0
    path = folder / "server.conf"
    path.write_text(text.format(
        folder=folder, port=port, nginx_user="user www-data;" if is_root else "",
        apache_user="User www-data\nGroup www-data" if is_root else ""))
    return path


EZHTTPD = BUILD / "stage/bin/ezhttpd"


# A smaller machine, for a look.
QUICK_SLOTS = 512


def ezhttpd(folder, port, *options, address="127.0.0.1"):
    return [EZHTTPD, "--log=off", "--listen", f"{address}:{port}", "--status", folder / "status", *options,
            folder / "www"]


def with_slots(slots):
    """With so many, and not as many as the machine allows."""
    return functools.partial(with_options, "--max-connections", str(slots))


def with_options(*words, **how):
    *options, folder, port = words
    return ezhttpd(folder, port, *options, **how)


roomy_ezhttpd = with_slots(1024)


def nginx(folder, port):
    return ["nginx", "-p", folder, "-e", folder / "nginx.error", "-c", configured(NGINX, folder, port)]


def roomy_nginx(folder, port):
    """With as many connections as the machine allows."""
    argv = nginx(folder, port)
    text = argv[-1].read_text().replace("worker_connections 768", "worker_connections 16384")
    argv[-1].write_text(f"worker_rlimit_nofile 17000;\n{text}")
    return argv


def lighttpd(folder, port):
    return ["lighttpd", "-D", "-f", configured(LIGHTTPD, folder, port)]


def apache(folder, port):
    return ["apache2", "-D", "FOREGROUND", "-f", configured(APACHE, folder, port)]


def tcpserver(folder, port):
    return ["tcpserver", "-H", "-R", "-l", "0", "127.0.0.1", str(port),
            "busybox", "httpd", "-i", "-h", folder / "www"]


# Each attack meets ezhttpd twice.
SMALL, STANDARD = "ezhttpd 256", "ezhttpd"
OURS = {SMALL: with_slots(256), STANDARD: ezhttpd}
PEERS = {"nginx": nginx, "lighttpd": lighttpd, "apache2": apache, "tcpserver": tcpserver}


def lay_out(folder):
    """The site, below a folder that a server without privileges can read."""
    folder.chmod(0o755)
    (folder / "www").mkdir()
    for name, size in FILES.items():
        with open(folder / "www" / name, "wb") as file:
            file.truncate(size)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(question, what, limit_s=LIMIT_S):
    end = time.monotonic() + limit_s
    while not question():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {limit_s} s: {what}")
        select.select([], [], [], 0.01)


def tell(path):
    """{name: number} that a server of ours tells on its status socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(LIMIT_S)
        client.connect(str(path))
        client.sendall(b"status\n")
        with client.makefile() as lines:
            words = (line.split() for line in lines)
            return {fields[0]: int(fields[1]) for fields in words if len(fields) == 2}


def listens(port):
    """Whether somebody does, without a connection: a service may keep it."""
    suffix = f":{port:04X}"
    lines = (line for name in ("tcp", "tcp6") for line in gauges.read(f"/proc/net/{name}").splitlines()[1:])
    return any(fields[1].endswith(suffix) and fields[3] == LISTENS for fields in map(str.split, lines))


def adopt_orphans():
    """What a server leaves behind becomes ours, and is ended."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_all(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def collect():
    """Collects every child there is; none is expected to live on."""
    try:
        while os.waitpid(-1, 0):
            pass
    except ChildProcessError:
        pass


class Server:
    """One server, running; ended on leaving, with all it started.  `how` is
    for Popen: as which user.  `group` is a control group for it."""

    def __init__(self, argv_of, folder, group=None, **how):
        self.port = free_port()
        self.folder = folder
        self.output = folder / "server.output"
        (folder / "status").unlink(missing_ok=True)
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                [str(word) for word in argv_of(folder, self.port)], cwd=folder,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                preexec_fn=functools.partial(self.prepare, group), start_new_session=True, **how)
        self.pid = self.process.pid

    @staticmethod
    def prepare(group):
        """In the new process, before it becomes the server."""
        if group:
            group.enter()
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(DESCRIPTORS, most), most))

    @property
    def has_status(self):
        return str(self.folder / "status") in self.process.args

    def status(self):
        """What it tells of itself; None where it does not."""
        return tell(self.folder / "status") if self.has_status else None

    def is_up(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.process.args[0]} ended: {self.output.read_text()}")
        return listens(self.port) and (not self.has_status or (self.folder / "status").exists())

    def __enter__(self):
        wait_until(self.is_up, f"{self.process.args[0]} listens on its port")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(1)
        except subprocess.TimeoutExpired:
            end_all(gauges.tree(self.pid))
            self.process.wait()
        end_all(set(gauges.tree(os.getpid())) - {os.getpid()})
        collect()

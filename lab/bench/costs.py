"""The cost of a connection: a whole one with one request, and the accept alone,
with none and with very many other connections that wait silently.

Beside ezhttpd stand nginx and, with --old, another build of ezhttpd.
"""
import contextlib
import functools
import os
import pathlib
import resource
import statistics
import subprocess

import servers
from figures import median_ratio, shown
from servers import BUILD, SERVERS, Server, is_there, make_meter, wait_until

ATTACKER = BUILD / "lab/attack/attacker"
PARKED, PARKED_QUICK = 16000, 2000
# Attackers that open them, each from addresses of its own.
PARKERS = 4
PER_SECOND = 1000
# Descriptors of a server that are none of theirs, and how long they stay.
OTHER_DESCRIPTORS = 3000
STAY_S = 60
CONNECTIONS = ["-c", "32"]
SLOTS = ["--max-connections", "256", "--max-per-source", "none"]


def ezhttpd(program, folder, port, log):
    return [program, "--listen", f"127.0.0.1:{port}", "--log=off", *SLOTS, folder / "www"]


def roomy_nginx(folder, port, log):
    """With as many connections as it can have."""
    argv = servers.nginx(folder, port, log)
    path = argv[-1]
    path.write_text(path.read_text().replace("16384", "18000").replace("worker_connections 4096",
                                                                       "worker_connections 17000"))
    return argv


def add_servers(old):
    """The names of those that are compared; the first is ours."""
    SERVERS["ezhttpd, 256 slots"] = functools.partial(ezhttpd, BUILD / "stage/bin/ezhttpd")
    SERVERS["nginx, roomy"] = roomy_nginx
    names = ["ezhttpd, 256 slots", *(["nginx, roomy"] if is_there("nginx") else [])]
    if old:
        SERVERS["the other build"] = functools.partial(ezhttpd, old)
        names.append("the other build")
    return names


def own_cpu_s(pid):
    """Processor time of a process itself."""
    return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def established(port):
    """How many connections stand at a port."""
    suffix = f":{port:04X}"
    lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(line.split(None, 4)[1].endswith(suffix) and line.split(None, 4)[3] == "01" for line in lines)


@contextlib.contextmanager
def parked(port, count):
    """So many silent connections, while the block runs."""
    with contextlib.ExitStack() as stack:
        for number in range(PARKERS if count else 0):
            parker = stack.enter_context(subprocess.Popen(
                [ATTACKER, "-n", str(count // PARKERS), "-r", str(PER_SECOND), "-t", str(STAY_S * 1000),
                 "-s", f"127.{16 + number}.0.1,250,256", "idle", str(port)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))
            stack.callback(parker.kill)
        if count:
            wait_until(lambda: established(port) >= count, f"{count} connections")
        yield


def measure(name, meter, folder, count, run_ms):
    """{"cpu", "accept"} in us for a connection with one request: of all
    processes, and of the first alone."""
    with Server(name, meter, folder) as server:
        with parked(server.port, count):
            server.load([*CONNECTIONS, "-n", "100"])
            before = own_cpu_s(server.process.pid)
            done = server.load([*CONNECTIONS, "-t", str(run_ms)])
            own_s = own_cpu_s(server.process.pid) - before
    each = 1e6 / max(done.requests, 1)
    return {"cpu": done.cpu_s * each, "accept": own_s * each, "failed": done.failed}


def print_row(name, count, rounds, references):
    cpu, accept = (statistics.median(one[what] for one in rounds) for what in ("cpu", "accept"))
    ratios = [median_ratio(rounds, reference, "cpu") for reference in references]
    print(f"  {name:22}{count:>8}{shown(cpu, 12, 1)}{shown(accept, 12, 1)}"
          f"{sum(one['failed'] for one in rounds):8}{''.join(shown(ratio, 12) for ratio in ratios)}", flush=True)


def most_parked():
    return min(PARKED, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - OTHER_DESCRIPTORS)


def measure_costs(folder, options):
    """A table: each server, with none and with very many waiting."""
    meter = make_meter()
    names = add_servers(options.old)
    counts = (0, PARKED_QUICK if options.quick else most_parked())
    (folder / "www").mkdir()
    (folder / "www/index.html").write_bytes(bytes(200))
    print(f"{options.rounds} interleaved rounds of {options.run_ms} ms; {os.cpu_count()} processors,"
          f" load {os.getloadavg()[0]:.1f}; CPU from {meter.words}\n"
          "a connection with one request, 32 at a time, in us of CPU; accept: of the server's first process,\n"
          "which for nginx is not the one that accepts\n"
          f"  {'':22}{'waiting':>8}{'all':>12}{'accept':>12}{'failed':>8}"
          f"{''.join(f'{words:>12}' for words in ('to empty', 'to nginx', 'to other'))}")
    try:
        results = {(name, count): [] for name in names for count in counts}
        for _ in range(options.rounds):
            for name, count in results:
                results[name, count].append(measure(name, meter, folder, count, options.run_ms))
    finally:
        meter.close()
    for (name, count), rounds in results.items():
        references = results[name, 0], results.get(("nginx, roomy", count)), results.get(("the other build", count))
        print_row(name, count, rounds, references)

"""The benchmarks that anyone runs first, from one address, with default options
and on a small machine: none of them may see an error."""
import re
import shutil
import subprocess

import servers
from groups import Group
from verdicts import Verdict

SMALL_BYTES = 512 << 20
# The slots of so much memory, where no control group can limit it.
SMALL_SLOTS = 512
LIMIT_S = 120


def url(port):
    return f"http://127.0.0.1:{port}/"


def wrk(connections):
    return lambda port, seconds: ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", url(port)]


def ab(port, seconds):
    return ["ab", "-q", "-c", "200", "-n", str(seconds * 4000), url(port)]


def h2load(port, seconds):
    return ["h2load", "--h1", "-t2", "-c", "300", "-n", str(seconds * 10000), url(port)]


def number(pattern, text):
    match = re.search(pattern, text)
    return int(match[1]) if match else 0


def wrk_errors(text):
    sockets = re.search(r"Socket errors: (.*)", text)
    return (sum(map(int, re.findall(r"\d+", sockets[1]))) if sockets else 0) + number(r"Non-2xx.*: +(\d+)", text)


def ab_errors(text):
    return number(r"Failed requests: +(\d+)", text) + number(r"Non-2xx responses: +(\d+)", text)


def h2load_errors(text):
    """All that were asked but did not succeed with a 2xx."""
    return number(r"requests: (\d+) total", text) - number(r"status codes: (\d+) 2xx", text)


# words, argv from port and seconds, the answers, the errors in what it prints
TOOLS = (
    ("wrk -c 100", wrk(100), r"(\d+) requests in", wrk_errors),
    ("wrk -c 400", wrk(400), r"(\d+) requests in", wrk_errors),
    ("ab -c 200", ab, r"Complete requests: +(\d+)", ab_errors),
    ("h2load --h1 -c 300", h2load, r"status codes: (\d+) 2xx", h2load_errors),
)


def run_tool(name, argv, answers, errors, setting, server, seconds):
    done = subprocess.run(argv(server.port, seconds), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=LIMIT_S, check=False)
    answered, failed = number(answers, done.stdout), errors(done.stdout)
    last = "" if done.returncode == 0 else f", ended with {done.returncode}: {done.stdout.strip().splitlines()[-1]}"
    return Verdict(f"{name}, {setting}, {server.status()['slots']} slots", f"{answered} answers, {failed} errors{last}",
                   "0 errors", answered > 0 and failed == 0 and done.returncode == 0)


def run_tools(setting, argv, folder, seconds, group=None):
    rows = []
    for tool in TOOLS:
        if shutil.which(tool[1](0, 1)[0]):
            with servers.Server(argv, folder, group=group) as server:
                rows.append(run_tool(*tool, setting, server, seconds))
    return rows


def measure(folder, is_quick):
    """Every tool, with all memory and with a little."""
    seconds = 2 if is_quick else 10
    rows = run_tools("default options", servers.ezhttpd, folder, seconds)
    with Group() as group:
        if group.limit(SMALL_BYTES):
            return rows + run_tools("512 MiB of memory", servers.ezhttpd, folder, seconds, group)
    return rows + run_tools("--max-connections of 512 MiB", servers.with_slots(SMALL_SLOTS), folder, seconds)

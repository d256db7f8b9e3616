"""The table of file servers: what requests of several kinds and sizes cost.

In each round all servers run, and each row and column is measured for one
after the other; each has a meter of its own.  Answers but listings are counted
by their bytes: one that is under way when the time is over is broken off, and
counts in part.
"""
import contextlib
import http.client
import os
import statistics
import time
import typing

from figures import median_ratio, shown
from servers import LIMIT_S, Server, end_orphans, make_meter

SERVERS = ["ezhttpd", "nginx", "lighttpd", "busybox"]
# All have to be done after so long: a round that would take longer is left out.
BUDGET_S = 660
KIB, MIB = 1024, 1024 * 1024
ENTRIES = 1000


class Row(typing.NamedTuple):
    """One kind of request, and the status that its answer has to have."""
    words: str
    target: str
    status: int = 200
    # A field of the head; {tag} is the server's own entity tag.
    field: str = ""
    # Not where an answer takes long and then comes at once: it has no parts.
    is_broken_off: bool = True


ROWS = (
    Row("200 B", "/200.bin"),
    Row("10 KiB", "/10k.bin"),
    Row("1 MiB", "/1m.bin"),
    Row("100 MiB", "/100m.bin"),
    Row("1 KiB of 1 MiB", "/1m.bin", 206, "Range: bytes=524288-525311"),
    Row("304", "/10k.bin", 304, "If-None-Match: {tag}"),
    Row("listing of 1,000", "/many/", is_broken_off=False),
)
SIZES = {"200.bin": 200, "10k.bin": 10 * KIB, "1m.bin": MIB, "100m.bin": 100 * MIB}
# words, options of loadgen
COLUMNS = (
    ("1", ["-k", "-c", "1"]),
    ("32", ["-k", "-c", "32"]),
    ("256", ["-k", "-c", "256"]),
    ("32, closed", ["-c", "32"]),
)
FOOT = """
connections: that many at a time, kept; "32, closed" has one request per connection.
Answers but listings are counted by their bytes: those under way at the end are
broken off.
requests/s and CPU are medians; "to nginx" is the median of the ratios within a round.
CPU is user and system time of all processes of a server, ended children too.
A server's access log is on, where it has one: busybox has none.  busybox closes each
connection.  ezhttpd runs as it comes, with its jail and as nobody, but for two limits:
--max-per-source none, since all comes from one address, and --max-connections 512.
failed: answers cut short, or with another status than 200, 206 or 304 as asked for."""


def lay_out(site):
    (site / "many").mkdir(parents=True)
    for name, size in SIZES.items():
        (site / name).write_bytes(b"x" * size)
    for number in range(ENTRIES):
        (site / f"many/file{number}.txt").write_bytes(b"x" * number)


@contextlib.contextmanager
def running(names, meters, folder):
    """{name: Server} of all of them, with their access logs."""
    servers = {}
    try:
        for name in names:
            servers[name] = Server(name, meters[name], folder, log=True)
        for server in servers.values():
            server.wait_ready()
        yield servers
    finally:
        for server in servers.values():
            server.stop()
        end_orphans()


def ask(server, row, fields):
    """(status, entity tag, bytes of the body) of one request."""
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=LIMIT_S)
    with contextlib.closing(client):
        client.request("GET", row.target, headers=fields)
        answer = client.getresponse()
        return answer.status, answer.getheader("ETag", ""), len(answer.read())


class Answer(typing.NamedTuple):
    """What a server says to a row's request, and the request for loadgen."""
    words: list
    status: int
    # Of the body, and of all of it.
    body_bytes: int
    bytes: int


def try_out(server, row):
    field = row.field
    if "{tag}" in field:
        field = field.format(tag=ask(server, row, {})[1])
    status, _, size = ask(server, row, dict([field.split(": ", 1)]) if field else {})
    words = ["-u", row.target, "-e", str(row.status)] + (["-H", field] if field else [])
    return Answer(words, status, size, server.load([*words, "-k", "-n", "1"]).bytes)


def measure(server, row, answer, words, run_ms):
    words = [*words, *answer.words, *(["-x"] if row.is_broken_off else []), "-t"]
    server.load([*words, str(max(50, run_ms // 10))])
    done = server.load([*words, str(run_ms)])
    answers = done.bytes / answer.bytes if row.is_broken_off else done.requests
    return {"rate": answers / done.seconds, "cpu": done.cpu_s / answers * 1e6 if answers else None,
            "failed": done.failed}


class Table:
    """The figures: {(row, column): {server: [figures of a round]}}, and what
    the servers answer to the rows."""

    def __init__(self, only):
        self.rows = [row for row in ROWS if only in row.words]
        self.cells = {(row, column): {} for row in self.rows for column, _ in COLUMNS}
        self.answers = {}

    def run_round(self, servers, run_ms):
        for row, column in self.cells:
            for name, server in servers.items():
                if column == COLUMNS[0][0]:
                    self.answers[row, name] = try_out(server, row)
                answer = self.answers[row, name]
                if answer.status == row.status:
                    figures = measure(server, row, answer, dict(COLUMNS)[column], run_ms)
                    self.cells[row, column].setdefault(name, []).append(figures)

    def failures(self):
        """[(row, column, server, how many)] of those that are not 0."""
        counts = [(row.words, column, name, sum(one["failed"] for one in rounds))
                  for (row, column), cell in self.cells.items() for name, rounds in cell.items()]
        return [count for count in counts if count[3]]


def is_complete(rounds, what):
    return bool(rounds) and all(one[what] is not None for one in rounds)


def print_figures(table, names, what, words, digits):
    """One line for each row and column: medians, and ratios to nginx."""
    others = [name for name in names if name != "nginx"]
    print(f"\n{words:32}{''.join(f'{name:>11}' for name in names)}"
          f"  to nginx:{''.join(f'{name:>10}' for name in others)}")
    for (row, column), cell in table.cells.items():
        usable = {name: rounds for name, rounds in cell.items() if is_complete(rounds, what)}
        medians = {name: statistics.median(one[what] for one in rounds) for name, rounds in usable.items()}
        ratios = {name: median_ratio(usable.get(name), usable.get("nginx"), what) for name in others}
        print(f"{row.words:18}{column:>12}  "
              + "".join(shown(medians.get(name), 11, digits if medians.get(name, 0) >= 100 else 1) for name in names)
              + " " * 11 + "".join(shown(ratios[name], 10) for name in others), flush=True)


def print_foot(table):
    print(FOOT)
    for row, column, name, count in table.failures():
        print(f"failed: {count} of {name} at {row}, {column}")
    if not table.failures():
        print("failed: none")
    for (row, name), answer in table.answers.items():
        if answer.status != row.status:
            print(f"-: {name} answers {row.words} with {answer.status}")
        elif row.target.endswith("/"):
            print(f"the {row.words} by {name} has {answer.body_bytes:,} bytes")


def measure_files(folder, names, options):
    lay_out(folder / "www")
    meters = {name: make_meter(f"-{name}") for name in names}
    table, begin, longest_s, done = Table(options.only), time.monotonic(), 0.0, 0
    try:
        for _ in range(options.rounds):
            started = time.monotonic()
            if started - begin + longest_s > BUDGET_S:
                break
            with running(names, meters, folder) as servers:
                table.run_round(servers, options.run_ms)
            longest_s, done = max(longest_s, time.monotonic() - started), done + 1
    finally:
        for meter in meters.values():
            meter.close()
    words = {meter.words for meter in meters.values()}
    print(f"{done} interleaved rounds of {options.run_ms} ms, {time.monotonic() - begin:.0f} s in all;"
          f" {os.cpu_count()} processors, one of them for the clients; load {os.getloadavg()[0]:.1f};"
          f" CPU from {', '.join(words)}")
    print_figures(table, names, "rate", "requests/s", 0)
    print_figures(table, names, "cpu", "CPU us/request", 0)
    print_foot(table)

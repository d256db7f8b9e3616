"""What an attack costs: processes, descriptors and memory of a server, and
what the kernel keeps for it.

Kernel TCP memory and forks are the whole machine's: what else runs meanwhile
is counted too.
"""
import dataclasses
import os
import pathlib
import re

PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024
# Of /proc/net/tcp: closed by the process, not yet by the kernel.
ORPHAN_STATES = {"04", "05", "09", "0B"}


def read(path):
    """The text of a file in /proc; empty when its process has gone."""
    try:
        return pathlib.Path(path).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def children(pid):
    """Of a process, those that have ended but were not collected included."""
    return [int(word) for word in read(f"/proc/{pid}/task/{pid}/children").split()]


def tree(pid):
    """A process and all below it."""
    found = [pid]
    for member in found:
        found.extend(children(member))
    return found


def pss_kib(pids):
    texts = (read(f"/proc/{pid}/smaps_rollup") for pid in pids)
    return sum(int(match[1]) for match in (re.search(r"^Pss:\s+(\d+)", text, re.M) for text in texts) if match)


def descriptors(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except FileNotFoundError:
        return 0


def tcp_kib():
    return int(re.search(r"^TCP:.* mem (\d+)", read("/proc/net/sockstat"), re.M)[1]) * PAGE_KIB


def orphans(port):
    """Connections of a port that no process holds any more, and that are not
    over: the kernel still keeps what was to be sent."""
    suffix, count = f":{port:04X}", 0
    for line in read("/proc/net/tcp").splitlines()[1:]:
        fields = line.split(None, 10)
        if fields[1].endswith(suffix) and fields[3] in ORPHAN_STATES and fields[9] == "0":
            count += 1
    return count


def cpu_s(pid):
    """Processor time a process has used itself, without its children."""
    return int(read(f"/proc/{pid}/schedstat").split()[0]) / 1e9


def states(pids):
    """{pid: (state, when started)} of those that are there; quick, since it
    is asked often."""
    found = {}
    for pid in pids:
        try:
            fields = read(f"/proc/{pid}/stat").rpartition(") ")[2].split(None, 20)
        except OSError:
            continue
        if fields:
            found[pid] = fields[0], fields[19]
    return found


def children_begun(status):
    """All the children that a server of ours has ever had."""
    ended = sum(value for name, value in status.items() if name.startswith("ended_"))
    return ended + status["children"] + status["killed"]


def forks():
    """All that this machine has forked so far."""
    return int(re.search(r"^processes (\d+)", read("/proc/stat"), re.M)[1])


@dataclasses.dataclass(frozen=True)
class Sample:
    processes: int
    descriptors: int
    memory_kib: int
    tcp_kib: int
    orphans: int

    @classmethod
    def of(cls, pid, port):
        pids = tree(pid)
        return cls(len(pids), descriptors(pid), pss_kib(pids), tcp_kib(), orphans(port))


def most(samples):
    """The largest of each figure."""
    return Sample(*(max(column) for column in zip(*(dataclasses.astuple(sample) for sample in samples))))

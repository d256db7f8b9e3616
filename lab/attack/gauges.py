"""What an attack costs: processes, descriptors and memory of a server, and
what the kernel keeps for it.

Kernel TCP memory and forks are the whole machine's: what else runs meanwhile
is counted too.
"""
import dataclasses
import os
import pathlib
import re
import socket
import struct

PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024
# States of TCP: closed by the process, not yet by the kernel.
FIN_WAIT1, FIN_WAIT2, LAST_ACK, CLOSING = 4, 5, 9, 11
ORPHAN_STATES = sum(1 << state for state in (FIN_WAIT1, FIN_WAIT2, LAST_ACK, CLOSING))
# Of netlink(7) and sock_diag(7).
NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLMSG_DONE, REQUEST_DUMP = 4, 20, 3, 0x301
DIAG_HEAD, DIAG_ID_BYTES, DIAG_REST, DIAG_INODE = 16, 48, 56, 84
# The memory of so many processes is read one by one; of more, it is estimated
# from so many of them, since reading it takes the time of those measured.
READ_ONE_BY_ONE = 200


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


def pss_kib_of(pids):
    texts = (read(f"/proc/{pid}/smaps_rollup") for pid in pids)
    return sum(int(match[1]) for match in (re.search(r"^Pss:\s+(\d+)", text, re.M) for text in texts) if match)


def pss_kib(pids):
    """Of a server, which is the first of the processes, and its children."""
    own, others = pids[:1], pids[1:]
    if len(others) <= READ_ONE_BY_ONE:
        return pss_kib_of(pids)
    step = len(others) // READ_ONE_BY_ONE + 1
    some = others[::step]
    return pss_kib_of(own) + pss_kib_of(some) * len(others) // len(some)


def descriptors(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except FileNotFoundError:
        return 0


def tcp_kib():
    return int(re.search(r"^TCP:.* mem (\d+)", read("/proc/net/sockstat"), re.M)[1]) * PAGE_KIB


def diag_inodes(family, port, states):
    """The inodes of the TCP sockets of a port in these states."""
    request = struct.pack("=IHHII", DIAG_HEAD + DIAG_REST, SOCK_DIAG_BY_FAMILY, REQUEST_DUMP, 1, 0)
    request += struct.pack("=BBBxI", family, socket.IPPROTO_TCP, 0, states)
    request += struct.pack("!H", port).ljust(DIAG_ID_BYTES, b"\0")
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as netlink:
        netlink.send(request)
        while answer := netlink.recv(1 << 17):
            while answer:
                length, kind = struct.unpack_from("=IH", answer)
                if kind != SOCK_DIAG_BY_FAMILY:
                    return
                yield struct.unpack_from("=I", answer, DIAG_INODE)[0]
                answer = answer[(length + 3) & ~3:]


def orphans(port):
    """Connections of a port that no process holds any more, and that are not
    over: the kernel still keeps what was to be sent."""
    return sum(inode == 0 for family in (socket.AF_INET, socket.AF_INET6)
               for inode in diag_inodes(family, port, ORPHAN_STATES))


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
    # What a server of ours reports, else 0: children that hold a slot, those
    # that were killed included; connections that wait for one; parked ones.
    slots_held: int
    waiting: int
    parked: int

    @classmethod
    def of(cls, server):
        status = server.status() or {"children": 0, "killed": 0, "waiting": 0, "parked": 0}
        # A child of ours has no children.
        pids = [server.pid, *children(server.pid)] if server.has_status else tree(server.pid)
        return cls(len(pids), descriptors(server.pid), pss_kib(pids), tcp_kib(), orphans(server.port),
                   status["children"] + status["killed"], status["waiting"], status["parked"])


def most(samples):
    """The largest of each figure."""
    return Sample(*(max(column) for column in zip(*(dataclasses.astuple(sample) for sample in samples))))

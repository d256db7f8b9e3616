"""A million connections of random length, among them storms of 300 that end
at once: no zombie grows old, and in the end the books are exact."""
import subprocess
import time

import gauges
import servers
from verdicts import Verdict

CROWD = servers.BUILD / "lab/attack/crowd"
CONNECTIONS, QUICK_CONNECTIONS = 1_000_000, 20_000
STORM = 300
# A zombie is old when it was one in so many looks one after the other.
LOOK_S = 0.05
OLD_S = 0.1
SETTLE_S = 5
LIMIT_S = 900


class Zombies:
    """Those among the children of a process, and since when."""

    def __init__(self, pid):
        self.pid = pid
        self.since = {}
        self.old = set()
        self.most = 0

    def look(self):
        now = time.monotonic()
        # The kernel may leave some out of a list that changes meanwhile.
        known = {pid for pid, _ in self.since}
        states = gauges.states(known.union(gauges.children(self.pid)))
        ended = {(pid, begun) for pid, (state, begun) in states.items() if state == "Z"}
        self.since = {one: self.since.get(one, now) for one in ended}
        self.old |= {one for one, since in self.since.items() if now - since >= OLD_S}
        self.most = max(self.most, len(ended))


def errors(status, before, opened):
    """What does not add up in the books of a server with nobody left in it."""
    of = {name: status[name] - before[name] for name in status}
    decided = {name: value for name, value in of.items() if name.startswith("decided_")}
    admitted = sum(decided.values()) - of["decided_full"]
    ended = sum(value for name, value in of.items() if name.startswith("ended_"))
    sums = {
        "accepted = connected": (of["accepted"], opened),
        "come = decided": (of["accepted"] + of["resumed"],
                           of["parked_silent"] + of["gone_silent"] + of["refused_penalty"] + of["refused_limit"]
                           + sum(decided.values())),
        "waited = served, left or refused": (of["decided_full"],
                                             of["served_after_wait"] + of["left_while_waiting"]
                                             + of["refused_waited"] + of["refused_crowded"]),
        "admitted = ended": (admitted + of["served_after_wait"], of["refused_fork"] + ended),
        "parked = resumed, gone or closed": (of["parked_silent"] + of["ended_parked"],
                                             of["resumed"] + of["parked_gone"] + of["parked_expired"]
                                             + of["parked_evicted"]),
    }
    zeros = ("children", "killed", "waiting", "parked", "lingering", "unknown_children", "rejected_messages")
    return [*(f"{words}: {one} and {other}" for words, (one, other) in sums.items() if one != other),
            *(f"{name} {status[name]}" for name in zeros if status[name])]


def run_crowd(server, count, zombies):
    """What the crowd has said, {name: number}, with the zombies watched."""
    with subprocess.Popen([CROWD, "-n", str(count), "-e", str(STORM), "-s", "127.0.20.1,250,1", str(server.port)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as crowd:
        try:
            end = time.monotonic() + LIMIT_S
            while crowd.poll() is None and time.monotonic() < end:
                zombies.look()
                time.sleep(LOOK_S)
        finally:
            crowd.kill()
        words = crowd.communicate()[0].split()
    return dict(zip(words[::2], map(float, words[1::2])))


def settled(server, accepted=0):
    """The status when nobody is left of so many, or the time for it is over."""
    end = time.monotonic() + SETTLE_S
    while time.monotonic() < end:
        status = server.status()
        here = sum(status[name] for name in ("children", "killed", "waiting", "parked", "lingering"))
        if status["accepted"] >= accepted and not here:
            break
        time.sleep(LOOK_S)
    return status


def measure(folder, is_quick):
    """The million."""
    count = QUICK_CONNECTIONS if is_quick else CONNECTIONS
    with servers.Server(servers.roomy_ezhttpd, folder) as server:
        before = settled(server)
        zombies = Zombies(server.pid)
        said = run_crowd(server, count, zombies)
        status = settled(server, before["accepted"] + said["connected"])
        zombies.look()
    wrong = errors(status, before, said["connected"])
    return [Verdict(f"{count} connections of random length, storms of {STORM} ends: zombies older than"
                    f" {OLD_S * 1000:.0f} ms; table",
                    f"{len(zombies.old)}, {zombies.most} zombies at most; {'; '.join(wrong) or 'exact'};"
                    f" {said['connected']:.0f} connected, {said['storms']:.0f} storms, {said['cut']:.0f} cut,"
                    f" {said['seconds']:.0f} s", "0; exact",
                    not zombies.old and not wrong and said["connected"] >= count)]

"""One attack on one server, with an honest client beside it.

The honest client asks on a fixed schedule, from first to last, whatever
became of its requests before, each with a limit.  First it is alone, then
the attack goes on, then the attacker leaves.  The honest answers are counted
from when the attacker has opened all its connections once, and no more where
they could still come after it has left.
"""
import dataclasses
import statistics
import subprocess
import time

import gauges
import servers

PROBE = servers.BUILD / "lab/attack/probe"
ATTACKER = servers.BUILD / "lab/attack/attacker"
PER_SECOND = 50
SAMPLE_S = 0.5
# Memory, the server's or the kernel's, may differ by so much and still be back.
SLACK_KIB = 1024
# How long an attacker may go on beyond its time before it is killed.
LATE_S = 5


@dataclasses.dataclass(frozen=True)
class Timing:
    """How long the honest client is alone, is attacked, and is watched on."""
    base_s: float
    attack_s: float
    after_s: float
    # The longest that is waited for the server to be as it was.
    recover_s: float


FULL = Timing(4, 15, 2, 10)
PEERS = Timing(2, 11, 2, 3)
QUICK = Timing(2, 6, 1, 4)


class Tally:
    """Honest requests: how many were answered, and how quickly."""

    def __init__(self, answers):
        self.asked = len(answers)
        self.took_ms = sorted(took for _, took, how in answers if how == "ok")

    @property
    def share(self):
        return len(self.took_ms) / self.asked if self.asked else None

    def percentile(self, percent):
        if len(self.took_ms) < 2:
            return self.took_ms[0] if self.took_ms else None
        return statistics.quantiles(self.took_ms, n=100, method="inclusive")[percent - 1]


@dataclasses.dataclass
class Result:
    """One attack on one server.  Times are of the monotonic clock."""
    attack: object
    server: str
    begin: float
    end: float = 0.0
    # (when due in s, time taken in ms, how it ended)
    answers: list = dataclasses.field(default_factory=list)
    base: object = None
    most: object = None
    # The last look at it, when it was as before or the time was over.
    after: object = None
    # What there was more of than before when last it was not as before: [words]
    lacked: list = dataclasses.field(default_factory=list)
    forks: int = 0
    # None: the attacker does not tell
    held: int = None
    opened: int = 0
    # None: not as before by the time it was waited for
    resources_s: float = None
    # Of the server, where it has ended before it was told to.
    status: int = None

    def during(self, begin, end):
        return [answer for answer in self.answers if begin <= answer[0] < end]

    @property
    def alone(self):
        return Tally(self.during(0, self.begin))

    @property
    def under(self):
        return Tally(self.during(self.begin + self.attack.opening_s, self.end - self.attack.limit_ms / 1000))

    @property
    def recovered_s(self):
        """When all is as before: the resources, and honest clients served."""
        failed = [due - self.end for due, _, how in self.during(self.end, float("inf")) if how != "ok"]
        return None if self.resources_s is None else max([self.resources_s, *failed])

    @property
    def tcp_kib_each(self):
        return (self.most.tcp_kib - self.base.tcp_kib) / max(1, self.held or 0)

    @property
    def opened_per_s(self):
        return self.opened / (self.end - self.begin)


def watch(server, seconds, is_over=lambda: False):
    """Samples of a server for so long."""
    end, samples = time.monotonic() + seconds, []
    while True:
        samples.append(gauges.Sample.of(server.pid, server.port))
        left = end - time.monotonic()
        if left <= 0 or is_over():
            return samples
        time.sleep(min(SAMPLE_S, left))


def still_more(sample, base):
    """What there is more of than before: [words]."""
    bounds = {"processes": 0, "descriptors": 0, "orphans": 0, "memory_kib": SLACK_KIB, "tcp_kib": SLACK_KIB}
    before, now = dataclasses.asdict(base), dataclasses.asdict(sample)
    return [f"{now[name] - before[name]} {name.replace('_kib', ' KiB')}" for name, slack in bounds.items()
            if now[name] > before[name] + slack]


def recover(server, result, limit_s):
    """Waits for the server to be as it was, and notes when that is."""
    while True:
        result.after = gauges.Sample.of(server.pid, server.port)
        took = time.monotonic() - result.end
        more = still_more(result.after, result.base)
        if not more:
            result.resources_s = took
            return
        result.lacked = more
        if took > limit_s:
            return
        time.sleep(SAMPLE_S / 10)


def command(attack, port, seconds):
    if attack.command:
        return [word.format(port=port, seconds=int(seconds)) for word in attack.command]
    return [ATTACKER, "-n", str(attack.connections), "-r", str(attack.per_second), "-s", attack.sources,
            "-t", str(int(seconds * 1000)), attack.kinds, str(port)]


def assail(attack, server, result, seconds):
    """An attacker, until it ends; returns samples of the server meanwhile."""
    with subprocess.Popen(command(attack, server.port, seconds), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as attacker:
        try:
            samples = watch(server, seconds, lambda: attacker.poll() is not None)
            said = attacker.communicate(timeout=LATE_S)[0].splitlines()[-1].split()
        finally:
            attacker.kill()
    if not attack.command:
        result.held, result.opened = int(said[3]), int(said[5])
    return samples


def forks(server):
    """Those of the server where it tells, else of the whole machine."""
    status = server.status()
    return gauges.forks() if status is None else gauges.children_begun(status)


def strike(server, result, seconds, base_forks_per_s):
    """The attack itself; an attacker that gives up too early comes again."""
    before, samples = forks(server), []
    end = result.begin + seconds
    while (left := end - time.monotonic()) >= 1:
        samples += assail(result.attack, server, result, left)
    result.end = time.monotonic()
    result.most = gauges.most(samples)
    result.forks = max(0, int(forks(server) - before - base_forks_per_s * (result.end - result.begin)))


def take_answers(output):
    for line in output.splitlines():
        due_ms, took_ms, how = line.split(None, 2)
        yield float(due_ms) / 1000, float(took_ms), how


def try_out(attack, name, timing, folder):
    """One attack on one server: a Result."""
    with servers.Server((servers.OURS | servers.PEERS)[name], folder) as server, \
            subprocess.Popen([PROBE, "-r", str(PER_SECOND), "-s", attack.honest_source, "-l", str(attack.limit_ms),
                              str(server.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as probe:
        before = forks(server)
        base = gauges.most(watch(server, timing.base_s))
        forks_per_s = (forks(server) - before) / timing.base_s
        result = Result(attack, name, time.monotonic(), base=base)
        strike(server, result, attack.seconds or timing.attack_s, forks_per_s)
        recover(server, result, timing.recover_s)
        time.sleep(max(0, result.end + timing.after_s - time.monotonic()))
        result.answers = sorted(take_answers(probe.communicate()[0]))
        result.status = server.process.poll()
    return result

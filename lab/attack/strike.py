"""One attack on one server, with an honest client beside it.

The honest client asks on a fixed schedule, from first to last, whatever
became of its requests before, each with a limit.  First it is alone, then
the attack goes on, then the attacker leaves.  The honest answers are counted
from when the attacker has opened all its connections once, and no more where
they could still come after it has left.
"""
import contextlib
import dataclasses
import functools
import statistics
import subprocess
import time

import gauges
import namespace
import parties
import servers
import storage

PROBE = servers.BUILD / "lab/attack/probe"
ATTACKER = servers.BUILD / "lab/attack/attacker"
PER_SECOND = 50
SAMPLE_S = 0.5
# Memory, the server's or the kernel's, may differ by so much and still be back;
# the server's in addition by so much for each connection that it has had, since
# its tables, and those of networks, take memory when they are first used.
SLACK_KIB = 1024
TABLE_KIB = 1
# How long an attacker may go on beyond its time before it is killed.
LATE_S = 5
# One attacker has so many connections at most; more of them, more attackers.
MOST_OF_ONE = 15000


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
    # Those of a server of ours.
    slots: int = 0
    # What became of each party: [(Party, {name: number})]
    parties: list = dataclasses.field(default_factory=list)

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
        samples.append(gauges.Sample.of(server))
        left = end - time.monotonic()
        if left <= 0 or is_over():
            return samples
        time.sleep(min(SAMPLE_S, left))


def still_more(sample, base, connections):
    """What there is more of than before so many connections: [words]."""
    bounds = {"processes": 0, "descriptors": 0, "orphans": 0, "tcp_kib": SLACK_KIB,
              "memory_kib": SLACK_KIB + TABLE_KIB * connections}
    before, now = dataclasses.asdict(base), dataclasses.asdict(sample)
    return [f"{now[name] - before[name]} {name.replace('_kib', ' KiB')}" for name, slack in bounds.items()
            if now[name] > before[name] + slack]


def recover(server, result, limit_s):
    """Waits for the server to be as it was, and notes when that is."""
    while True:
        result.after = gauges.Sample.of(server)
        took = time.monotonic() - result.end
        more = still_more(result.after, result.base, result.attack.connections)
        if not more:
            result.resources_s = took
            return
        result.lacked = more
        if took > limit_s:
            return
        time.sleep(SAMPLE_S / 10)


def commands(attack, port, seconds):
    """What is run: one attacker, or several that share the connections."""
    if attack.command:
        return [[word.format(port=port, seconds=int(seconds), connections=attack.connections,
                             per_second=attack.per_second) for word in attack.command]]
    if not attack.kinds:
        return []
    count = -(-attack.connections // MOST_OF_ONE)
    return [[ATTACKER, "-n", str(attack.connections // count), "-r", str(attack.per_second // count),
             "-s", attack.sources.format(connections=attack.connections), "-t", str(int(seconds * 1000)),
             attack.kinds, str(port)]] * count


def last_words(attacker):
    """{name: number} of its last line."""
    try:
        words = attacker.communicate(timeout=LATE_S)[0].splitlines()[-1].split()
    finally:
        attacker.kill()
    return dict(zip(words[::2], words[1::2]))


def assail(attack, server, result, seconds):
    """Attackers, until they end; returns samples of the server meanwhile."""
    with contextlib.ExitStack() as stack:
        attackers = [stack.enter_context(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                                          stderr=subprocess.DEVNULL, text=True))
                     for words in commands(attack, server.port, seconds)]
        for attacker in attackers:
            stack.callback(attacker.kill)
        samples = watch(server, seconds, lambda: any(attacker.poll() is not None for attacker in attackers))
        said = [last_words(attacker) for attacker in attackers]
    if attack.kinds:
        result.held, result.opened = (sum(int(words[name]) for words in said) for name in ("held", "opened"))
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


def sized(attack, name, server):
    """The attack, as large as this server asks for."""
    return attack.filling(server.status()["slots"]) if name == servers.STANDARD else attack


def surroundings(attack, folder, stack):
    """What the server is started in; returns what ends it after the attack."""
    if attack.is_ipv6:
        stack.enter_context(namespace.entered())
    return stack.enter_context(storage.hanging(folder)) if attack.hangs else lambda: None


def argv_of(attack, name):
    argv = (servers.OURS | servers.PEERS)[name]
    return functools.partial(argv, address="[::1]") if attack.is_ipv6 else argv


def measure(result, server, timing, probe, end_surroundings):
    """The attack, before it and after it, on a server with a probe."""
    attack = result.attack
    attack_s = attack.seconds or timing.attack_s
    running = [parties.Running(party, server.port, timing.base_s + attack_s) for party in attack.parties]
    before = forks(server)
    result.base = gauges.most(watch(server, timing.base_s))
    forks_per_s = (forks(server) - before) / timing.base_s
    result.begin = time.monotonic()
    strike(server, result, attack_s, forks_per_s)
    end_surroundings()
    result.parties = [(one.party, one.end()) for one in running]
    recover(server, result, timing.recover_s)
    time.sleep(max(0, result.end + timing.after_s - time.monotonic()))
    result.answers = sorted(take_answers(probe.communicate()[0]))
    result.status = server.process.poll()


def try_out(attack, name, timing, folder):
    """One attack on one server: a Result."""
    with contextlib.ExitStack() as stack:
        end_surroundings = surroundings(attack, folder, stack)
        server = stack.enter_context(servers.Server(argv_of(attack, name), folder))
        # A child that waits for storage can be collected only after this.
        stack.callback(end_surroundings)
        attack = sized(attack, name, server)
        result = Result(attack, name, 0.0, slots=(server.status() or {"slots": 0})["slots"])
        probe = stack.enter_context(subprocess.Popen(
            [PROBE, "-r", str(PER_SECOND), "-s", attack.honest_source, "-l", str(attack.limit_ms), str(server.port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        measure(result, server, timing, probe, end_surroundings)
    return result

#!/usr/bin/env python3
"""Simulates the rule of fairness; prints a table of scenarios.

usage: fairness_sim.py [scenario ...] [-- rule ...]

A scenario is named by how its name begins.  Time is simulated and seeds are fixed: two runs print
the same.  Attackers are always asked before an honest newcomer.

Columns: connections that asked for a slot, new ones and those that came back from being parked; of
these refused, at once or after waiting, %; of those served, those that waited, %, and how long, in
seconds: median, 99th of a hundred, longest; of those served, cut while they got on,
%, and while they lagged, %; kills a second; children that gave up their slot, a second; slots held by
these, and by attackers.
"""
import collections
import heapq
import itertools
import random
import sys

import fairness_rule
from fairness_clients import MANY, SCENARIOS, log_uniform
from fairness_rule import ADMIT, WAIT, Rule, Settings

RULES = {
    "final": {}, "refuse": dict(wait_s=0, yields=False), "no-yield": dict(yields=False),
    # Waiting as first drafted.
    "first": dict(freed_by="sum", retries="second", dying_is_light=False, waiting_most=4096),
    # The final rule without one of its parts, or with another number.
    "never": dict(retries="never"), "second": dict(retries="second"), "by-sum": dict(freed_by="sum"),
    "by-weight": dict(freed_by="weight"), "heavy-dying": dict(dying_is_light=False),
    "boundary": dict(looks_at_boundary=True), "wait2": dict(wait_s=2.0), "wait10": dict(wait_s=10.0),
    "queue256": dict(waiting_most=256), "queue1024": dict(waiting_most=1024), "queue4096": dict(waiting_most=4096),
    "queue16384": dict(waiting_most=16384)}
TICK_S, TRIES_S, COLLECT_S, LINGER_S, HANGS_S = 0.25, 0.01, 0.001, 1.0, 20.0
# The stages of a connection.
AWAY, WAITS, BUSY, IDLE, PARKED, GONE = range(6)


class Connection:
    """One connection of a client, as the world knows it."""
    __slots__ = ("number", "party", "chain", "rate", "sizes", "index", "stall", "stage", "moved", "size", "began",
                 "asked", "looked", "idle_since", "past", "turn")

    def __init__(self, number, party, chain, rate, sizes, index=None, stall=(float("inf"), 0)):
        self.number, self.party, self.chain, self.rate, self.index = number, party, chain, rate, index
        # The answers still to come; and after how long of the first nothing moves, for how long.
        self.sizes, self.stall = sizes, stall
        self.stage, self.moved, self.size, self.past, self.turn = AWAY, 0.0, next(sizes), None, 0

    def moved_by(self, now):
        if self.stage != BUSY:
            return self.moved
        age = now - self.began
        return self.moved + self.rate * max(min(age, self.stall[0]), age - self.stall[1])

    def takes_s(self):
        took = self.size / self.rate if self.rate else float("inf")
        return took + (self.stall[1] if took > self.stall[0] else 0)


class Simulation:
    """Clients against a rule: hands every event in, and carries every answer out."""

    def __init__(self, rule, scenario, seed=1):
        self.rule, self.scenario, self.rng = rule, scenario, random.Random(seed)
        self.events, self.order, self.numbers = [], itertools.count(), itertools.count()
        self.connections, self.idle, self.was_scarce = {}, {}, False
        self.count, self.waits = {}, collections.defaultdict(list)
        self.kills, self.yields, self.samples, self.held, self.before = 0, 0, 0, collections.Counter(), None
        self.attacks = [party for party in scenario.parties if party.chains]
        for party in self.attacks:
            party.free = [i for i in range(len(party.chains)) for _ in range(1 if party.each == MANY else party.each)]
            party.asked, party.refused_at = party.at or 0.0, None
        for party in scenario.parties:
            start = scenario.honest_at_s if party.at is None else party.at
            if party.where and not party.clients:
                self.at(start, self.arrive, party, start + party.lasts_s)
            for i in range(party.clients):
                self.at(start + self.rng.uniform(0, party.pause + 1), self.fetch, party, i)
        self.at(0.0, self.tick)
        self.at(0.0, self.clock_attackers)

    def at(self, when, what, *args):
        heapq.heappush(self.events, (when, next(self.order), what, args))

    def note(self, party, what, now):
        if now >= self.scenario.measured_s and not party.chains:
            self.count.setdefault(party.name, collections.Counter())[what] += 1

    # A connection's way: ask, wait, be served, be idle, be parked, ask again.

    def ask(self, now, c):
        """Returns whether it was not refused at once."""
        self.note(c.party, "asked", now)
        c.asked = now
        self.connections[c.number] = c
        answer = self.rule.ask(c.number, c.chain, now, c.past)
        self.carry_out(now, c, answer)
        return answer.verdict in (ADMIT, WAIT)

    def carry_out(self, now, c, answer):
        if answer.victim is not None:
            self.killed(now, self.connections[answer.victim])
        if answer.bumped is not None:
            self.refused(now, self.connections[answer.bumped])
        if answer.verdict == ADMIT:
            self.serve(now, c)
        elif answer.verdict == WAIT:
            c.stage = WAITS
        else:
            self.refused(now, c)

    def serve(self, now, c):
        """It has a slot, and its request is under way."""
        self.note(c.party, "served", now)
        if c.stage == WAITS:
            self.note(c.party, "waited", now)
            if now >= self.scenario.measured_s:
                self.waits[c.party.name].append(now - c.asked)
        c.looked = now
        self.begin(now, c)
        self.watch_scarcity(now)

    def begin(self, now, c):
        self.idle.pop(c.number, None)
        c.stage, c.began = BUSY, now
        c.turn += 1
        if c.party.hangs:
            self.at(now + HANGS_S, self.deadline, c)
        elif c.rate:
            self.at(now + c.takes_s(), self.finish, c, c.turn)

    def finish(self, now, c, turn):
        """An answer is complete."""
        if c.stage != BUSY or c.turn != turn:
            return
        c.moved, c.stall, c.size = c.moved + c.size, (float("inf"), 0), next(c.sizes, None)
        c.stage, c.idle_since = IDLE, now
        if not c.party.requests:
            self.end(now, c)
            return
        if self.rule.must_yield(c.number, now, 0.0):
            self.park(now, c)
        else:
            self.idle[c.number] = c
            self.at(now + fairness_rule.SCARCE_IDLE_S, self.watch_idle, c, c.turn)
            self.at(now + fairness_rule.IDLE_S, self.watch_idle, c, c.turn)
        if c.size is None:
            return
        if c.party.think_s[1] == 0:
            self.speak(now, c, c.turn)
        else:
            self.at(now + log_uniform(self.rng, *c.party.think_s), self.speak, c, c.turn)

    def speak(self, now, c, turn):
        """The client sends its next request."""
        if c.turn != turn:
            return
        if c.stage == PARKED:
            self.ask(now, c)
        elif c.stage == IDLE:
            self.begin(now, c)

    def watch_idle(self, now, c, turn):
        if c.stage == IDLE and c.turn == turn and self.rule.must_yield(c.number, now, now - c.idle_since):
            self.park(now, c)

    def watch_scarcity(self, now):
        """When slots become scarce, the children that only wait are woken."""
        is_scarce = self.rule.is_scarce()
        if is_scarce and not self.was_scarce:
            for c in list(self.idle.values()):
                self.watch_idle(now, c, c.turn)
        self.was_scarce = is_scarce

    def park(self, now, c):
        self.idle.pop(c.number, None)
        self.yields += now >= self.scenario.measured_s
        c.past, c.stage = self.rule.end(c.number, now, c.moved), PARKED
        del self.connections[c.number]
        self.fill(now)

    def end(self, now, c):
        self.rule.end(c.number, now)
        self.gone(now, c)
        self.fill(now)

    def gone(self, now, c):
        """It has left, by itself or not; its client comes back, if it is one of those that do."""
        self.idle.pop(c.number, None)
        c.stage, c.turn = GONE, c.turn + 1
        del self.connections[c.number]
        if c.party.clients:
            self.at(now + self.rng.expovariate(1 / c.party.pause), self.fetch, c.party, c.index)
        elif c.party.each < MANY:
            c.party.free.append(c.index)

    def refused(self, now, c):
        self.note(c.party, "refused", now)
        c.stage, c.turn = GONE, c.turn + 1
        del self.connections[c.number]
        if c.party.clients:
            self.at(now + self.rng.uniform(*c.party.again_s), self.fetch, c.party, c.index)
        elif c.party.each < MANY:
            c.party.free.append(c.index)

    def killed(self, now, c):
        """The rule has chosen it; it still holds its slot until it is collected."""
        self.kills += now >= self.scenario.measured_s
        if c.stage == BUSY:
            self.note(c.party, "slow" if self.rule.is_lagging(c.number) else "cut", now)
        self.gone(now, c)
        self.die(now, c)

    def deadline(self, now, c):
        if c.stage == BUSY:
            self.rule.kill_overdue(c.number)
            self.gone(now, c)
            self.die(now, c)

    def die(self, now, c):
        if c.party.hangs:
            self.at(now + LINGER_S, self.linger, c.number)
        else:
            self.at(now + COLLECT_S, self.collect, c.number)

    def linger(self, now, number):
        self.rule.linger(number)

    def collect(self, now, number):
        self.rule.collect(number)
        self.fill(now)

    def fill(self, now):
        self.admit_waiting(now, self.rule.next_admitted)

    def admit_waiting(self, now, find):
        """Carries out, one after another, what the rule finds for those that wait."""
        while True:
            found = find(now)
            if found is None:
                return
            number, answer = found
            self.carry_out(now, self.connections[number], answer)

    # Who comes, and when.

    def new(self, party, chain, rate, sizes, **more):
        return Connection(next(self.numbers), party, chain, rate, iter(sizes), **more)

    def answer_sizes(self, party):
        count = self.rng.randint(*party.requests) if party.requests else 1
        return (log_uniform(self.rng, *party.size) for _ in range(count))

    def arrive(self, now, party, until):
        if now >= until:
            return
        self.at(now + self.rng.expovariate(party.per_s), self.arrive, party, until)
        self.try_attackers(now)
        rate = log_uniform(self.rng, *party.rate)
        c = self.new(party, party.where(self.rng), rate, self.answer_sizes(party))
        if self.rng.random() < .05 and not party.requests:
            c.stall = (self.rng.uniform(0, c.size / rate), 4.0)
        self.ask(now, c)

    def fetch(self, now, party, i):
        self.try_attackers(now)
        self.ask(now, self.new(party, party.where(i), party.rate[0], self.answer_sizes(party), index=i))

    def clock_attackers(self, now):
        if self.attacks:
            self.at(now + TRIES_S, self.clock_attackers)
            self.try_attackers(now)

    def try_attackers(self, now):
        """All that they tried until now; when one is refused, so is the next until something changes."""
        for party in self.attacks:
            if now < party.asked or not party.free:
                continue
            pace = len(party.free) / party.retry_s if party.retry_s else party.per_s
            tries = int((now - party.asked) * pace + self.rng.random())
            party.asked = now
            for _ in range(min(tries, 600, MANY if party.each == MANY else len(party.free))):
                state = self.rule.version, int(now / TRIES_S)
                if party.refused_at == state or not self.try_attacker(now, party):
                    party.refused_at = self.rule.version, int(now / TRIES_S)
                    break

    def try_attacker(self, now, party):
        k = self.rng.randrange(len(party.free))
        party.free[k], party.free[-1] = party.free[-1], party.free[k]
        i = party.free[-1] if party.each == MANY else party.free.pop()
        size = party.rate * party.life_s if party.rate else float("inf")
        return self.ask(now, self.new(party, party.chains[i], party.rate, [size], index=i))

    def tick(self, now):
        """The rule's own clock: those that waited too long, looks, and another try for the one that is next."""
        self.at(now + TICK_S, self.tick)
        while True:
            number = self.rule.next_overdue(now)
            if number is None:
                break
            self.refused(now, self.connections[number])
        for c in list(self.connections.values()):
            if c.stage in (BUSY, IDLE) and self.rule.is_look_due(c.number, now):
                is_busy = c.stage == BUSY and c.began <= c.looked
                self.rule.look(c.number, now, c.moved_by(now), is_busy)
                c.looked = now
        if now % 1.0 == 0:
            self.admit_waiting(now, self.rule.retry)
        self.sample(now)

    def sample(self, now):
        if now >= self.scenario.measured_s:
            held = collections.Counter(c.party.name for c in self.connections.values() if c.stage in (BUSY, IDLE))
            self.before, self.held, self.samples = self.before or held, self.held + held, self.samples + 1

    def run(self):
        while self.events and self.events[0][0] < self.scenario.end_s:
            when, _, what, args = heapq.heappop(self.events)
            what(when, *args)
        return self


def percent(part, whole):
    return "%.1f" % (100 * part / whole) if whole else "-"


def quantiles(waits):
    if not waits:
        return "-", "-", "-"
    waits = sorted(waits)
    return tuple("%.2f" % waits[int(q * (len(waits) - 1))] for q in (.5, .99, 1))


def lines_of(name, rule_name):
    scenario = SCENARIOS[name]
    s = Simulation(Rule(Settings(slots=scenario.slots, **RULES[rule_name])), scenario).run()
    seconds = scenario.end_s - scenario.measured_s
    for who, n in sorted(s.count.items()):
        had = n["served"] + s.before[who]
        yield "%-20s %-9s %-9s %6d %5s %6s %5s %5s %5s %5s %5s %6.1f %6.1f %5.0f %6.0f" % (
            name, rule_name, who, n["asked"], percent(n["refused"], n["refused"] + n["served"]),
            percent(n["waited"], n["served"]),
            *quantiles(s.waits[who]), percent(n["cut"], had), percent(n["slow"], had),
            s.kills / seconds, s.yields / seconds, s.held[who] / s.samples, s.held["attack"] / s.samples)


def main():
    words = sys.argv[1:] + ["--"]
    at = words.index("--")
    wanted, rules = tuple(words[:at]) or "", [w for w in words[at:] if w != "--"] or ["final"]
    jobs = [(name, rule) for name in SCENARIOS if name.startswith(wanted) for rule in rules]
    print("scenario             rule      who        asked  ref% waited   med   p99   max   cut  slow kills/s yields"
          "  held attack")
    for name, rule in jobs:
        for line in lines_of(name, rule):
            print(line, flush=True)


if __name__ == "__main__":
    main()

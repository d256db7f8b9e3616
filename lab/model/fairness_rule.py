"""The rule of fairness: which newcomer gets a slot, which waits, which connection pays.

`Rule` only computes: the caller hands in the time, carries each answer out and reports each event.
A connection is a number; its networks are a chain of names, from the widest to the narrowest.  The
calls use numbers, times and chains only, so that another implementation can stand in for this one.

Terms.  A connection holds a slot, waits for one, or is dying: killed, and not yet collected; after a
second of that it is dead.  It lags while it moves less than PACE although something is to be moved.
It is new until its first look.  A network's weight is the sum of the weights of its connections,
those that wait excepted.
"""
import collections
import dataclasses

from fairness_networks import NOBODY, Entry, Network

PACE = 2000
LOOK_S, HELD_S = 1.0, 1.0
IDLE_S, SCARCE_IDLE_S = 1.0, 0.02
ADMIT, WAIT, REFUSE = "admit", "wait", "refuse"


@dataclasses.dataclass(frozen=True)
class Settings:
    """The numbers of the rule; the variants that were compared differ in these."""
    slots: int = 256
    # A spare slot for so many slots.
    spare_divisor: int = 8
    # What a lagging connection weighs, and a new one on the newcomer's own side.
    lag_weight: int = 8
    new_weight: int = 8
    # How often a second a newcomer of the heaviest source replaces a lagging connection of it.
    own_per_s: int = 4
    # Waiting: how long, and how many at most (half of the parking lot); 0 s: nobody waits.
    wait_s: float = 5.0
    waiting_most: int = 8192
    # A slot goes to the waiting network that is lightest by its "own" weight (as rule 4 reckons the
    # newcomer's side), its "weight", or the "sum" of weight and waiting connections.
    freed_by: str = "own"
    # When the lightest waiting connection is tried again by rule 4: "never", each "second", or each
    # second and whenever a slot is freed ("always").
    retries: str = "always"
    # A killed connection weighs nothing for a second; otherwise a burst of newcomers, before it is
    # collected, finds its network heavier than before and kills the rest of it.
    dying_is_light: bool = True
    # Rule 6: children that wait between requests, or have held their slot for long, give it up.
    yields: bool = True
    # A request that is complete when its child gives the slot up counts as a look.
    looks_at_boundary: bool = False

    @property
    def spare(self):
        return self.slots // self.spare_divisor

    @property
    def waiting_limit(self):
        return self.waiting_most if self.wait_s else 0

    @property
    def more(self):
        """How much the heaviest network must weigh above the newcomer's own."""
        return self.lag_weight + 1


# `victim` is killed by this answer; `bumped` waited, and is refused so that another can wait.
Answer = collections.namedtuple("Answer", "verdict victim bumped", defaults=(None, None))
# What a parked connection takes along: bytes moved, seconds in slots, and what the last look found.
Past = collections.namedtuple("Past", "moved age_s lags is_new")


def equals(networks, weights, weight):
    return [network for network, own in zip(networks, weights) if own == weight]


class Rule:
    """The table of slots, the queue of those that wait, and the decisions."""

    def __init__(self, settings):
        self.settings = settings
        self.world = Network(None)
        self.entries = {}
        self.held, self.dead, self.asked = 0, 0, 0
        # Changes with every change of weights or orders; the other with every change of the queue as well.
        self.weights_version, self.version = 0, 0
        self.heaviest_at, self.heaviest_path = -1, []
        self.widest_at, self.widest_most = -1, 0
        self.tokens, self.tokens_at = 0.0, 0.0
        # Sources with a dead connection, and how many.
        self.dead_of = collections.Counter()

    # What the caller reports, and asks.

    def ask(self, number, chain, now, past=None):
        """A newcomer, or a parked connection that returns with its past.  Returns an Answer."""
        entry = self.make_entry(number, chain, now, past)
        if self.held + self.dead < self.settings.slots and not self.world.waiters:
            self.hold(entry, now)
            return Answer(ADMIT)
        return self.by_weight(entry, now) or self.by_own_lag(entry, now) or self.wait(entry)

    def look(self, number, now, moved, is_busy):
        """A connection that holds a slot has moved so many bytes; is_busy: since the last look all the time."""
        entry = self.entries[number]
        past_s = now - entry.looked
        lags = is_busy and moved - entry.moved < PACE * past_s
        self.weigh(entry, -1)
        entry.lags, entry.is_new, entry.looked, entry.moved = lags, False, now, moved
        entry.set_order()
        self.weigh(entry, 1)

    def is_lagging(self, number):
        return self.entries[number].lags

    def is_look_due(self, number, now):
        entry = self.entries[number]
        return now - entry.looked >= LOOK_S - 1e-9 and (entry.is_new or self.is_scarce())

    def is_scarce(self):
        return 4 * (self.held + self.dead) >= 3 * self.settings.slots

    def must_yield(self, number, now, idle_s):
        """Whether a child between two requests, idle for so long, gives up its slot.  0: at the boundary."""
        if not self.settings.yields:
            return False
        if self.world.waiters and now - self.entries[number].admitted >= HELD_S:
            return True
        return idle_s >= (SCARCE_IDLE_S if self.is_scarce() else IDLE_S) - 1e-9

    def end(self, number, now, moved=None):
        """Frees the slot of a connection that has ended, or is parked: then `moved` is given, and its Past returned."""
        entry = self.entries.pop(number)
        self.release(entry)
        if moved is None:
            return None
        age_s = now - entry.start
        if self.settings.looks_at_boundary:
            return Past(moved, age_s, False, False)
        return Past(moved, age_s, entry.lags, entry.is_new)

    def kill_overdue(self, number):
        """A deadline has killed a connection that holds a slot."""
        self.kill(self.entries[number])

    def linger(self, number):
        """A killed connection has not been collected for a second: from now on it has a weight again."""
        entry = self.entries[number]
        self.weigh(entry, -1)
        entry.state = "dead"
        self.weigh(entry, 1)

    def collect(self, number):
        """A killed connection has been collected."""
        entry = self.entries.pop(number)
        self.weigh(entry, -1)
        self.dead -= 1
        self.dead_of[entry.path[-1].name] -= 1
        self.prune(entry)

    def leave(self, number):
        """A waiting connection is gone."""
        self.unwait(self.entries.pop(number))

    def next_admitted(self, now):
        """Gives a slot to a waiting connection, if one can have it.  Returns (number, Answer), or None."""
        if not self.world.waiters:
            return None
        if self.held + self.dead < self.settings.slots:
            entry = self.lightest_waiter()
            return entry.number, self.replace(entry, None, now, True)
        return self.retry(now) if self.settings.retries == "always" else None

    def retry(self, now):
        """Tries the next waiting connection again by rule 4.  Returns (number, Answer), or None."""
        if not self.world.waiters or self.settings.retries == "never" or self.widest_weight() < self.settings.more:
            return None
        entry = self.lightest_waiter()
        answer = self.by_weight(entry, now, True)
        return answer and (entry.number, answer)

    def next_overdue(self, now):
        """Refuses a connection that has waited too long.  Returns its number, or None."""
        if not self.world.waiters:
            return None
        entry = self.world.oldest_waiter()
        if now - entry.asked < self.settings.wait_s:
            return None
        self.unwait(self.entries.pop(entry.number))
        return entry.number

    # The books.

    def make_entry(self, number, chain, now, past):
        entry, network = Entry(), self.world
        entry.number, entry.asked, entry.path = number, now, []
        for name in chain:
            inner = network.inner.get(name)
            if inner is None:
                inner = network.inner[name] = Network(name)
            entry.path.append(inner)
            network = inner
        entry.moved, age_s, entry.lags, entry.is_new = past or Past(0, 0.0, False, True)
        # Until it holds a slot, this is its age.
        entry.start = age_s
        return entry

    def weight_of(self, entry):
        if entry.state == "dying":
            return 0
        return self.settings.lag_weight if entry.lags or entry.state == "dead" else 1

    def weigh(self, entry, sign):
        self.weights_version += 1
        self.version += 1
        weight = sign * self.weight_of(entry)
        new = sign * entry.is_new
        for network in entry.path:
            network.entries += sign
            network.weight += weight
            network.new += new
            if network.stalest is entry:
                network.stalest = None
            if entry.state == "holds" and sign > 0 and network.stalest and entry.order < network.stalest.order:
                network.stalest = entry

    def hold(self, entry, now):
        entry.admitted = entry.looked = now
        entry.start = now - entry.start
        entry.set_order()
        entry.state = "holds"
        self.entries[entry.number] = entry
        entry.path[-1].holders[entry.number] = entry
        self.held += 1
        self.weigh(entry, 1)

    def release(self, entry):
        self.weigh(entry, -1)
        self.held -= 1
        del entry.path[-1].holders[entry.number]
        self.prune(entry)

    def kill(self, entry):
        """A victim holds a slot until it is collected, and weighs as much as one that lags."""
        self.weigh(entry, -1)
        self.held -= 1
        self.dead += 1
        del entry.path[-1].holders[entry.number]
        entry.state = "dying" if self.settings.dying_is_light else "dead"
        entry.is_new = False
        self.dead_of[entry.path[-1].name] += 1
        self.weigh(entry, 1)

    def stop_waiting(self, entry):
        del self.world.waiters[entry.number]
        for network in entry.path:
            del network.waiters[entry.number]

    def unwait(self, entry):
        self.stop_waiting(entry)
        self.prune(entry)
        self.version += 1

    def prune(self, entry):
        above = self.world
        for network in entry.path:
            if network.is_empty():
                above.inner.pop(network.name, None)
                return
            above = network

    # The rule.

    def widest_weight(self):
        """What the heaviest of the widest networks weighs."""
        if self.widest_at != self.weights_version:
            self.widest_at = self.weights_version
            self.widest_most = max((network.weight for network in self.world.inner.values()), default=0)
        return self.widest_most

    def heaviest(self):
        """From wide to narrow the heaviest network inside the one above; of equals the one with the stalest."""
        if self.heaviest_at != self.weights_version:
            self.heaviest_at, self.heaviest_path, network = self.weights_version, [], self.world
            while network.inner:
                most = max(inner.weight for inner in network.inner.values())
                if most == 0:
                    break
                ties = [inner for inner in network.inner.values() if inner.weight == most]
                network = ties[0] if len(ties) == 1 else min(ties, key=lambda n: n.find_stalest().order)
                self.heaviest_path.append(network)
        return self.heaviest_path

    def replace(self, entry, victim, now, is_waiting):
        if victim is not None:
            self.kill(victim)
        if is_waiting:
            self.stop_waiting(entry)
        self.hold(entry, now)
        return Answer(ADMIT, victim and victim.number)

    def by_weight(self, entry, now, is_waiting=False):
        """Rule 4: a newcomer that is lighter takes a spare slot, or that of the stalest of the heaviest."""
        settings = self.settings
        # A network is at least as heavy as those inside it.
        if self.widest_weight() < settings.more:
            return None
        heaviest = self.heaviest()
        parted = next(((own, other) for own, other in zip(entry.path, heaviest) if own is not other), None)
        if parted is None or self.held + self.dead >= 2 * settings.slots + settings.spare:
            return None
        own, other = parted
        if other.weight < self.own_weight(own) + settings.more:
            return None
        victim = heaviest[-1].find_stalest() if self.held >= settings.slots + settings.spare else None
        if victim is NOBODY:
            return None
        answer = self.replace(entry, victim, now, is_waiting)
        # Neither can the network that paid take the slot back.
        assert own.weight - other.weight < settings.more
        return answer

    def by_own_lag(self, entry, now):
        """The exception of rule 5: the heaviest source pays for its own newcomer, if it has one that lags."""
        rate = self.settings.own_per_s
        self.tokens, self.tokens_at = min(rate, self.tokens + (now - self.tokens_at) * rate), now
        source = entry.path[-1]
        if self.tokens < 1 or not source.holders or self.dead_of[source.name] or source is not self.heaviest()[-1]:
            return None
        victim = source.find_stalest()
        if victim is NOBODY or not victim.lags:
            return None
        self.tokens -= 1
        return self.replace(entry, victim, now, False)

    def wait(self, entry):
        """Rule 5: it waits; if too many do, the newest of the heaviest network among them is refused."""
        if not self.settings.waiting_limit:
            self.prune(entry)
            return Answer(REFUSE)
        entry.state = "waits"
        # Numbers come back with parked connections: the order of asking is counted.
        self.asked += 1
        entry.order = self.asked
        self.entries[entry.number] = entry
        self.world.waiters[entry.number] = entry
        for network in entry.path:
            network.waiters[entry.number] = entry
        if len(self.world.waiters) <= self.settings.waiting_limit:
            self.version += 1
            return Answer(WAIT)
        bumped = self.heaviest_waiter()
        del self.entries[bumped.number]
        self.stop_waiting(bumped)
        self.prune(bumped)
        if bumped is entry:
            return Answer(REFUSE)
        self.version += 1
        return Answer(WAIT, None, bumped.number)

    def own_weight(self, network):
        """As the newcomer's side is reckoned: what is new has shown nothing yet."""
        return network.weight + network.new * (self.settings.new_weight - 1)

    def lightest_waiter(self):
        """Along the walk the lightest network, of equals the one with the oldest; there the oldest."""
        by_new = (self.settings.new_weight - 1) * (self.settings.freed_by == "own")
        by_count = int(self.settings.freed_by == "sum")
        network = self.world
        while network.inner:
            inside = [inner for inner in network.inner.values() if inner.waiters]
            weights = [inner.weight + by_new * inner.new + by_count * len(inner.waiters) for inner in inside]
            ties = equals(inside, weights, min(weights))
            network = ties[0] if len(ties) == 1 else min(ties, key=lambda inner: inner.oldest_waiter().order)
        return network.oldest_waiter()

    def heaviest_waiter(self):
        """Along the walk the network that has most in slots and waiting; there the newest."""
        network = self.world
        while network.inner:
            inside = [inner for inner in network.inner.values() if inner.waiters]
            weights = [inner.weight + len(inner.waiters) for inner in inside]
            ties = equals(inside, weights, max(weights))
            network = ties[0] if len(ties) == 1 else max(ties, key=lambda inner: inner.newest_waiter().order)
        return network.newest_waiter()

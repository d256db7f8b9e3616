"""The connections that the rule of fairness knows, and the networks that they come from."""
import math

LEAST_RATE = 500
CREDIT_S, MOST_CREDIT_S = 5.0, 30.0


class Network:
    """A network in which some connection holds a slot, waits, or is dead."""
    __slots__ = ("name", "inner", "entries", "weight", "new", "holders", "waiters", "stalest")

    def __init__(self, name):
        self.name, self.inner, self.weight, self.new = name, {}, 0, 0
        # How many hold a slot or are dead.
        self.entries = 0
        # Only a source (the narrowest network) has holders; of waiters each network has all, oldest first.
        self.holders, self.waiters = {}, {}
        # None: it is not known.
        self.stalest = None

    def find_stalest(self):
        """Returns the connection that would have to go first, or NOBODY."""
        if self.stalest is None:
            below = (inner.find_stalest() for inner in self.inner.values()) if self.inner else self.holders.values()
            self.stalest = min(below, key=lambda entry: entry.order, default=NOBODY)
        return self.stalest

    def oldest_waiter(self):
        return next(iter(self.waiters.values()))

    def newest_waiter(self):
        return self.waiters[next(reversed(self.waiters))]

    def is_empty(self):
        return not self.entries and not self.waiters


class Entry:
    """A connection that the rule knows."""
    __slots__ = ("number", "path", "state", "start", "admitted", "asked", "looked", "moved", "lags", "is_new", "order")

    def set_order(self):
        """While it holds a slot, stalest first: looked at, then lagging, then the earlier credit deadline."""
        credit = min(self.start + CREDIT_S + self.moved / LEAST_RATE, self.looked + MOST_CREDIT_S)
        self.order = self.is_new, not self.lags, credit, self.number


NOBODY = Entry()
NOBODY.number, NOBODY.order = None, (True, True, math.inf, math.inf)

"""The clients of the simulation: networks, parties, and the scenarios made of them."""
import dataclasses
import math
import random

MANY = 10**9
LATE_S = 95.0


def log_uniform(rng, low, high):
    return math.exp(rng.uniform(math.log(low), math.log(high)))


class Party:
    """Clients of one kind.

    Honest ones come by chance, `per_s`, from `where(rng)`, or are so many `clients`, each from
    `where(index)`, who fetch one thing after another with a pause between.  Attackers, from `chains`,
    hold as many connections as they can, at most `each` of an address, and come back: `per_s`, or each
    after `retry_s`.
    """

    def __init__(self, name, **fields):
        self.name, self.where, self.clients, self.chains = name, None, 0, ()
        # Bytes of an answer, bytes per second.
        self.size, self.rate = (50e3, 5e6), (20e3, 2e6)
        self.per_s, self.pause, self.again_s = 5000.0, 1, (2, 4)
        self.each, self.retry_s, self.life_s, self.hangs = MANY, 0, math.inf, False
        # From when on; None: an attacker at once, the honest when the scenario says.  And for how long.
        self.at, self.lasts_s = None, math.inf
        # Requests on one connection, and the pause between two; None: one, then the connection ends.
        self.requests, self.think_s = None, (0.05, 1.0)
        vars(self).update(fields)


@dataclasses.dataclass
class Scenario:
    """Attackers come from 0 on, the honest from honest_at_s, measured from measured_s to end_s."""
    parties: list
    slots: int = 256
    honest_at_s: float = 60.0
    measured_s: float = 90.0
    end_s: float = 170.0


def v4(a, b, c=0, d=1):
    return ((4, a, b), (4, a, b, c), (4, a, b, c, d))


def v6(*numbers):
    return tuple((6,) + (numbers + (0,) * 4)[:i] for i in range(1, 6))


def anywhere(rng):
    """As on the Internet: some networks are much larger than others."""
    k = int(log_uniform(rng, 1, 400))
    b, c, d = rng.randrange(256), rng.randrange(256), rng.randrange(256)
    return v6(k, b, c, d % 4, 1) if rng.random() < .3 else v4(k // 200, k % 200, b, c)


def home(i):
    return anywhere(random.Random(i))


def passers_by(name, per_s, where=anywhere, **more):
    return [Party(name, per_s=per_s, where=where, **more)]


def regulars(name, clients, where, size, rate, pause, **more):
    return [Party(name, clients=clients, where=where, size=size, rate=(rate, rate), pause=pause, **more)]


def attack(chains, each=MANY, rate=600, **more):
    return [Party("attack", chains=chains, each=each, rate=rate, **more)]


def bots(count, each=1, rate=600, at=40.0):
    return attack([v4(100 + i // 256, i % 256) for i in range(count)], each, rate, retry_s=1, at=at)


def over_200(rng):
    return v4(20 + rng.randrange(200), 1, rng.randrange(256), rng.randrange(256))


def within_16(rng):
    return v4(20, 1, rng.randrange(256), rng.randrange(256))


def crowd(per_s, lasts_s, where):
    """New clients with a few small requests each, who then stay connected."""
    return [Party("crowd", per_s=per_s, lasts_s=lasts_s, where=where, size=(5e3, 50e3), rate=(1e5, 2e6),
                  requests=(1, 5))]


def crowded(parties, slots, lasts_s, attackers=()):
    """Attackers have 10 s to settle in; then the crowd comes, and is watched until it has been served."""
    return Scenario(parties + attackers, slots, 10.0, 10.0, 10.0 + lasts_s + 12.0)


ONE = [v4(203, 0, 113, 7)]
IN_16, IN_16_TOO = [v4(203, 0, i) for i in range(256)], [v4(204, 0, i) for i in range(256)]
# With as many addresses as there are slots, however many these are.
ALL_OF_16 = [v4(203, 0, i % 256, i // 256) for i in range(4096)]
IN_40, IN_32 = [v6(9999, 7, i) for i in range(256)], [v6(9999, i) for i in range(256)]
OFFICE_AT = v4(198, 51, 100, 9)
HONEST, FEW = passers_by("honest", 5), passers_by("honest", 2)
NEIGHBOUR = passers_by("neighbour", 1, lambda _: ONE[0])
CREEPERS = passers_by("creepers", 1, size=(3e4, 9e4), rate=(1e3, 1.9e3))
OFFICE = regulars("office", 900, lambda _: OFFICE_AT, (50e3, 1e6), 200e3, 1)
BROWSER = regulars("browser", 6, lambda _: OFFICE_AT, (1e6, 4e6), 20e3, 1)
MANAGERS = regulars("managers", 96, lambda i: v4(150 + i // 16, 1), (2e6, 20e6), 100e3, .1)
ISP = (regulars("isp", 230, lambda i: v4(198, 51, i, i), (2e6, 20e6), 100e3, 3) +
       regulars("others", 60, home, (50e3, 5e6), 200e3, 5))
# As wrk does it: 50 ms for each request, the next one at once, a new connection when refused or cut.
WRK = regulars("wrk", 400, lambda _: OFFICE_AT, (5e3, 5e3), 1e5, .01, requests=(MANY, MANY), think_s=(0, 0),
               again_s=(.01, .02))

BEFORE = {
    "a one address": attack(ONE) + HONEST, "a2 lives of 0.9 s": attack(ONE, rate=50e3, life_s=.9) + HONEST,
    "a3 at 20 kB/s": attack(ONE, rate=20e3) + HONEST,
    "b /40, each /48": attack(IN_40, 1) + HONEST, "c /32, each /40": attack(IN_32, 1) + HONEST,
    "d /16, each /24": attack(IN_16, 1) + HONEST, "d2 at 20 kB/s": attack(IN_16, 1, 20e3) + HONEST,
    "e1 100 bots x 4": bots(100, 4) + HONEST, "e2 300 bots": bots(300) + HONEST, "e3 1000 bots": bots(1000) + HONEST,
    "e4 3000 bots": bots(3000) + HONEST, "e5 18 bots, 20 kB/s": bots(18, 16, 20e3) + HONEST,
    "e6 300 bots, 20 kB/s": bots(300, 1, 20e3) + HONEST,
    "f1 office alone": OFFICE, "f2 office, others": OFFICE + HONEST, "f3 office, a": OFFICE + attack(ONE) + HONEST,
    "g1 isp, others": ISP, "g2 isp, others, d": ISP + attack(IN_16, 1, at=LATE_S),
    "g3 same, 0.9 s": ISP + attack(IN_16, 1, 50e3, life_s=.9, at=LATE_S),
    "h1 browser, b": BROWSER + attack(IN_40, 1, at=LATE_S) + FEW,
    "h2 browser, 300 bots": BROWSER + bots(300, at=LATE_S) + FEW,
    "i1 managers": MANAGERS + FEW, "i2 managers, a": MANAGERS + attack(ONE, at=LATE_S) + FEW,
    "j1 neighbour of a": attack(ONE) + NEIGHBOUR + HONEST,
    "j2 of a holder, 2/s": attack(ONE, per_s=2.0) + NEIGHBOUR + HONEST,
    "k d against d": attack(IN_16, 1) + attack(IN_16_TOO, 1) + HONEST,
    "l1 400 singles": regulars("singles", 400, home, (5e5, 5e6), 50e3, .5),
    "l2 70 x 6": regulars("browsers", 420, lambda i: home(i // 6), (5e5, 5e6), 50e3, .5),
    "l3 singles, creepers": regulars("singles", 330, home, (5e5, 5e6), 50e3, .5) + CREEPERS,
    "m unkillable": attack(ONE, rate=0, hangs=True) + HONEST}
SCENARIOS = {name: Scenario(parties) for name, parties in BEFORE.items()}
SCENARIOS["n1 wrk -c 400"] = Scenario(WRK, 256, 5.0, 10.0, 30.0)
SCENARIOS["n2 wrk, others"] = Scenario(WRK + HONEST, 256, 5.0, 10.0, 40.0)
SCENARIOS["o 12000 of one"] = Scenario(attack(ONE, 12000) + HONEST, 256, 20.0, 30.0, 90.0)
SCENARIOS["o2 and neighbour"] = Scenario(attack(ONE, 12000) + HONEST + NEIGHBOUR, 256, 20.0, 30.0, 90.0)
CROWDS = [("p", 1000, 10.0, over_200, "/32s"), ("q", 1000, 10.0, within_16, "a /16"),
          ("r", 3000, 5.0, over_200, "/32s"), ("s", 3000, 5.0, within_16, "a /16")]
for letter, per_s, lasts_s, where, words in CROWDS:
    for number, slots in enumerate((256, 3072)):
        for beside, attackers in ("", []), ("a", attack(ONE)), ("d", attack(ALL_OF_16, 1)):
            SCENARIOS["%s%d%s %d/s %s" % (letter, number + 1, beside, per_s, words)] = crowded(
                crowd(per_s, lasts_s, where), slots, lasts_s, attackers)

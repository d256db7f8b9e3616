"""The attacks, as data."""
import dataclasses

from parties import Party, anywhere, one_address, one_network

ONE = "127.0.8.1"
# Of the attacker's /16, and of another one.
ELSEWHERE = "127.0.9.1"
FAR_AWAY = "127.210.0.1"
ONE_GROUP = "127.0.8.1,200,1"
MANY_GROUPS = "127.8.0.1,200,256"
# One address of each /24 of a /16.
ONE_IPV4_16 = "127.8.0.1,256,256"
# An address of each /48 of a /40, and an honest one of another /32; only in a
# network namespace.
ONE_IPV6_40 = "2a01:4f8:700::1,256,/48"
ELSEWHERE_IPV6 = "2600:1f18:9::1"
# Each of a /32 of its own; and an honest browser's.
SINGLE_NETWORKS = "2400::1,{connections},/32"
BROWSER_IPV6 = "2620:0:2d0::9"
# The slots of the first of the two settings.
SLOTS = 256
# How many times the slots an attack is to hold.
TIMES = 3
# An attack that is made larger opens all in so many seconds.
OPENING_S = 6
HELD = "idle,slow-head,slow-body,slow-read,zero-window,keep-alive"
# With --quick no attack has more connections, opens them faster, or is longer.
QUICK_CONNECTIONS = 3000
QUICK_RATE = 5000
QUICK_PARTY_S = 8
# Children that wait for storage are killed after about eight seconds: an attack
# shows what follows only if it is longer.
HANGING_S = 15
SLOWHTTPTEST = ("slowhttptest", "-c", "{connections}", "-r", "{per_second}", "-p", "2", "-l", "{seconds}")
MEDIUM = ("-u", "http://127.0.0.1:{port}/medium")


@dataclasses.dataclass(frozen=True)
class Attack:
    """What the attacker is told, what the honest clients do beside it, and
    what is asked of ezhttpd."""
    words: str
    # Empty: there is no attacker.
    kinds: str
    connections: int
    per_second: int = 2000
    # In the form of our clients; {connections} is their number.
    sources: str = ONE
    # Of another program than our attacker.
    command: tuple = ()
    # None: as long as the others.
    seconds: float = None
    honest_source: str = ELSEWHERE
    # An answer that comes later is none.
    limit_ms: int = 2000
    # The least share of honest requests answered; None: it is only shown.
    must_share: float = 1.0
    # Their p99 is at most the larger of the two: so many times what it is
    # without attack, and so many ms.  None, both: it is only shown.
    must_factor: float = None
    must_ms: float = None
    # Their p50.
    must_p50_ms: float = None
    # Forks for one dead connection, kernel memory of one connection.
    must_forks: float = None
    must_tcp_kib: float = None
    # Honest downloads beside it, of which none may be cut.
    parties: tuple = ()
    # Whether an attack that does not fill the slots has tested nothing; and one
    # whose silent connections are not all parked.
    must_fill: bool = True
    must_park: bool = False
    # Whether it is made larger with the slots.
    grows: bool = True
    # Whether peers are attacked so, too.
    for_peers: bool = True
    # Within a network namespace of its own, by IPv6.
    is_ipv6: bool = False
    # Beside storage that hangs.
    hangs: bool = False

    @property
    def opening_s(self):
        """How long it takes to open all once."""
        return self.connections / self.per_second

    def shortened(self):
        """For a look; what is asked of a party takes its time."""
        seconds = HANGING_S if self.hangs else QUICK_PARTY_S if self.parties else None
        return dataclasses.replace(self, connections=min(self.connections, QUICK_CONNECTIONS),
                                   per_second=min(self.per_second, QUICK_RATE), seconds=seconds)

    def filling(self, slots):
        """Large enough to hold TIMES the slots, with parties in proportion."""
        parties = tuple(party.times(max(1, slots / SLOTS)) for party in self.parties)
        if not self.kinds and not self.command or not self.grows:
            return dataclasses.replace(self, parties=parties)
        connections = max(self.connections, TIMES * slots)
        per_second = max(self.per_second, -(-connections // OPENING_S))
        return dataclasses.replace(self, connections=connections, per_second=per_second, parties=parties)


def held(words, kinds, **how):
    """10,000 connections from one address."""
    return Attack(words, kinds, 10000, must_factor=2.0, must_ms=20.0, **how)


def parked(words, kinds):
    """The same, which the server keeps without a process."""
    return held(words, kinds, must_fill=False, must_park=True)


def passing(words, kinds, **how):
    """Connections that end at once, and hold nothing."""
    return Attack(words, kinds, 2000, must_fill=False, **how)


def slowhttptest(words, *options):
    """1,000 connections, all it opens from one address."""
    return Attack(f"slowhttptest, {words}", "", 1000, per_second=500, sources="127.0.0.1",
                  command=(*SLOWHTTPTEST, *options, *MEDIUM), for_peers=False)


def sips(words, connections, sources, **how):
    """Each reads 600 bytes a second of a large file: more than it has to."""
    return Attack(f"{words}, 600 bytes a second", "sip", connections, sources=sources, for_peers=False, **how)


def hanging(words, **how):
    """One address asks again and again for a file whose open() never returns."""
    return Attack(f"a file whose storage hangs, {words}", "hang", 1000, per_second=500, hangs=True, for_peers=False,
                  seconds=HANGING_S, **how)


def parties_alone(words, *parties, **how):
    """No attack: honest clients who want more than there is, or do not."""
    return Attack(words, "", 0, parties=parties, seconds=PARTY_S, for_peers=False, honest_source=FAR_AWAY, **how)


PARTY_S = 30
SIX = Party("six downloads of one address", 6, one_address("127.200.0.9"), 20_000, 100 << 20, 100 << 20, 0, 0, False)
OFFICE = Party("an office of 900 connections", 900, one_address("127.200.0.9"), 200_000, 50_000, 1_000_000, 1000, 0)
PROVIDER = Party("230 customers of one provider", 230, one_network(60), 100_000, 2_000_000, 20_000_000, 3000)
OTHERS = Party("60 others", 60, anywhere, 200_000, 100_000, 5_000_000, 5000)
SINGLES = Party("400 single clients", 400, anywhere, 50_000, 500_000, 5_000_000, 500)
BROWSERS = Party("70 browsers of six connections", 420, anywhere, 50_000, 500_000, 5_000_000, 500, 6)
BROWSER = Party("a browser of six connections", 6, one_address(BROWSER_IPV6), 20_000, 1_000_000, 4_000_000, 1000, 0,
                False)

ATTACKS = {
    "idle": parked("connected, silent", "idle"),
    "slow-head": held("a head that never ends", "slow-head"),
    "slow-body": held("a body byte by byte", "slow-body"),
    "slow-read": held("32 bytes a second of the answer are read", "slow-read"),
    "zero-window": held("nothing of the answer is read", "zero-window"),
    "keep-alive": held("a request now and then", "keep-alive", must_fill=False),
    "mixed": held("six kinds of holding at once", HELD),
    "pipeline": Attack("requests without end, no answer is read", "pipeline", TIMES * SLOTS, per_second=TIMES * SLOTS),
    "connect": passing("connected, closed", "connect-close"),
    "backlog": Attack("silent, more at once than the queues hold", "idle", 6000, per_second=20000, must_fill=False,
                      must_park=True),
    "three-caps": Attack("three times the slots of ezhttpd", "slow-head", TIMES * SLOTS),
    "one-group": Attack("200 addresses of one /24, 50 each", "slow-head", 10000, sources=ONE_GROUP),
    "many-groups": Attack("200 addresses of 200 /24, 50 each", "slow-head", 10000, sources=MANY_GROUPS,
                          seconds=30, must_share=0.999, must_factor=0.0, must_ms=50.0),
    "own-address": Attack("honest from the attacker's address", "slow-head", 1000,
                          honest_source=ONE, limit_ms=1000, must_share=None),
    "connect-reset": passing("connected, reset, 20,000/s", "connect-reset", per_second=20000, seconds=30,
                             must_factor=3.0, must_ms=0.0, must_forks=0.01),
    "large-file": Attack("200 who read nothing of 100 MB", "zero-window-large", 200, sources=MANY_GROUPS,
                         must_tcp_kib=64, must_fill=False, grows=False),
    "slowhttptest-H": slowhttptest("slow heads", "-H", "-i", "3"),
    "slowhttptest-B": slowhttptest("slow bodies", "-B", "-i", "3"),
    "slowhttptest-X": slowhttptest("slow reading", "-X", "-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "3"),
    "slowhttptest-R": slowhttptest("many ranges", "-R", "-a", "10", "-b", "3000"),
    "sip": sips("one address", 1000, ONE, per_second=5000),
    "returning": Attack("12,000 of one address that come back when cut", "zero-window", 12000, per_second=5000,
                        must_p50_ms=10.0, for_peers=False),
    "spread-16": sips("each /24 of a /16", 1000, ONE_IPV4_16),
    "spread-16-downloads": sips("each /24 of a /16, beside downloads", 1000, ONE_IPV4_16, parties=(SIX,),
                                honest_source=FAR_AWAY),
    "spread-40": sips("each /48 of an IPv6 /40", 1000, ONE_IPV6_40, is_ipv6=True, honest_source=ELSEWHERE_IPV6),
    "spread-300": sips("300 single networks", 300, SINGLE_NETWORKS, is_ipv6=True, honest_source=ELSEWHERE_IPV6,
                       must_share=None),
    "spread-1000": sips("1,000 single networks", 1000, SINGLE_NETWORKS, is_ipv6=True,
                        honest_source=ELSEWHERE_IPV6, must_share=None),
    "hanging-storage": hanging("honest of its /16", honest_source=ELSEWHERE),
    "hanging-storage-far": hanging("honest of another /16", honest_source=FAR_AWAY),
    "f2-office": parties_alone("an office beside others", OFFICE),
    "f3-office-attack": sips("one address, beside an office", 1000, ONE, per_second=5000, parties=(OFFICE,),
                             seconds=PARTY_S, honest_source=FAR_AWAY),
    "g1-provider": parties_alone("a provider's customers beside others", PROVIDER, OTHERS, must_share=None),
    "g2-provider-attack": sips("each /24 of a /16, beside a provider's customers", 1000, ONE_IPV4_16,
                               parties=(PROVIDER, OTHERS), seconds=PARTY_S, must_share=None,
                               honest_source=FAR_AWAY),
    "h2-browser-attack": sips("300 single networks, beside a browser", 300, SINGLE_NETWORKS, parties=(BROWSER,),
                              seconds=PARTY_S, must_share=None, is_ipv6=True, honest_source=ELSEWHERE_IPV6),
    "l1-singles": parties_alone("400 honest clients want 256 slots", SINGLES, must_share=None),
    "l2-browsers": parties_alone("70 honest browsers want 256 slots", BROWSERS, must_share=None),
}

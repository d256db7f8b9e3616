"""The attacks, as data."""
import dataclasses

ONE = "127.0.8.1"
ELSEWHERE = "127.0.9.1"
ONE_GROUP = "127.0.8.1,200,1"
MANY_GROUPS = "127.8.0.1,200,256"
# Of ezhttpd, by default.
TOTAL_CAP = 256
HELD = "idle,slow-head,slow-body,slow-read,zero-window,keep-alive"
# With --quick no attack has more connections, opens them faster, or is longer.
QUICK_CONNECTIONS = 3000
QUICK_RATE = 5000
SLOWHTTPTEST = ("slowhttptest", "-c", "1000", "-r", "500", "-p", "2", "-l", "{seconds}")
MEDIUM = ("-u", "http://127.0.0.1:{port}/medium")


@dataclasses.dataclass(frozen=True)
class Attack:
    """What the attacker is told, what the honest client does beside it, and
    what is asked of ezhttpd."""
    words: str
    kinds: str
    connections: int
    per_second: int = 2000
    sources: str = ONE
    # Of another program than our attacker.
    command: tuple = ()
    # None: as long as the others.
    seconds: float = None
    honest_source: str = ELSEWHERE
    # An answer that comes later is none.
    limit_ms: int = 2000
    # The least share of honest requests answered.
    must_share: float = 1.0
    # Their p99 is at most the larger of the two: so many times what it is
    # without attack, and so many ms.  None, both: it is only shown.
    must_factor: float = None
    must_ms: float = None
    # Forks for one dead connection, kernel memory of one connection.
    must_forks: float = None
    must_tcp_kib: float = None
    # Whether peers are attacked so, too.
    for_peers: bool = True

    @property
    def opening_s(self):
        """How long it takes to open all once."""
        return self.connections / self.per_second

    def shortened(self):
        return dataclasses.replace(self, connections=min(self.connections, QUICK_CONNECTIONS),
                                   per_second=min(self.per_second, QUICK_RATE), seconds=None)


def held(words, kinds, **how):
    """10,000 connections from one address."""
    return Attack(words, kinds, 10000, must_factor=2.0, must_ms=20.0, **how)


def slowhttptest(words, *options):
    """1,000 connections, all it opens from one address."""
    return Attack(f"slowhttptest, {words}", "", 1000, per_second=500, sources="127.0.0.1",
                  command=(*SLOWHTTPTEST, *options, *MEDIUM), for_peers=False)


ATTACKS = {
    "idle": held("connected, silent", "idle"),
    "slow-head": held("a head that never ends", "slow-head"),
    "slow-body": held("a body byte by byte", "slow-body"),
    "slow-read": held("32 bytes a second of the answer are read", "slow-read"),
    "zero-window": held("nothing of the answer is read", "zero-window"),
    "keep-alive": held("a request now and then", "keep-alive"),
    "mixed": held("six kinds of holding at once", HELD),
    "pipeline": Attack("requests without end, no answer is read", "pipeline", 200, per_second=200),
    "connect": Attack("connected, closed", "connect-close", 2000, per_second=2000),
    "backlog": Attack("silent, more at once than the queues hold", "idle", 6000, per_second=20000),
    "three-caps": Attack("three times the total cap of ezhttpd", "slow-head", 3 * TOTAL_CAP),
    "one-group": Attack("200 addresses of one /24, 50 each", "slow-head", 10000, sources=ONE_GROUP),
    "many-groups": Attack("200 addresses of 200 /24, 50 each", "slow-head", 10000, sources=MANY_GROUPS,
                          seconds=30, must_share=0.999, must_factor=0.0, must_ms=50.0),
    "own-address": Attack("honest from the attacker's address", "slow-head", 1000,
                          honest_source=ONE, limit_ms=1000, must_share=0.95),
    "connect-reset": Attack("connected, reset, 20,000/s", "connect-reset", 2000, per_second=20000, seconds=30,
                            must_factor=3.0, must_ms=0.0, must_forks=0.01),
    "large-file": Attack("200 who read nothing of 100 MB", "zero-window-large", 200, sources=MANY_GROUPS,
                         must_tcp_kib=64),
    "slowhttptest-H": slowhttptest("slow heads", "-H", "-i", "3"),
    "slowhttptest-B": slowhttptest("slow bodies", "-B", "-i", "3"),
    "slowhttptest-X": slowhttptest("slow reading", "-X", "-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "3"),
    "slowhttptest-R": slowhttptest("many ranges", "-R", "-a", "10", "-b", "3000"),
}

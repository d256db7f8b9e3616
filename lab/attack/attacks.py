"""The attacks, as data."""
import dataclasses

ONE = "127.0.8.1"
ELSEWHERE = "127.0.9.1"
ONE_GROUP = "127.0.8.1,200,1"
MANY_GROUPS = "127.8.0.1,200,256"
# Of ezhttpd, by default.
TOTAL_CAP = 256
HELD = "idle,slow-head,slow-body,slow-read,zero-window,keep-alive"
# With --quick no attack has more connections, or opens them faster.
QUICK_CONNECTIONS = 3000
QUICK_RATE = 5000


@dataclasses.dataclass(frozen=True)
class Attack:
    """What the attacker is told, what the honest client does beside it, and
    what is asked of ezhttpd."""
    words: str
    kinds: str
    connections: int
    per_second: int = 2000
    sources: str = ONE
    honest_source: str = ELSEWHERE
    # An answer that comes later is none.
    limit_ms: int = 2000
    # The least share of honest requests answered.
    must_share: float = 1.0
    # Their p99 is at most the larger of the two: so many times what it is
    # without attack, and so many ms.
    must_factor: float = 2.0
    must_ms: float = 20.0

    @property
    def opening_s(self):
        """How long it takes to open all once."""
        return self.connections / self.per_second

    def shortened(self):
        return dataclasses.replace(self, connections=min(self.connections, QUICK_CONNECTIONS),
                                   per_second=min(self.per_second, QUICK_RATE))


ATTACKS = {
    "idle": Attack("connected, silent", "idle", 10000),
    "slow-head": Attack("a head that never ends", "slow-head", 10000),
    "slow-body": Attack("a body byte by byte", "slow-body", 10000),
    "slow-read": Attack("32 bytes a second of the answer are read", "slow-read", 3000),
    "zero-window": Attack("nothing of the answer is read", "zero-window", 3000),
    "keep-alive": Attack("a request now and then", "keep-alive", 10000),
    "mixed": Attack("six kinds of holding at once", HELD, 10000),
    "pipeline": Attack("requests without end, no answer is read", "pipeline", 200, per_second=200),
    "connect": Attack("connected, closed", "connect-close", 2000, per_second=2000),
    "connect-reset": Attack("connected, reset, 20,000/s", "connect-reset", 2000, per_second=20000,
                            must_factor=3.0),
    "backlog": Attack("silent, more at once than the queues hold", "idle", 6000, per_second=20000),
    "three-caps": Attack("three times the total cap of ezhttpd", "slow-head", 3 * TOTAL_CAP),
    "one-group": Attack("200 addresses of one /24, 50 each", "slow-head", 10000, sources=ONE_GROUP),
    "many-groups": Attack("200 addresses of 200 /24, 50 each", "slow-head", 10000, sources=MANY_GROUPS,
                          must_share=0.999, must_factor=1.0, must_ms=50.0),
    "own-address": Attack("honest from the attacker's address", "slow-head", 1000,
                          honest_source=ONE, limit_ms=1000, must_share=0.95, must_ms=1000.0),
    "large-file": Attack("200 who read nothing of 100 MB", "zero-window-large", 200),
}

"""Honest clients beside an attack that download again and again: a browser, an
office, the customers of a provider."""
import dataclasses
import subprocess
import typing

import servers

DOWNLOADS = servers.BUILD / "lab/attack/downloads"
# Of 127.0.0.0/8, for addresses all over it.
FIRST, LAST = 0x7f010101, 0x7ffffffe
# A smaller file goes into the kernel's buffers at once, and holds no slot.
LEAST_BYTES = 100_000
# A slower client may be one that lags.
LEAST_RATE = 5_000
LATE_S = 10


def one_address(address):
    """All of them behind one address."""
    return lambda count: address


def one_network(second):
    """Each in a /24 of its own of 127.<second>.0.0/16, as far as there are some."""
    return lambda count: f"127.{second}.0.1,{count},{max(1, 0xff00 // count)}"


def anywhere(count):
    """Spread over all /16 networks."""
    return f"127.1.1.1,{count},{(LAST - FIRST) // count}"


@dataclasses.dataclass(frozen=True)
class Party:
    """How many clients, where they are, and how they download."""
    words: str
    clients: int
    # (how many addresses) -> the sources, in the form of our clients
    where: typing.Callable
    bytes_per_s: int
    least_bytes: int
    most_bytes: int
    # 0: each downloads once.
    pause_ms: int = 1000
    # Clients behind each address; 0: all are behind one.
    of_address: int = 1
    # Whether there are more of them where there are more slots.
    grows: bool = True

    def times(self, factor):
        """So many times the clients, with the same traffic in all."""
        if not self.grows:
            return self
        rate = max(LEAST_RATE, int(self.bytes_per_s / factor))
        part = rate / self.bytes_per_s
        least = max(LEAST_BYTES, int(self.least_bytes * part))
        return dataclasses.replace(self, clients=int(self.clients * factor), bytes_per_s=rate, least_bytes=least,
                                   most_bytes=max(least, int(self.most_bytes * part)))

    def command(self, port, seconds):
        group = self.of_address or self.clients
        return [str(word) for word in (
            DOWNLOADS, "-n", self.clients, "-g", group, "-s", self.where(-(-self.clients // group)),
            "-r", self.bytes_per_s, "-b", f"{self.least_bytes},{self.most_bytes}", "-p", self.pause_ms,
            "-t", int(seconds * 1000), port)]


class Running:
    """A party that is there, for so long."""

    def __init__(self, party, port, seconds):
        self.party = party
        self.process = subprocess.Popen(party.command(port, seconds), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, text=True)

    def end(self):
        """What it has to report, {name: number}; it is late at most a little."""
        try:
            words = self.process.communicate(timeout=LATE_S)[0].split()
        finally:
            self.process.kill()
            self.process.wait()
        return dict(zip(words[::2], map(int, words[1::2])))


def outcome(counts):
    """What became of a party, in words."""
    return (f"{counts['served']} of {counts['asked']} served, {counts['cut']} cut,"
            f" {counts['refused']} refused, {counts['reset']} without an answer, {counts['open']} open at the end,"
            f" {counts['behind']} of these behind their rate")

"""A thousand downloads at a time, from as many networks: all of them proceed."""
import servers
from groups import Group
from parties import Party, Running, anywhere, outcome
from verdicts import Verdict

MEMORY_BYTES = 4 << 30
SECONDS, QUICK_SECONDS = 20, 6
DOWNLOADS, QUICK_DOWNLOADS = 1000, 200


def measure(folder, is_quick):
    """With default options, and 4 GiB of memory where that can be limited."""
    count, seconds = (QUICK_DOWNLOADS, QUICK_SECONDS) if is_quick else (DOWNLOADS, SECONDS)
    party = Party(f"{count} downloads at 100 kB/s from {count} networks", count, anywhere, 100_000,
                  100 << 20, 100 << 20, 0)
    with Group() as group:
        memory = "4 GiB" if group.limit(MEMORY_BYTES) else "all memory"
        with servers.Server(servers.ezhttpd, folder, group=group) as server:
            slots = server.status()["slots"]
            counts = Running(party, server.port, seconds).end()
    return [Verdict(f"{party.words}, {slots} slots, {memory}", outcome(counts), "all proceed",
                    counts["open"] == count and counts["behind"] == 0)]

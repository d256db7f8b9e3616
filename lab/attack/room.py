"""While there is room nobody is cut, refused or made to wait: browsers,
download managers, an office behind one address."""
import contextlib
import shutil
import subprocess

import servers
from parties import Party, Running, anywhere, one_address, outcome
from verdicts import Verdict

SECONDS, QUICK_SECONDS = 15, 5
PARTIES = (
    Party("25 browsers of six connections", 150, anywhere, 50_000, 200_000, 1_000_000, 500, 6),
    Party("6 download managers of 16 connections", 96, anywhere, 100_000, 2_000_000, 6_000_000, 100, 16),
    Party("an office of 100 behind one address", 100, one_address("127.200.0.9"), 50_000, 200_000, 1_000_000, 500, 0),
)
# Six of another program.
MANAGERS = 6
MANAGER = ("aria2c", "-x16", "-s16", "-k1M", "--max-download-limit=4M", "--file-allocation=none", "--no-conf",
           "--allow-overwrite=true", "--quiet=true")
MANAGER_LIMIT_S = 120
# Counts of a server that are to stay as they are.
STEADY = ("refused", "ended_evicted", "decided_full", "parked_evicted")


def changed(before, after):
    """Which of them have changed, in words."""
    return ", ".join(f"{name} {after[name] - before[name]}" for name in STEADY if after[name] != before[name])


def row(words, server, before, measured, is_good):
    said = changed(before, server.status())
    return Verdict(f"with room, {server.status()['slots']} slots: {words}",
                   f"{measured}; the server: {said or 'none refused, evicted or made to wait'}",
                   "0 cut, 0 refused", is_good and not said)


def measure_party(party, server, seconds):
    before = server.status()
    counts = Running(party, server.port, seconds).end()
    failed = counts["cut"] + counts["refused"] + counts["reset"]
    return row(party.words, server, before, outcome(counts), counts["served"] > 0 and failed == 0)


def measure_managers(server, folder):
    """aria2c, each from an address of its own."""
    before = server.status()
    with contextlib.ExitStack() as stack:
        managers = [stack.enter_context(subprocess.Popen(
            [*MANAGER, f"--interface=127.{30 + number}.0.1", "-d", folder / "www", "-o", f"fetched{number}",
             f"http://127.0.0.1:{server.port}/archive"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))
            for number in range(MANAGERS)]
        for manager in managers:
            stack.callback(manager.kill)
        statuses = [manager.wait(MANAGER_LIMIT_S) for manager in managers]
    for number in range(MANAGERS):
        (folder / "www" / f"fetched{number}").unlink(missing_ok=True)
    return row(f"{MANAGERS} x aria2c -x16", server, before, f"ended with {statuses}", not any(statuses))


def measure(folder, is_quick):
    """All of them, one after the other, with both settings."""
    rows = []
    for argv in servers.OURS.values():
        with servers.Server(argv, folder) as server:
            seconds = QUICK_SECONDS if is_quick else SECONDS
            rows += [measure_party(party, server, seconds) for party in PARTIES]
            if shutil.which(MANAGER[0]):
                rows.append(measure_managers(server, folder))
    return rows

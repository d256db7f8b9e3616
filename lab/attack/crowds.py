"""Crowds of honest clients: many new ones each second, each from an address of
its own, who stay connected as browsers do."""
import contextlib
import shutil
import subprocess
import time

import gauges
import judge
import servers
import strike
from attacks import ATTACKS
from verdicts import Verdict

VISITORS = servers.BUILD / "lab/attack/visitors"
# New ones a second, seconds, how many /16 networks.
CROWDS = ((1000, 10, 200), (1000, 10, 1), (3000, 5, 200), (3000, 5, 1))
QUICK_CROWDS = ((300, 3, 200), (300, 3, 1))
BESIDE = ("sip", "spread-16")
# Beyond the time in which they come.
LATE_S = 30
# An attack goes on before the crowd comes, and after it has gone.
AROUND_S = 5


def visit(port, per_s, seconds, networks):
    """What became of them, {name: number}."""
    said = subprocess.run([VISITORS, "-r", str(per_s), "-t", str(seconds * 1000), "-w", str(networks), str(port)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True,
                          timeout=seconds + LATE_S).stdout.split()
    return dict(zip(said[::2], map(float, said[1::2])))


def described(said):
    return (f"{said['served']:.0f} of {said['visitors']:.0f} served, {said['refused']:.0f} refused,"
            f" {said['reset']:.0f} reset, {said['late']:.0f} late; p50 {said['p50']:.1f} ms, p99 {said['p99']:.1f} ms")


def is_good(said):
    return said["served"] == said["visitors"] > 0


def at_peer(folder, how):
    """The same at nginx, in words; it is given the connections."""
    if not shutil.which("nginx"):
        return "nginx is not here"
    with servers.Server(servers.roomy_nginx, folder) as server:
        return f"nginx: {described(visit(server.port, *how))}"


def named(how):
    per_s, seconds, networks = how
    return f"crowd: {per_s}/s for {seconds} s, {networks} /16"


def measure_crowd(how, folder):
    with servers.Server(servers.OURS[servers.STANDARD], folder) as server:
        said = visit(server.port, *how)
    # Within one network nobody is promised a slot.
    is_spread = how[2] > 1
    return Verdict(named(how), f"{described(said)}; {at_peer(folder, how)}",
                   "0 refused" if is_spread else "shown", is_good(said) if is_spread else None)


def measure_beside(name, how, folder):
    """A crowd beside an attack."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(servers.Server(servers.OURS[servers.STANDARD], folder))
        attack = strike.sized(ATTACKS[name], servers.STANDARD, server)
        result = strike.Result(attack, servers.STANDARD, time.monotonic(), slots=server.status()["slots"])
        lasts_s = attack.opening_s + how[1] + 2 * AROUND_S
        for command in strike.commands(attack, server.port, lasts_s):
            attacker = stack.enter_context(subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                                            stdout=subprocess.DEVNULL))
            stack.callback(attacker.kill)
        result.most = gauges.most(strike.watch(server, attack.opening_s + AROUND_S))
        said = visit(server.port, *how)
    return Verdict(f"{named(how)}, beside {name}", described(said), "0 refused", is_good(said),
                   judge.why_untested(result))


def measure(folder, is_quick):
    """Each crowd alone, and the first beside attacks."""
    crowds = QUICK_CROWDS if is_quick else CROWDS
    return [*(measure_crowd(how, folder) for how in crowds),
            *(measure_beside(name, crowds[0], folder) for name in BESIDE)]

"""What the attacks say of ezhttpd: rows of the summary, from results."""
import parties
import servers
from verdicts import Verdict, is_most, percent, shown

BACK_S = 2
# Of those that are to be parked, so many are enough: some are always on the way.
PARKED_SHARE = 0.9


def p99_bound(attack, result):
    """In ms; None where nothing is asked."""
    if attack.must_ms is None:
        return None
    return max(attack.must_factor * (result.alone.percentile(99) or 0), attack.must_ms)


def p99_words(attack):
    if attack.must_ms is None:
        return ""
    if not attack.must_ms:
        return f"; p99 <= {attack.must_factor:g}x"
    if not attack.must_factor:
        return f"; p99 <= {attack.must_ms:g} ms"
    return f"; p99 <= {attack.must_factor:g}x or {attack.must_ms:g} ms"


def why_untested(result):
    """Why an attack has shown nothing; empty where it has."""
    attack, most = result.attack, result.most
    if attack.must_fill and most.slots_held < result.slots:
        return f"at most {most.slots_held} of {result.slots} slots were held"
    if attack.must_park and most.parked < PARKED_SHARE * attack.connections and not most.waiting:
        return f"at most {most.parked} of {attack.connections} were parked"
    return ""


def p50_words(attack):
    return "" if attack.must_p50_ms is None else f"; p50 <= {attack.must_p50_ms:g} ms"


def is_quick_enough(attack, result):
    """By what is asked of p50 and p99."""
    bound = p99_bound(attack, result)
    return ((bound is None or is_most(result.under.percentile(99), bound))
            and (attack.must_p50_ms is None or is_most(result.under.percentile(50), attack.must_p50_ms)))


def is_served(result):
    """None where it is only shown."""
    if result.status is not None:
        return False
    if result.attack.must_share is None:
        return None
    share = result.under.share
    return share is not None and share >= result.attack.must_share and is_quick_enough(result.attack, result)


def must_words(attack, within):
    if attack.must_share is None:
        return "shown"
    return f">= {percent(attack.must_share)}{within}{p50_words(attack)}{p99_words(attack)}"


def served(name, result):
    """Honest success, and how quickly; and that the server has lived."""
    attack, under, alone = result.attack, result.under, result.alone
    p50_ms, p99_ms = under.percentile(50), under.percentile(99)
    within = f" within {attack.limit_ms / 1000:g} s" if attack.limit_ms < 2000 else ""
    ended = "" if result.status is None else f"; the server ended with {result.status}"
    return Verdict(
        f"{name}: honest success",
        f"{percent(under.share)} of {under.asked}{within}; p50 {shown(p50_ms)} ms, p99 {shown(p99_ms)} ms,"
        f" without attack {shown(alone.percentile(99))} ms; {result.most.slots_held} of {result.slots} slots,"
        f" {result.most.parked} parked{ended}",
        must_words(attack, within), is_served(result), why_untested(result))


def uncut(name, result):
    """The honest transfers beside it."""
    counts = [count for _, count in result.parties]
    return Verdict(f"{name}: honest transfers cut",
                   "; ".join(f"{party.words}: {parties.outcome(count)}" for party, count in result.parties), "0",
                   all(count["served"] > 0 and count["cut"] == 0 for count in counts), why_untested(result))


def forked(name, result):
    share = result.forks / max(1, result.opened)
    return Verdict(f"{name}: forks for dead connections",
                   f"{share:.2%}: {result.forks} for {result.opened}, {result.opened_per_s:.0f}/s",
                   f"<= {result.attack.must_forks:.0%}", share <= result.attack.must_forks)


def kept_by_kernel(name, result):
    orphans = max(result.most.orphans, result.after.orphans)
    return Verdict(f"{name}: kernel TCP memory each; orphans",
                   f"{result.tcp_kib_each:.1f} KiB, {result.held} held; {orphans}",
                   f"<= {result.attack.must_tcp_kib} KiB; 0",
                   result.tcp_kib_each <= result.attack.must_tcp_kib and orphans == 0
                   and result.held == result.attack.connections)


def is_back(result):
    return is_most(result.recovered_s, BACK_S)


def late_words(name, result):
    """Of an attack after which not all was back in time: what was not."""
    when = "not at all" if result.resources_s is None else f"{result.recovered_s:.1f} s"
    is_slow = result.resources_s is None or result.resources_s > BACK_S
    return f"{name} ({when}: {', '.join(result.lacked) if is_slow else 'an honest request failed'})"


def all_back(results):
    """Of the attacks on ours, {name: Result}."""
    late = [late_words(name, result) for name, result in results.items() if not is_back(result)]
    slowest = max((result.recovered_s for result in results.values() if is_back(result)), default=None)
    return Verdict("after each attack: children, descriptors, memory, kernel TCP memory",
                   f"{len(results) - len(late)} of {len(results)} back, the slowest of them in {shown(slowest)} s"
                   f"{'; not: ' + ', '.join(late) if late else ''}",
                   f"at the base line <= {BACK_S} s", not late)


def row_name(name, result):
    """That of an attack by one of the two settings."""
    is_standard = servers.OURS[result.server] is servers.ezhttpd
    return f"{name}, {'default options, ' if is_standard else ''}{result.slots} slots"


def of_attack(name, result):
    """The rows of one attack."""
    rows = [served(name, result)]
    if result.attack.must_forks is not None:
        rows.append(forked(name, result))
    if result.attack.must_tcp_kib is not None:
        rows.append(kept_by_kernel(name, result))
    if result.parties:
        rows.append(uncut(name, result))
    return rows

"""Draws honest answers over time: a panel for each attack, a line for each
server."""
import math
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "demo"))

from picture import STYLE, box, ground, line, text

WIDTH = 960
PANEL_WIDTH, PANEL_HEIGHT, GAP = 296, 188, 12
ACROSS = 3
TOP = 120
BUCKET_S = 0.5
COLOURS = ("#2f8558", "#c8452f", "#c98a1b", "#7a5bb0", "#3b78b8", "#555555")


def colours():
    rules = (f".server{number} {{ stroke: {colour}; fill: none; stroke-width: 1.8; stroke-linejoin: round; }}"
             for number, colour in enumerate(COLOURS))
    return "\n  ".join([*rules, ".while { opacity: 0.45; }"])


def shares(result):
    """[(seconds after the attack began, share answered)], bucket by bucket."""
    buckets = {}
    for due, _, how in result.answers:
        buckets.setdefault(math.floor((due - result.begin) / BUCKET_S), []).append(how == "ok")
    return [((number + 0.5) * BUCKET_S, sum(good) / len(good)) for number, good in sorted(buckets.items())]


def draw_panel(x, y, name, row, order):
    curves = {result.server: shares(result) for result in row}
    first = min(curve[0][0] for curve in curves.values())
    last = max(curve[-1][0] for curve in curves.values())
    left, right, top, foot = x + 48, x + PANEL_WIDTH - 12, y + 62, y + PANEL_HEIGHT - 28

    def at(seconds):
        return left + (right - left) * (seconds - first) / (last - first)

    length_s = row[0].end - row[0].begin
    parts = [box(x, y, PANEL_WIDTH, PANEL_HEIGHT, "panel", 8), text(x + 14, y + 26, name, "head"),
             text(x + 14, y + 46, row[0].attack.words, "soft"),
             box(at(0), top, at(length_s) - at(0), foot - top, "while", 0),
             line(left, top, right, top), line(left, foot, right, foot),
             text(left - 6, top + 5, "all", "soft end"), text(left - 6, foot + 5, "none", "soft end"),
             text(at(0), foot + 18, "0 s", "soft middle"),
             text(at(length_s), foot + 18, f"{length_s:.0f} s", "soft middle")]
    for server, curve in reversed(curves.items()):
        # Lines that run together are kept apart by a little.
        lift = order.index(server) * 1.5
        points = " ".join(f"{at(seconds):.1f},{foot - (foot - top) * share - lift:.1f}" for seconds, share in curve)
        parts.append(f'<polyline points="{points}" class="server{order.index(server)}"/>')
    return parts


def draw_legend(order):
    parts = []
    for number, server in enumerate(order):
        x = 24 + number * 130
        parts += [line(x, 96, x + 26, 96, f"server{number}"), text(x + 34, 101, server)]
    return parts


def draw(results):
    """The whole picture, from {attack: [Result]}."""
    order = [result.server for result in next(iter(results.values()))]
    height = TOP + math.ceil(len(results) / ACROSS) * (PANEL_HEIGHT + GAP) + GAP
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
             f' width="{WIDTH}" height="{height}" role="img" aria-labelledby="title">',
             '<title id="title">Honest requests answered over time, attack by attack</title>',
             f"<style>{STYLE}  {colours()}\n</style>",
             ground(WIDTH, height),
             text(24, 44, "Honest requests answered while others attack", "title"),
             text(24, 70, "Share of the requests due in each half second; the attack goes on in the grey.", "soft"),
             *draw_legend(order)]
    for number, (name, row) in enumerate(results.items()):
        x = 24 + number % ACROSS * (PANEL_WIDTH + GAP)
        y = TOP + number // ACROSS * (PANEL_HEIGHT + GAP)
        parts += draw_panel(x, y, name, row, order)
    return "\n".join(parts + ["</svg>"]) + "\n"

"""Draws the five experiments as one SVG, from what was measured."""
from html import escape

WIDTH = 960
HEIGHT = 876
DAY = {"ground": "#fbfaf7", "panel": "#ffffff", "edge": "#d9d5cb", "ink": "#23211d", "soft": "#6a665d",
       "idle": "#b9b3a5", "wait": "#c8452f", "good": "#2f8558"}
NIGHT = {"ground": "#191b1f", "panel": "#22252b", "edge": "#3b3f48", "ink": "#ecebe7", "soft": "#a5a39c",
         "idle": "#656a75", "wait": "#f0735c", "good": "#57bd87"}
SHAPES = """
  text { font-family: system-ui, "DejaVu Sans", "Noto Sans", sans-serif; font-size: 14px; }
  .title { font-size: 24px; font-weight: 600; } .head { font-size: 16px; font-weight: 600; }
  .soft { font-size: 13px; } .big { font-size: 30px; font-weight: 600; }
  .end { text-anchor: end; } .middle { text-anchor: middle; }
  .mark { stroke-width: 1.5; stroke-dasharray: 3 3; } .hollow { fill: none; stroke-width: 1.5; }
"""
# (selector, property, name of its colour)
COLOURED = (("text", "fill", "ink"), (".ground", "fill", "ground"), (".soft", "fill", "soft"),
            (".bad", "fill", "wait"), (".well", "fill", "good"), (".panel", "fill", "panel"),
            (".panel", "stroke", "edge"), (".idle", "fill", "idle"), (".wait", "fill", "wait"),
            (".good", "fill", "good"), (".line", "stroke", "edge"), (".mark", "stroke", "ink"),
            (".on-idle", "fill", "ink"), (".on-wait", "fill", "panel"), (".hollow", "stroke", "idle"),
            (".while", "fill", "edge"))


def coloured(palette):
    return " ".join(f"{selector} {{ {name}: {palette[colour]}; }}" for selector, name, colour in COLOURED)


# Colours by class and not by variables, which librsvg does not have.
STYLE = f"""{SHAPES}  {coloured(DAY)}
  @media (prefers-color-scheme: dark) {{ {coloured(NIGHT)} }}
"""


def ground(width, height):
    return f'<rect width="{width}" height="{height}" class="ground"/>'


def text(x, y, words, kind=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}">{escape(words)}</text>'


def box(x, y, width, height, kind, radius=3.0):
    return (f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{height:.1f}"'
            f' rx="{radius}" class="{kind}"/>')


def line(x1, y1, x2, y2, kind="line"):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def panel(x, y, width, height, head, below):
    return [box(x, y, width, height, "panel", 8),
            text(x + 20, y + 32, head, "head"), text(x + 20, y + 54, below, "soft")]


def draw_held(result):
    """(a): two lanes over time; the byte is a line through both."""
    x, y, left, right = 24, 76, 124, 24 + 912 - 20
    end = result["second_served"] * 1.06

    def at(seconds):
        return left + (right - left) * seconds / end

    def lane(top, name, until, kind, words):
        return [text(x + 20, top + 18, name), box(at(0), top, at(until) - at(0), 26, kind),
                text(at(until) - 12, top + 18, words, f"end on-{kind}"),
                box(at(until) + 3, top, at(end) - at(until) - 3, 26, "good")]

    waited = result["second_served"] - result["asked"]
    parts = panel(x, y, 912, 220, "(a) ezhttpd: one client after the other",
                  "One client that connects and says nothing holds the server for everybody.")
    parts += lane(y + 88, "client 1", result["typed"], "idle", "connected, silent")
    parts += lane(y + 138, "client 2", result["second_served"], "wait", f"waits {waited:.1f} s")
    typed = at(result["typed"])
    parts += [line(typed, y + 76, typed, y + 176, "mark"),
              text(typed, y + 70, "one byte is typed: both are served", "end"),
              line(left, y + 180, right, y + 180)]
    for tick in range(int(end * 2) + 1):
        parts += [line(at(tick / 2), y + 180, at(tick / 2), y + 185),
                  text(at(tick / 2), y + 202, f"{tick / 2:.1f} s", "soft middle")]
    return parts


def draw_zombies(x, result, head, below):
    """(b), (c): after each visitor, a square for each zombie there is."""
    y, width, foot = 312, 448, 312 + 220
    zombies = result["zombies"]
    step = (width - 140) / len(zombies)
    parts = panel(x, y, width, 272, head, below)
    parts.append(line(x + 20, foot, x + 20 + step * len(zombies), foot))
    for index, count in enumerate(zombies):
        left = x + 20 + index * step
        parts += [box(left + 3, foot - 4 - 11.5 * (i + 1), step - 6, 9, "wait", 2) for i in range(count)]
        parts.append(text(left + step / 2, foot + 18, str(index + 1), "soft middle"))
    last = zombies[-1]
    parts += [text(x + width - 62, foot - 34, str(last), "big middle " + ("bad" if last else "well")),
              text(x + width - 62, foot - 14, "zombies", "soft middle"),
              text(x + width - 62, foot + 4, "at the end", "soft middle"),
              text(x + 20, foot + 38, f"clients served beside the silent one, the slowest in"
                                      f" {result['slowest_ms']:.1f} ms", "soft")]
    return parts


def draw_coalesced(result):
    """(d): a square for each child, in two rows of rows."""
    x, y = 24, 600
    parts = panel(x, y, 448, 252, "(d) 50 children end together",
                  "SIGCHLD is a flag and not a counter: some signals merge.")
    for row, (how, words) in enumerate((("one", "one wait per signal"), ("loop", "wait until none is left"))):
        one = result[how]
        top = y + 74 + row * 88
        parts.append(text(x + 20, top + 10, f"{words}; signals that came: {one['signals']}"))
        parts.append(text(x + 428, top + 10, f"{one['left']} left", "end " + ("bad" if one["left"] else "well")))
        for index in range(one["collected"] + one["left"]):
            kind = "good" if index < one["collected"] else "wait"
            parts.append(box(x + 20 + index % 25 * 16.4, top + 22 + index // 25 * 20, 13, 15, kind, 2))
    parts += [box(x + 20, y + 231, 10, 10, "good", 2), text(x + 36, y + 240, "collected", "soft"),
              box(x + 120, y + 231, 10, 10, "wait", 2), text(x + 136, y + 240, "zombie", "soft")]
    return parts


def draw_shared(result):
    """(e): a dot for each holder, and the one that matters."""
    x, y = 488, 600
    parts = panel(x, y, 448, 252, "(e) the real ezhttpd, held by 200 connections",
                  "One address gets its share, and another client is served.")
    if result is None:
        return parts + [text(x + 224, y + 140, "not built when this was drawn", "soft middle")]
    kept = result["holders"] - result["refused"]
    for index in range(result["holders"]):
        kind = "idle" if index < kept else "hollow"
        parts.append(f'<circle cx="{x + 27 + index % 20 * 13.4:.1f}" cy="{y + 80 + index // 20 * 14:.1f}"'
                     f' r="4.4" class="{kind}"/>')
    words = f"{result['served_ms']:.1f} ms" if result["is_served"] else "not served"
    kind = "well" if result["is_served"] else "bad"
    parts += [text(x + 368, y + 140, words, "big middle " + kind),
              text(x + 368, y + 162, "for a client from", "soft middle"),
              text(x + 368, y + 179, "another address", "soft middle"),
              f'<circle cx="{x + 26}" cy="{y + 236}" r="4.4" class="idle"/>',
              text(x + 36, y + 240, f"{kept} hold a place", "soft"),
              f'<circle cx="{x + 166}" cy="{y + 236}" r="4.4" class="hollow"/>',
              text(x + 176, y + 240, f"{result['refused']} turned away", "soft")]
    return parts


def draw(results):
    """The whole picture, from {letter: result}."""
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
             f' width="{WIDTH}" height="{HEIGHT}" role="img" aria-labelledby="title">',
             '<title id="title">Five experiments: who holds a server, and what becomes of its children</title>',
             f"<style>{STYLE}</style>",
             ground(WIDTH, HEIGHT),
             text(24, 48, "A process for each client: the lesson, measured", "title")]
    parts += draw_held(results["a"])
    parts += draw_zombies(24, results["b"], "(b) fork_ezhttpd: a process for each client",
                          "Nobody waits, but nobody collects the children either.")
    parts += draw_zombies(488, results["c"], "(c) signal_ezhttpd: SIGCHLD, and a loop",
                          "Nobody waits, and nothing stays behind.")
    parts += draw_coalesced(results["d"]) + draw_shared(results["e"])
    return "\n".join(parts + ["</svg>"]) + "\n"

"""The rows as one SVG without anything from elsewhere. Its greys and colours are of middling brightness, so that they can
be read on a light page and on a dark one: an SVG in a page cannot know which it is on."""
import math
from xml.sax.saxutils import escape

from lib import table

WIDTH, LEFT, RIGHT, TOP = 820, 180, 70, 64
BAR, GAP, GROUP_GAP = 11, 2, 12
TEXT, LINE = "#7a7a7a", "#8a8a8a"
OURS, FLOOR, THEIRS = "#d9731a", "#8c8c8c", "#3d85c6"
# One for each case; the first stands out.
OPACITY = (1, 0.7, 0.45)


def colour(name):
    return {table.OURS: OURS, "floor": FLOOR}.get(name, THEIRS)


def short(rate):
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if rate >= unit:
            return f"{rate / unit:.3g} {name}"
    return f"{rate:.3g}"


def groups(rows):
    """Peers by the best of their rates, fastest first, each with its rates by case."""
    found = {}
    for one in rows:
        if one["rate"]:
            found.setdefault(table.title(one), (one["peer"], {}))[1][one["case"]] = one["rate"]
    return sorted(found.items(), key=lambda item: -max(item[1][1].values()))


def svg(result):
    rows = groups(result["rows"])
    cases = list(dict.fromkeys(one["case"] for one in result["rows"]))
    rates = [rate for _, (_, by_case) in rows for rate in by_case.values()] or [1, 10]
    low, high = math.floor(math.log10(min(rates) / 1.5)), math.ceil(math.log10(max(rates)))
    plot = WIDTH - LEFT - RIGHT
    group = len(cases) * (BAR + GAP) + GROUP_GAP
    height = TOP + len(rows) * group + 34

    def x(rate):
        return LEFT + plot * (math.log10(rate) - low) / max(1, high - low)

    def write(at_x, at_y, words, extra=""):
        return f'<text x="{at_x:.1f}" y="{at_y:.1f}" fill="{TEXT}" {extra}>{escape(words)}</text>'

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
           'font-family="system-ui, sans-serif" font-size="12" role="img">',
           f"<title>{escape('SMPP servers: messages a second on one core')}</title>",
           write(12, 22, "submit_sm a second, server on one core (logarithmic)", 'font-size="15" font-weight="600"')]
    at = LEFT
    for index, case in enumerate(cases):
        out.append(f'<rect x="{at}" y="35" width="22" height="{BAR}" fill="{THEIRS}" opacity="{OPACITY[index % 3]}"/>')
        out.append(write(at + 28, 45, f"{case.replace(' x ', ' binds x window ')}"))
        at += 170
    bottom = height - 28
    for power in range(low, high + 1):
        at = x(10 ** power)
        out.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP - 6}" y2="{bottom}" stroke="{LINE}" opacity="0.35"/>')
        out.append(write(at, bottom + 16, short(10 ** power), 'text-anchor="middle"'))
    for index, (title, (name, by_case)) in enumerate(rows):
        top = TOP + index * group
        weight = ' font-weight="600"' if name == table.OURS else ""
        out.append(write(LEFT - 10, top + (group - GROUP_GAP) / 2 + 4, title, f'text-anchor="end"{weight}'))
        for place, case in enumerate(cases):
            if case in by_case:
                y, end = top + place * (BAR + GAP), x(by_case[case])
                out.append(f'<rect x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="{BAR}" rx="1" '
                           f'fill="{colour(name)}" opacity="{OPACITY[place % 3]}"/>')
                out.append(write(end + 5, y + BAR - 1.5, short(by_case[case]), 'font-size="11"'))
    return "\n".join(out) + "\n</svg>\n"

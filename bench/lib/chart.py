"""Plots as SVG files for the page. Each brings its own ground and colours for light and dark, because whoever shows the page chooses
between these and the picture does not see it."""
import math
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP = 720, 56, 16, 34
PLOT_HEIGHT, ROW_HEIGHT = 230, 26
LETTER = 6.6  # of a 12 px font, in the mean
COLOURS = ("a", "b", "c", "d", "e")

STYLE = """<style>
.ground { fill: #ffffff; stroke: #e3e3de; }
text { fill: #5c5c57; font: 12px system-ui, sans-serif; } .title { fill: #1d1d1b; font-weight: 600; }
.grid { stroke: #e3e3de; } .mark { stroke: #5c5c57; stroke-dasharray: 4 3; } .curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
.la { stroke: #2563a8; } .lb { stroke: #c2410c; } .lc { stroke: #15803d; } .ld { stroke: #7e22ce; } .le { stroke: #8a6d00; }
.fa { fill: #2563a8; } .fb { fill: #c2410c; } .fc { fill: #15803d; } .fd { fill: #7e22ce; } .fe { fill: #8a6d00; }
.fx { fill: none; stroke: #8d8d86; } .fr { fill: #b9b9b2; }
@media (prefers-color-scheme: dark) {
.ground { fill: #1f1f1e; stroke: #383835; } text { fill: #b0b0aa; } .title { fill: #ececea; } .grid { stroke: #383835; } .mark { stroke: #b0b0aa; }
.la { stroke: #6ea8e8; } .lb { stroke: #f0894f; } .lc { stroke: #57c282; } .ld { stroke: #c58bf2; } .le { stroke: #d9b84a; }
.fa { fill: #6ea8e8; } .fb { fill: #f0894f; } .fc { fill: #57c282; } .fd { fill: #c58bf2; } .fe { fill: #d9b84a; }
.fx { stroke: #85857f; } .fr { fill: #5d5d58; }
}
</style>"""


def nice_step(most, count):
    """1, 2 or 5 times a power of ten, about `count` of them up to `most`."""
    rough = most / count
    power = 10 ** math.floor(math.log10(rough))
    return power * next(factor for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999999)


def ticks(most, count=6):
    step = nice_step(most, count)
    return [round(step * i, 10) for i in range(int(most / step * 1.0001) + 1)]


def tag(name, text=None, **attributes):
    words = "".join(f' {key.rstrip("_").replace("_", "-")}="{value:.1f}"' if isinstance(value, float) else
                    f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"' for key, value in attributes.items())
    return f"<{name}{words}/>" if text is None else f"<{name}{words}>{escape(text)}</{name}>"


def document(title, height, parts):
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">',
                      tag("title", title), STYLE, tag("rect", class_="ground", x=0.5, y=0.5, width=float(WIDTH - 1), height=float(height - 1), rx=6),
                      tag("text", title, class_="title", x=16, y=22), *parts, "</svg>", ""])


def legend(entries, y):
    """`entries`: (class, text)."""
    parts, x = [], float(LEFT)
    for shade, text in entries:
        parts += [tag("circle", class_=shade, cx=x + 4, cy=y - 4.0, r=4), tag("text", text, x=x + 13, y=float(y))]
        x += 13 + LETTER * len(text) + 18
    return parts


def lines(title, labels, series, most=None, mark=None, breaks=(), x_title=""):
    """`series`: (name, a value or None for each label). A curve has gaps at None, and before the labels whose numbers are in `breaks`."""
    values = [value for _, points in series for value in points if value is not None]
    if not values:
        return None
    top = max(most or 0, max(values) * 1.05)
    bottom = TOP + PLOT_HEIGHT

    def px(i):
        return LEFT + (WIDTH - LEFT - RIGHT) * (i + 0.5) / len(labels)

    def py(value):
        return bottom - PLOT_HEIGHT * value / top

    parts = []
    for tick in ticks(top):
        parts += [tag("line", class_="grid", x1=LEFT, x2=WIDTH - RIGHT, y1=py(tick), y2=py(tick)),
                  tag("text", f"{tick:g}", x=LEFT - 8, y=py(tick) + 4, text_anchor="end")]
    if mark is not None and mark <= top:
        parts.append(tag("line", class_="mark", x1=LEFT, x2=WIDTH - RIGHT, y1=py(mark), y2=py(mark)))
    # So many labels as there is room for, the last one always.
    widest = max(map(len, labels)) * LETTER + 10
    each = max(1, math.ceil(widest * len(labels) / (WIDTH - LEFT - RIGHT)))
    parts += [tag("text", label, x=px(i), y=bottom + 18, text_anchor="middle") for i, label in enumerate(labels)
              if (len(labels) - 1 - i) % each == 0]
    if x_title:
        parts.append(tag("text", x_title, x=WIDTH - RIGHT, y=bottom + 36, text_anchor="end"))
    for (_, points), shade in zip(series, COLOURS):
        path, joined = "", False
        for i, value in enumerate(points):
            joined = joined and i not in breaks
            if value is not None:
                path += f"{'L' if joined else 'M'}{px(i):.1f} {py(value):.1f}"
                parts.append(tag("circle", class_=f"f{shade}", cx=px(i), cy=py(value), r=3))
            joined = value is not None
        parts.append(tag("path", class_=f"curve l{shade}", d=path))
    parts += legend([(f"f{shade}", name) for (name, _), shade in zip(series, COLOURS)], bottom + 36)
    return document(title, bottom + 50, parts)


def rows_frame(labels, top, height_each, text):
    """Labels at the left, a grid below; and where a value is."""
    left = 24 + LETTER * max(map(len, labels))
    bottom = TOP + height_each * len(labels)

    def px(value):
        return left + (WIDTH - 60 - left) * value / top

    parts = []
    for tick in ticks(top):
        parts += [tag("line", class_="grid", x1=px(tick), x2=px(tick), y1=TOP, y2=bottom),
                  tag("text", text(tick), x=px(tick), y=bottom + 18, text_anchor="middle")]
    for i, label in enumerate(labels):
        parts.append(tag("text", label, x=left - 8, y=TOP + height_each * (i + 0.5) + 4, text_anchor="end"))
    return px, bottom, parts


def bars(title, rows, unit, names):
    """`rows`: (label, value, value of the reference); names of the two for the legend."""
    if not rows:
        return None
    px, bottom, parts = rows_frame([row[0] for row in rows], max(max(row[1:]) for row in rows) * 1.05, ROW_HEIGHT + 6, lambda v: f"{v:g}")
    for i, (_, value, reference) in enumerate(rows):
        y = TOP + (ROW_HEIGHT + 6) * i + 5
        for at, one, shade in ((y, value, "fa"), (y + 11, reference, "fr")):
            parts += [tag("rect", class_=shade, x=px(0), y=float(at), width=px(one) - px(0), height=10, rx=2),
                      tag("text", f"{one:.0f}", x=px(one) + 5, y=at + 9.5)]
    parts += legend([("fa", f"{names[0]}, {unit}"), ("fr", names[1])], bottom + 38)
    return document(title, bottom + 50, parts)


def dots(title, rows, mark=1):
    """`rows`: (label, [(value, whether it counts)]): a dot for each round. What does not count may lie anywhere, and has no part in the
    scale: it is put at the edge."""
    if not rows:
        return None
    most = max((value for _, points in rows for value, counts in points if counts), default=mark)
    top = max(most * 1.3, mark * 1.05)
    px, bottom, parts = rows_frame([row[0] for row in rows], top, ROW_HEIGHT, lambda v: f"{v:g}")
    parts.append(tag("line", class_="mark", x1=px(mark), x2=px(mark), y1=TOP, y2=bottom))
    for i, (_, points) in enumerate(rows):
        # Those that count on top.
        parts += [tag("circle", class_="fa" if counts else "fx", cx=px(min(value, top)), cy=TOP + ROW_HEIGHT * (i + 0.5), r=4)
                  for value, counts in sorted(points, key=lambda point: point[1])]
    parts += legend([("fa", "a round"), ("fx", "a round discarded for what else the machine did (at the edge: beyond it)")], bottom + 38)
    return document(title, bottom + 50, parts)

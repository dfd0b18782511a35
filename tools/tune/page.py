"""The results as one page that needs nothing beside itself: plots are drawn here, so no script is in it."""
import html
import math

import advice
import machine

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 560, 260, 64, 16, 12, 36

STYLE = """
:root { color-scheme: light dark; --page: #fcfcfb; --card: #fff; --text: #1d1d1b; --faint: #6b6b66; --line: #e3e3de; --a: #2563a8; --b: #c2410c; --c: #15803d; }
@media (prefers-color-scheme: dark) { :root { --page: #161615; --card: #1f1f1e; --text: #ececea; --faint: #a3a39d; --line: #383835; --a: #6ea8e8; --b: #f0894f; --c: #57c282; } }
body { margin: 0 auto; padding: 1.5rem; max-width: 76rem; background: var(--page); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.35rem; margin: 0 0 1rem; } h2 { font-size: 1rem; margin: 0 0 .5rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: .75rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; min-width: 0; }
.wide { grid-column: 1 / -1; } pre { margin: 0; white-space: pre-wrap; font: 13px/1.5 ui-monospace, monospace; }
svg { display: block; width: 100%; height: auto; } svg text { fill: var(--faint); font-size: 11px; }
.grid { stroke: var(--line); } .faint { color: var(--faint); font-size: .85rem; margin: .4rem 0 0; }
table { border-collapse: separate; border-spacing: 3px; width: 100%; font-variant-numeric: tabular-nums; }
th { color: var(--faint); font-weight: 400; text-align: right; } thead th { text-align: center; }
td { text-align: center; padding: .5rem; border-radius: .3rem; }
"""


def short(value):
    if value >= 1e6:
        return f"{value / 1e6:.3g}M"
    return f"{value / 1e3:.3g}k" if value >= 1e4 else f"{value:,.0f}"


def milliseconds(us):
    return f"{us / 1e6:.3g} s" if us >= 1e6 else f"{us / 1000:.3g} ms" if us >= 1000 else f"{us:.0f} us"


class Axis:
    def __init__(self, low, high, log):
        self.log = log
        if log:
            low, high = 10 ** math.floor(math.log10(low)), 10 ** math.ceil(math.log10(high) + 1e-9)
            self.ticks = [low * 10 ** i for i in range(round(math.log10(high / low)) + 1)]
        else:
            step = 10 ** math.floor(math.log10(high / 4))
            step *= next(factor for factor in (1, 2, 5, 10) if high / (step * factor) <= 5)
            self.ticks = [step * i for i in range(int(high / step) + 1)]
        self.low, self.high = low, high

    def at(self, value):
        value = min(max(value, self.low), self.high)
        return math.log(value / self.low) / math.log(self.high / self.low) if self.log else (value - self.low) / (self.high - self.low)


class Plot:
    def __init__(self, x, y, x_text, y_text):
        self.x, self.y, self.parts = x, y, []
        for tick in y.ticks:
            self.line((x.low, tick), (x.high, tick), "class='grid'")
            self.text(LEFT - 6, self.py(tick) + 4, y_text(tick), "end")
        for tick in x.ticks:
            self.text(self.px(tick), HEIGHT - 12, x_text(tick), "middle")

    def px(self, value):
        return LEFT + self.x.at(value) * (WIDTH - LEFT - RIGHT)

    def py(self, value):
        return HEIGHT - BOTTOM - self.y.at(value) * (HEIGHT - TOP - BOTTOM)

    def text(self, x, y, text, anchor):
        self.parts.append(f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}'>{html.escape(text)}</text>")

    def line(self, start, end, how):
        self.parts.append(f"<line x1='{self.px(start[0]):.1f}' y1='{self.py(start[1]):.1f}' x2='{self.px(end[0]):.1f}' y2='{self.py(end[1]):.1f}' {how}/>")

    def curve(self, points, color, dashed=False):
        path = " ".join(f"{'L' if i else 'M'}{self.px(x):.1f} {self.py(y):.1f}" for i, (x, y) in enumerate(points))
        dashes = " stroke-dasharray='5 4'" if dashed else ""
        self.parts.append(f"<path d='{path}' fill='none' stroke='var(--{color})' stroke-width='1.8'{dashes}/>")

    def dot(self, x, y, color, text):
        self.parts.append(f"<circle cx='{self.px(x):.1f}' cy='{self.py(y):.1f}' r='3.5' fill='var(--{color})'><title>{html.escape(text)}</title></circle>")

    def __str__(self):
        return f"<svg viewBox='0 0 {WIDTH} {HEIGHT}' role='img'>{''.join(self.parts)}</svg>"


def card(title, body, note="", wide=False):
    note = f"<p class='faint'>{html.escape(note)}</p>" if note else ""
    return f"<section class='card{' wide' if wide else ''}'><h2>{html.escape(title)}</h2>{body}{note}</section>"


def heat_map(survey):
    most = max(found.rate for _, _, found in survey)
    windows = sorted({window for _, window, _ in survey})
    rates = {(binds, window): found for binds, window, found in survey}
    head = "".join(f"<th>window {window}</th>" for window in windows)
    rows = ""
    for binds in sorted({binds for binds, _, _ in survey}):
        cells = ""
        for window in windows:
            found = rates[binds, window]
            share = round(80 * found.rate / most)
            cells += (f"<td style='background:color-mix(in srgb, var(--a) {share}%, var(--card))' title='p99 {milliseconds(found.p99_us)}'>"
                      f"{short(found.rate)}/s<br>{found.server_ns:,.0f} ns</td>")
        rows += f"<tr><th>{advice.plural(binds, 'bind')}</th>{cells}</tr>"
    return card("Closed loop, one shard: rate and CPU of the server for each message", f"<table><thead><tr><th></th>{head}</tr></thead>{rows}</table>",
                "More binds with small windows cost more: each read and each write of a socket brings less.")


def knee_plot(shards, knee, bound_us):
    probes = [one for one in knee.probes if one.rate > 0 and one.p99_us > 0]
    if not probes:
        return ""
    lows = [one.p50_us for one in probes if one.p50_us > 0] + [bound_us]
    plot = Plot(Axis(0, max(one.rate for one in probes), False), Axis(min(lows), max(one.p99_us for one in probes) + bound_us, True), short, milliseconds)
    plot.line((0, bound_us), (plot.x.high, bound_us), "stroke='var(--b)' stroke-dasharray='3 4'")
    plot.curve([(one.rate, one.p50_us) for one in probes], "c")
    for one in probes:
        plot.dot(one.rate, one.p99_us, "a" if one.good else "b", f"{one.rate:,.0f}/s: p99 {milliseconds(one.p99_us)}{'' if one.kept else ', not kept'}")
    if knee.rate:
        plot.line((knee.rate, plot.y.low), (knee.rate, plot.y.high), "stroke='var(--a)'")
    return card(f"{advice.plural(shards, 'shard')}: p99 at each rate", str(plot),
                "Dots: p99, those that missed the bound (dashed) or the rate in another colour; line: p50; upright: what is kept.")


def scaling_plot(results):
    law = advice.scaling(results)
    if law is None:
        return ""
    most = max(law.largest, 2)
    rates = [law.predict(n)[0] for n in range(1, most + 1)]
    plot = Plot(Axis(0, most, False), Axis(0, max(rates + list(law.measured.values())) * 1.05, False), lambda n: f"{n:g}" if n == int(n) else "", short)
    plot.curve([(n + 1, rate) for n, rate in enumerate(rates)], "a", dashed=True)
    for n, rate in law.measured.items():
        plot.dot(n, rate, "c", f"{advice.plural(n, 'shard')}: {rate:,.0f}/s")
    return card("Shards and what they keep", str(plot), "Dots are measured; the dashed line is a prediction: " + law.text() + ".")


def pinning_row(name, *texts):
    cells = "".join(f"<td{span}>{html.escape(text)}</td>" for text, span in zip(texts, [""] * 3 if len(texts) > 1 else [" colspan='3'"]))
    return f"<tr><th>{html.escape(name)}</th>{cells}</tr>"


def pinning_table(shards, found):
    rows = pinning_row(str(found.plan.tried[0]), "the default")
    rows += "".join(pinning_row(str(one.candidate), one.word, f"{one.ratio - 1:+.1%}", f"{one.low - 1:+.1%} to {one.high - 1:+.1%}")
                    for one in found.verdicts)
    rows += "".join(pinning_row(names, "not tried: " + why) for names, why in found.left_out())
    head = "".join(f"<th>{text}</th>" for text in ("", "messages a second", "against the default", "95 %"))
    note = f"In turns, with the load on {machine.listed(found.plan.client)}; CPUs in brackets."
    return card(f"Where {advice.plural(shards, 'shard')} may go", f"<table><thead><tr>{head}</tr></thead>{rows}</table>", note, wide=True)


def page_of(results, options, facts, groups, text):
    cards = [card("In short", f"<pre>{html.escape(text)}</pre>", wide=True), heat_map(results.survey)]
    cards += [knee_plot(n, knee, options.p99_us) for n, knee in sorted(results.knees.items())]
    cards.append(scaling_plot(results))
    cards += [pinning_table(shards, found) for shards, found in results.pinnings.items()]
    return ("<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width, initial-scale=1'>"
            f"<title>ringgate-tune</title><style>{STYLE}</style><body><h1>ringgate-tune</h1><main class='cards'>{''.join(cards)}</main></body></html>\n")

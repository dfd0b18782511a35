"""The sections of the page, each a list of lines; empty where nothing of it was measured."""
from history import case_of
from statistic import rate_text, reached, summary_of

HISTORY = (("8x64", "8 x 64"), ("8x10", "8 x 10"), ("64x10", "64 x 10"), ("1x1", "1 x 1"), ("receipts", "receipts"), ("tls", "TLS"),
           ("journal-8x64", "journal"), ("memory", "octets a bind"), ("storm", "storm s"))
HISTORY_MAX = 30


def figure(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def cells(*values):
    return "| " + " | ".join(str(value) for value in values) + " |"


def table(head, rows):
    return [cells(*head), "|" + "---|" * len(head), *rows, ""] if rows else []


def times_text(side):
    return f"{side['p50']:.0f} / {side['p99']:.0f}"


def wanted_text(case, summary):
    bound = case.get("wanted")
    if not bound:
        return ""
    text = f"≥ {bound['least']:g}" if "least" in bound else f"≤ {bound['most']:g}"
    return text + (" **no**" if reached(case, summary) is False else "")


def marks(summary):
    """~ noise, † the client was the limit, and what must not go unseen."""
    limited = summary.get("subject", {}).get("client_limited") or summary.get("reference", {}).get("client_limited")
    return (" ~" if summary["noisy"] else "") + (" †" if limited else "") + (f" **{summary['lost']:,} lost**" if summary["lost"] else "")


def measured(run, group, kind="load"):
    found = []
    for case in run["cases"]:
        if case["group"] == group and case["kind"] == kind and summary_of(case):
            found.append((case, summary_of(case)))
    return found


def load_table(run, group):
    rows = []
    for case, summary in measured(run, group):
        reference, subject = summary["reference"], summary["subject"]
        rows.append(cells(case["title"] + marks(summary), rate_text(reference["rate"]), rate_text(subject["rate"]), f"**{summary['ratio']:.2f}**",
                          f"{summary['median_ratio']:.2f}", wanted_text(case, summary), f"{reference['server_ns']:.0f}",
                          f"{subject['server_ns']:.0f}", f"{subject['client_ns']:.0f}", times_text(reference), times_text(subject)))
    first, second = ("floor", "ringgate") if group == "floor" else ("without", "with")
    return table(("case", first, second, "ratio", "median", "wanted", f"{first}: CPU ns", f"{second}: CPU ns", "client: CPU ns",
                  f"{first}: p50 / p99 µs", f"{second}: p50 / p99 µs"), rows)


def curve_section(run):
    found = {(case["binds"], case["window"]): summary for case, summary in measured(run, "curve")}
    if not found:
        return []
    binds, windows = (sorted({key[i] for key in found}) for i in (0, 1))
    rows = []
    for window in windows:
        line = [found.get((count, window)) for count in binds]
        rows.append(cells(window, *(f"**{one['ratio']:.2f}**{marks(one)} ({rate_text(one['subject']['rate'])}, {one['subject']['server_ns']:.0f} ns)"
                                    if one else "" for one in line)))
    return ["## Window x binds\n", f"Of {run['time'][:10]}{commit_text(run)}: ratio to the floor (rate of ringgate, its CPU time for each message).\n",
            *table(("window", *(f"{count} bind" + ("s" if count > 1 else "") for count in binds)), rows)]


def shards_section(run):
    rows = [cells(case["title"] + marks(summary), f"{summary['reference']['server_ns_median']:.0f}", f"{summary['subject']['server_ns_median']:.0f}",
                  f"**{summary['cpu_ratio']:.2f}**", wanted_text(case, summary)) for case, summary in measured(run, "shards")]
    if not rows:
        return []
    shared = any(case["shares_cpu"] for case, _ in measured(run, "shards"))
    return ["## More shards\n", "CPU time for each message, all shards together, beside one shard with the same load: medians, and the median of the rounds' ratios." +
            (" The client has to share its CPU with a shard here, so rates would say nothing.\n" if shared else "\n"),
            *table(("case", "one shard: CPU ns", "CPU ns", "ratio", "wanted"), rows)]


def values_section(run):
    rows = []
    for case, summary in [*measured(run, "hold", "value"), *measured(run, "recovery", "value")]:
        reference = f"{figure(summary['reference']['value'])}" if "reference" in summary else ""
        rows.append(cells(case["title"] + marks(summary), f"**{figure(summary['subject']['value'])} {case['unit']}**", reference, wanted_text(case, summary)))
    text = ("Memory: what the server's resident memory grows by, for each bind. Clients bound again: the server is killed and started again while all "
            "of them try to come back at once; from its start to the last bind. The client is one Python process, so the floor's figure is mostly "
            "what that needs. Recovery: `kill -9`, and a start on two shards instead of one, until a client is bound and has submitted.\n")
    return ["## Binds, storms, recovery\n", text, *table(("case", "ringgate", "floor", "wanted"), rows)] if rows else []


def micro_section(run):
    case = next(case for case in run["cases"] if case.get("benches"))
    rows = [cells(one["name"], f"{figure(one['cpu_ns'])}", "" if one["item_ns"] is None else f"{figure(one['item_ns'])}") for one in case["benches"]]
    return ["## Micro benches\n", f"Of {run['time'][:10]}{commit_text(run)}.\n", *table(("bench", "CPU ns", "ns an item"), rows)]


def commit_text(run):
    built = run["ringgate"]
    if "commit" not in built:
        return ""
    return f", commit {built['commit']}" + (" with changes" if built.get("changed") else "") + (" or before" if built.get("older") else "")


def history_cell(run, name):
    case = case_of(run, name)
    summary = summary_of(case) if case else None
    if not summary:
        return ""
    text = f"{summary['ratio']:.2f}" if case["kind"] == "load" else f"{figure(summary['subject']['value'])}"
    return text + (" ~" if summary["noisy"] else "")


def client_text(run):
    """Whether the client looked for answers where it could, or slept: files from before it could do that say nothing."""
    return "awake" if any(case.get("client_awake") for case in run["cases"]) else "sleeps"


def history_section(runs):
    told = [run for run in runs if run["kind"] != "against"][-HISTORY_MAX:]
    rows = [cells(f"[{run['time'][:16].replace('T', ' ')}](benchmarks/{run['file']})", ("≤ " if run["ringgate"].get("older") else "") + run["ringgate"].get("commit", run["ringgate"]["version"]), run["machine"]["id"],
                  run["kind"] + (", cut" if run["cut"] else ""), client_text(run), *(history_cell(run, name) for name, _ in HISTORY)) for run in reversed(told)]
    return ["## History\n", "Ratios to the floor, of TLS and the journal to the same server without; see above. Beside a client that *sleeps*, ringgate's ratio at 8 x 64 is "
            "some 0.05 to 0.08 lower.\n",
            *table(("UTC", "commit", "machine", "run", "client", *(title for _, title in HISTORY)), rows)]


def verdict_text(told):
    a, b = told["a"], told["b"]
    text = f"A {figure(a['median'])} (best {figure(a['best'])}), B {figure(b['median'])} (best {figure(b['best'])})"
    if "ratio" in told:
        text += f", B to A {100 * (told['ratio'] - 1):+.1f} % ({100 * (told['low'] - 1):+.1f} to {100 * (told['high'] - 1):+.1f} %)"
    return f"{text}, {told['pairs']} pairs: {told['verdict']}"


def against_section(run):
    rows = []
    for case in run["cases"]:
        for told in case.get("verdicts", []):
            interval = (f"{100 * (told['ratio'] - 1):+.1f} %", f"{100 * (told['low'] - 1):+.1f} to {100 * (told['high'] - 1):+.1f} %") if "ratio" in told else ("", "")
            rows.append(cells(case["title"], {"rate": "rate", "server_ns": "CPU ns", "p99": "p99 µs"}[told["metric"]], *(f"{figure(told[side][of])}" for side in "ab" for of in ("median", "best")),
                              f"{told['ratio_best']:.3f}", *interval, told["pairs"], f"**{told['verdict']}**"))
        summary = summary_of(case) if case["kind"] == "value" else None
        if summary:
            rows.append(cells(case["title"], case["unit"], *(f"{figure(summary[side][of])}" for side in ("reference", "subject") for of in ("median", "value")),
                              f"{summary['ratio']:.3f}", "", "", summary["count"], ""))
    names = [f"{word} is {build['version']}{commit_text({'ringgate': build})}" for word, build in (("A", run["against"]), ("B", run["ringgate"]))]
    return ["## Two builds\n", f"Of {run['time'][:10]}, {run['machine']['id']}: {', '.join(names)}. Rates, the server's CPU time for each message and the times of answers, "
            "as medians and best of the rounds; the change is the median of the pairs with its interval of 95 %, and the verdict that of `ringgate-load compare`.\n",
            *table(("case", "figure", "A", "A best", "B", "B best", "B / A, best", "change", "95 %", "pairs", "verdict"), rows)]

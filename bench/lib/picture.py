"""Which plots the page has, and of what."""
import chart
from history import case_of, newest, shown
from statistic import summary_of

NAMES = ("rounds", "cpu", "curve", "history")
HISTORY = (("8x64", "8 x 64"), ("8x10", "8 x 10"), ("64x10", "64 x 10"), ("1x1", "1 x 1"), ("receipts", "receipts"))
HISTORY_MAX = 30
CROWD_MIN = 50  # messages under way


def loads(run, *groups):
    return [case for case in run["cases"] if case["kind"] == "load" and case["group"] in groups and case["rounds"]] if run else []


def rounds(run):
    rows = [(case["title"], [(one["subject"]["rate"] / max(1, one["reference"]["rate"]), one["counts"]) for one in case["rounds"]])
            for case in loads(run, "floor", "beside")]
    return chart.dots("Ratio of the rates in every round", rows)


def cpu(run):
    rows = []
    for case in loads(run, "floor", "beside", "shards"):
        # Who waits for each single answer pays for waking up, a hundred times as much: nothing else would be to be seen.
        if case["binds"] * case["window"] < CROWD_MIN:
            continue
        summary = summary_of(case)
        rows.append((case["title"], summary["subject"]["server_ns"], summary["reference"]["server_ns"]))
    return chart.bars("The server's CPU time for each message, ns", rows, "ns", ("ringgate", "what it is compared with: the floor, or ringgate without"))


def curve(runs):
    run = newest(runs, lambda one: loads(one, "curve"))
    cases = {(case["binds"], case["window"]): summary_of(case)["ratio"] for case in loads(run, "curve")}
    if not cases:
        return None
    binds, windows = (sorted({key[i] for key in cases}) for i in (0, 1))
    series = [(f"{count} bind" + ("s" if count > 1 else ""), [cases.get((count, window)) for window in windows]) for count in binds]
    return chart.lines("Ratio to the floor by window and binds", list(map(str, windows)), series, most=1, mark=1, x_title="window")


def history(runs):
    """Of whole runs; those of another machine are not joined to the ones before."""
    told = [run for run in runs if run["kind"] == "full" and not run["cut"]][-HISTORY_MAX:]
    breaks = {i for i in range(1, len(told)) if told[i]["machine"]["id"] != told[i - 1]["machine"]["id"]}
    series = []
    for name, title in HISTORY:
        cases = [case_of(run, name) for run in told]
        series.append((title, [summary_of(case)["ratio"] if case else None for case in cases]))
    return chart.lines("Ratio to the floor from run to run", [run["time"][5:10] for run in told], series, most=1, mark=1, breaks=breaks)


def all_pictures(runs):
    """Name -> SVG, or None where there is nothing to show."""
    run = shown(runs)
    return {"rounds": rounds(run), "cpu": cpu(run), "curve": curve(runs), "history": history(runs)}

"""From rounds to figures. Nothing here measures.

A run is only ever slowed down by what else happens on a machine, so the best of several is nearest to what a program can do; the
median says what to expect. Ratios are taken within a round, whose two runs are seconds apart, because the machine drifts.
"""
import statistics

from noise import counted


def rate_text(rate):
    return f"{rate / 1e6:.2f} M/s" if rate >= 1e5 else f"{rate / 1e3:.1f} k/s"


def median_of(rounds, side, *path):
    values = []
    for one in rounds:
        value = one[side]
        for name in path:
            value = value[name]
        values.append(value)
    return statistics.median(values)


def load_summary(case):
    """Of a case whose rounds have a load on the reference and one on the subject; None where nothing was measured."""
    rounds, noisy = counted(case)
    if not rounds:
        return None
    reference, subject = ([one[side] for one in rounds] for side in ("reference", "subject"))
    summary = {
        "count": len(rounds),
        "noisy": noisy,
        "discarded": len(case["rounds"]) - len(rounds),
        "ratio": max(one["rate"] for one in subject) / max(1e-9, max(one["rate"] for one in reference)),
        "median_ratio": statistics.median(s["rate"] / max(1e-9, r["rate"]) for r, s in zip(reference, subject)),
        "cpu_ratio": statistics.median(s["server_ns"] / max(1e-9, r["server_ns"]) for r, s in zip(reference, subject)),
        # Every round, also those that do not count: a message is lost whatever the hypervisor does.
        "lost": sum(one[side]["lost"] for one in case["rounds"] for side in ("reference", "subject")),
    }
    for side, runs in (("reference", reference), ("subject", subject)):
        summary[side] = {
            "rate": max(one["rate"] for one in runs),
            "rate_median": statistics.median(one["rate"] for one in runs),
            "server_ns": min(one["server_ns"] for one in runs),
            "server_ns_median": statistics.median(one["server_ns"] for one in runs),
            "client_ns": min(one["client_ns"] for one in runs),
            "p50": median_of(rounds, side, "us", "p50"),
            "p99": median_of(rounds, side, "us", "p99"),
            # More often than not: one second of a full CPU is no limit.
            "client_limited": 2 * sum("CPU full" in one["signs"] for one in runs) > len(runs),
        }
    return summary


def value_summary(case):
    """Of a case whose rounds have a figure each, of which less is better."""
    rounds, noisy = counted(case)
    if not rounds:
        return None
    summary = {"count": len(rounds), "noisy": noisy, "discarded": len(case["rounds"]) - len(rounds), "lost": 0}
    for side in ("reference", "subject"):
        values = [one[side]["value"] for one in rounds if side in one]
        if values:
            summary[side] = {"value": min(values), "median": statistics.median(values), "max": max(values)}
    if "reference" in summary:
        summary["ratio"] = summary["subject"]["value"] / max(1e-9, summary["reference"]["value"])
        summary["median_ratio"] = statistics.median(
            one["subject"]["value"] / max(1e-9, one["reference"]["value"]) for one in rounds)
    return summary


def summary_of(case):
    """None where there is nothing to sum up."""
    return {"load": load_summary, "value": value_summary}.get(case["kind"], lambda _: None)(case)


def reached(case, summary):
    """Whether the case is as good as it was wanted: None where nothing was wanted, or noise does not let one tell."""
    bound = case.get("wanted")
    if bound is None or summary is None or summary["noisy"]:
        return None
    figure = {"ratio": summary.get("ratio"), "cpu_ratio": summary.get("cpu_ratio"),
              "value": summary["subject"].get("value")}[bound["figure"]]
    return figure >= bound["least"] if "least" in bound else figure <= bound["most"]

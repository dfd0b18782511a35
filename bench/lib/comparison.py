"""Which of two builds is faster: the words of `ringgate-load compare`."""
import json
import os
import statistics
import subprocess

# Of a load, what is judged: -> name of the metric for compare. It has no metric of a server's CPU time, so that takes the place of
# the client's: the same unit, and less is better of both.
LOAD_METRICS = {"rate": "rate", "server_ns": "client_cpu", "p99": "p99"}


def line_of(result, metric):
    """A run as compare reads it."""
    kept = {name: value for name, value in result.items() if name not in ("series", "percentiles", "histograms")}
    if metric == "server_ns":
        kept["client_cpu_ns_per_message"] = result["server_ns"]
    return json.dumps(kept)


def figure(result, metric):
    return result["latency_us"]["p99"] if metric == "p99" else result[metric]


def verdict(build, directory, pairs, metric):
    """Of results of ringgate-load in pairs; what it warns of is kept, for whoever reads the figures."""
    files = [os.path.join(directory, f"compare-{side}.json") for side in "ab"]
    for side, path in enumerate(files):
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(line_of(pair[side], metric) + "\n" for pair in pairs)
    done = subprocess.run([f"{build}/ringgate-load", "compare", *files, "--json", "--metric", LOAD_METRICS[metric]],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    best = max if metric == "rate" else min
    a, b = ([figure(pair[side], metric) for pair in pairs] for side in (0, 1))
    told = {"metric": metric, "pairs": len(pairs),
            "a": {"best": round(best(a), 1), "median": round(statistics.median(a), 1)},
            "b": {"best": round(best(b), 1), "median": round(statistics.median(b), 1)},
            "ratio_best": round(best(b) / best(a), 4)}
    try:
        said = json.loads(done.stdout)
    except json.JSONDecodeError:
        return {**told, "verdict": "cannot tell: " + (done.stderr.strip().splitlines() or ["compare said nothing"])[-1].rpartition(": ")[2]}
    warnings = [line.removeprefix("WARNING").strip() for line in done.stderr.splitlines() if line.startswith("WARNING")]
    for path in files:
        warnings = [warning.replace(path, "A" if path == files[0] else "B") for warning in warnings]
    return {**told, **{name: round(said[name], 4) for name in ("ratio", "low", "high", "noise")}, "verdict": said["verdict"],
            "warnings": warnings}


def verdicts(build, directory, pairs):
    return [verdict(build, directory, pairs, metric) for metric in LOAD_METRICS] if len(pairs) >= 2 else []

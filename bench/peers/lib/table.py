"""Rows from rounds, and what is shown of them."""
import statistics

OURS = "ringgate"
HEADINGS = ("server", "language", "case", "messages/s", "ringgate is", "median", "server CPU ns", "p50 / p99 us", "note")
CLIENT_HEADINGS = ("client", "language", "case", "messages/s", "ringgate CPU ns", "note")


def note(rounds, counted):
    parts = []
    if counted and counted[0]["fault"]:
        parts.append("disturbed, at least")
    if counted and max(counted, key=lambda one: one["rate"])["client_full"]:
        parts.append("client at its limit: compare CPU")
    faults = [one["fault"] for one in rounds if one["fault"]]
    if faults:
        parts.append(f"{len(faults)} of {len(rounds)} rounds with {faults[-1]}")
    lost = sum(one["lost"] for one in counted)
    if lost:
        parts.append(f"{lost} messages not accepted")
    return "; ".join(parts)


def row(peer, case, rounds, ours):
    """`rounds` of one peer and one case, `ours` those of ringgate in the same turns. Noise only ever slows a run down, so
    rates are the best, CPU the least; times have no such rule and are medians."""
    # Where somebody else was in every round, what came of them is a bound, and the note says so.
    counted = [one for one in rounds if not one["fault"]] or [one for one in rounds if one["rate"] > 0]
    made = {"peer": peer["name"], "peer_version": peer["version"], "language": peer["language"], "case": case,
            "rate": None, "ratio_to_ringgate": None, "median_ratio_to_ringgate": None, "server_ns": None, "p50_us": None,
            "p99_us": None, "rounds": len(counted), "note": note(rounds, counted), "each": rounds}
    if not counted:
        return made
    made["rate"] = max(one["rate"] for one in counted)
    made["server_ns"] = min(one["server_ns"] for one in counted)
    for name in ("p50_us", "p99_us"):
        made[name] = statistics.median(one[name] for one in counted)
    own = [one["rate"] for one in ours if not one["fault"]] or [one["rate"] for one in ours]
    if own:
        made["ratio_to_ringgate"] = made["rate"] / max(own)
    pairs = [one["rate"] / own["rate"] for one, own in zip(rounds, ours) if one in counted and own["rate"] > 0]
    if pairs:
        made["median_ratio_to_ringgate"] = statistics.median(pairs)
    return made


def number(value):
    return "-" if value is None else f"{value:,.0f}"


def times(ratio):
    """How many times as fast ringgate is."""
    if not ratio:
        return "-"
    return f"{1 / ratio:,.0f} x" if ratio < 0.1 else f"{1 / ratio:.2g} x"


def title(one):
    return f"{one['peer']} {one['peer_version']}".strip()


def cells(one):
    shown = "-" if one["p50_us"] is None else f"{one['p50_us']:,.0f} / {one['p99_us']:,.0f}"
    return (title(one), one["language"], one["case"], number(one["rate"]), times(one["ratio_to_ringgate"]),
            times(one["median_ratio_to_ringgate"]), number(one["server_ns"]), shown, one["note"])


def client_cells(one):
    return (title(one), one["language"], one["case"], number(one["rate"]), number(one["server_ns"]), one["note"])


def sections(result):
    yield HEADINGS, [cells(one) for one in result["rows"]]
    if result["clients"]:
        yield CLIENT_HEADINGS, [client_cells(one) for one in result["clients"]]


def facts(result):
    machine = result["machine"]
    return [f"{machine['cpu']}, {machine['cpus']} CPUs, {machine['memory_gib']} GiB, kernel {machine['kernel']}",
            f"{result['version']}, {result['time']}, {result['rounds']} rounds of {result['seconds']:g} s after "
            f"{result['warm_up']:g} s" + (", ended before the last" if result.get("interrupted") else ""),
            *(f"{name} skipped: {why}" for name, why in sorted(result["skipped"].items()))]


def text(result):
    out = facts(result)
    for headings, rows in sections(result):
        widths = [max(len(line[column]) for line in (headings, *rows)) for column in range(len(headings))]
        out.append("")
        for line in (headings, *rows):
            out.append("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    return "\n".join(out) + "\n"


def markdown(result):
    out = [f"- {fact}" for fact in facts(result)]
    for headings, rows in sections(result):
        out += ["", "| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
        out += ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in rows]
    return "\n".join(out) + "\n"

"""docs/benchmarks.md, from the runs that are there: the newest in detail, the others as a line each. The same files make the same page."""
import os

import picture
from history import newest, shown, write
from section import (against_section, commit_text, curve_section, history_section, load_table, measured, micro_section, shards_section,
                     values_section)
from statistic import summary_of

INTRODUCTION = """# Benchmarks

Made by `tools/bench` from the files in [benchmarks/](benchmarks/), which hold every round; do not edit.

How it is measured: server and client are two processes of one machine, each on a CPU of its own, and talk over loopback. The client
(`ringgate-load`) sends submit_sm of 160 octets in a closed loop: each answer lets the next one go. Beside `ringgate` stands the *floor*
(`bench/floor`), a server that frames PDUs and answers constants with the same io_uring techniques and nothing else: no server made like
this can be faster on that machine. Both get the same load in turn, several rounds long; their order changes from round to round. The server's CPU
time for each message comes from the scheduler's accounting. A round in which the hypervisor or other programs took the CPUs is discarded and made
again. The client looks for answers instead of sleeping (`--busy-poll`), but for the rows with a journal or with more shards than one: over loopback the server
pays for waking it, and only a server that is slower than the client finds it asleep. In rows with *busy polling* ringgate as well looks for
work, 100 µs before it sleeps (`cores.busy_poll_us`); the floor never does.

How to read it: a *ratio* is ringgate's rate divided by the floor's, 1.00 being the limit. It is made of the best round of each, as noise only ever slows
a run down; *median* is that of the ratios of single rounds. Rates depend on the machine and on its day, ratios and CPU time much less: compare
these. Some differences are chance: what `tools/bench --against` finds between two builds comes with an interval."""


def machine_lines(run):
    of, options = run["machine"], run["options"]
    first = [of["cpu"], f"{of['cpus']} CPUs", f"{of['memory_gib']:g} GiB", f"kernel {of['kernel']}"]
    first += [f"{of['hz']} Hz"] if "hz" in of else []
    first += [f"preempt {of['preempt']}"] if "preempt" in of else []
    first += [f"governor {of['governor']}"] if "governor" in of else []
    first += ["virtual machine" + (f" ({of['virtual']})" if of["virtual"] != "yes" else "")] if of["virtual"] != "no" else []
    disk = of.get("disk", {})
    words = [f"disk: {disk.get('file_system', 'unknown')}"] + [f"{name.replace('_', ' ')} {disk[name]}" for name in ("write_cache", "fua") if name in disk]
    words += [f"{int(size) // 1024} KiB are overwritten with data sync in {times['p50']} / {times['p99']} µs (p50 / p99)"
              for size, times in disk.get("sync_us", {}).items()]
    return [f"- {run['time'].replace('T', ' ').replace('Z', ' UTC')}: ringgate {run['ringgate']['version']}{commit_text(run)}", f"- {', '.join(first)}",
            f"- {of['placement']}", f"- {', '.join(words)}", *(f"- {line}" for line in run["ringgate"]["build"]),
            f"- {options['rounds']} rounds of {options['seconds']:g} s for each case, at most {options['repeats']} more in place of disturbed ones",
            f"- {noise_text(run)}"]


def noise_text(run):
    rounds = [one for case in run["cases"] for one in case["rounds"]]
    disturbed = sum(bool(one["noise"]) for one in rounds)
    text = f"{disturbed} of {len(rounds)} rounds were disturbed (steal in all: {run['steal']:g} %)"
    noisy = [case["title"] for case in run["cases"] if case["rounds"] and summary_of(case)["noisy"]]
    if not noisy:
        return text
    return f"{text}; **~ marks {len(noisy)} case{'s' if len(noisy) > 1 else ''}** with too few quiet rounds, told from the quietest there were"


def notice_lines(run):
    lines = [f"> Cut short by {run['cut']}."] if run["cut"] else []
    lines += [f"> {notice}" for notice in run["notices"]]
    for case in run["cases"]:
        lines += [f"> {case['name']} {word}: {case[key]}" for key, word in (("skipped", "was left out"), ("failed", "failed")) if key in case]
    return ["\n>\n".join(lines) + "\n"] if lines else []


def page_text(runs, pictures, folder):
    """`pictures`: those that there are; `folder`: where they are, as seen from the page."""
    def show(name, text):
        return [f"![{text}]({folder}{name}.svg)\n"] if name in pictures else []

    out = [INTRODUCTION + "\n"]
    run = shown(runs)
    if run:
        out += ["## The machine\n", "\n".join(machine_lines(run)) + "\n", *notice_lines(run)]
        out += ["Marks: ~ too few quiet rounds; † the client's CPU was full in one of both, so that server may be faster.\n"]
        floor, beside = load_table(run, "floor"), load_table(run, "beside")
        out += ["## Submits a second, one shard\n", *floor, *show("rounds", "Ratio of every round")] if floor else []
        out += ["## TLS and the journal\n", "The same server without and with it, in turn. The journal is on the disk of the temporary directory.\n", *beside] if beside else []
        out += show("cpu", "The server's CPU time for each message")
        out += [*shards_section(run), *values_section(run)]
    curve = newest(runs, lambda one: measured(one, "curve"))
    if curve:
        out += [*curve_section(curve), *show("curve", "Ratio to the floor by window and binds")]
    micro = newest(runs, lambda one: any(case.get("benches") for case in one["cases"]))
    out += micro_section(micro) if micro else []
    compared = newest(runs, lambda one: one["kind"] == "against")
    out += against_section(compared) if compared else []
    out += [*history_section(runs), *show("history", "Ratio to the floor from run to run")] if runs else ["No run is there yet.\n"]
    return "\n".join(out).rstrip("\n") + "\n"


def write_page(path, output, runs):
    os.makedirs(output, exist_ok=True)
    pictures = picture.all_pictures(runs)
    for name in picture.NAMES:
        file = os.path.join(output, f"{name}.svg")
        if pictures.get(name):
            write(file, pictures[name])
        elif os.path.exists(file):
            os.remove(file)
    folder = os.path.relpath(output, os.path.dirname(path))
    write(path, page_text(runs, {name for name in pictures if pictures[name]}, "" if folder == "." else folder + "/"))

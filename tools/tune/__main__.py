"""ringgate-tune: how many messages this machine takes, with how many shards, and what a target needs."""
import argparse
import dataclasses
import json
import os
import signal
import sys
import time

import advice
import machine
import page
import state
import sweep
import topology
import trial
from version import VERSION

DESCRIPTION = """Starts ringgate and ringgate-load on this machine, each on CPUs of its own, and finds the highest rate of submits at
which the p99 of the responses stays in a bound. Prints a [cores] block with its reasons, and what --target takes. Takes some
minutes, should have the machine for itself, and goes on where it was when it is interrupted and started again."""


SECONDS_MIN = 0.6


class Parser(argparse.ArgumentParser):
    def error(self, message):
        print(f"ringgate-tune: {message}; see ringgate-tune --help", file=sys.stderr)
        sys.exit(2)


def number(text):
    """500, 50k, 1m."""
    scale = {"k": 1e3, "m": 1e6}.get(text[-1:].lower(), 1)
    try:
        value = float(text[:-1] if scale > 1 else text) * scale
    except ValueError:
        value = -1
    if not 0 < value <= 1e9:
        raise argparse.ArgumentTypeError(f"{text}: expected a number such as 500, 50k or 1m")
    return value


def whole(least, most):
    def read(text):
        if not text.isdigit() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text}: expected a whole number from {least} to {most}")
        return int(text)
    return read


def seconds(text):
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0.1 <= value <= 600:
        raise argparse.ArgumentTypeError(f"{text}: expected seconds from 0.1 to 600")
    return value


def duration_us(text):
    for suffix, scale in (("us", 1), ("ms", 1e3), ("s", 1e6)):
        if text.endswith(suffix):
            try:
                value = float(text[:-len(suffix)]) * scale
            except ValueError:
                continue
            if 1 <= value <= 60e6:
                return value
    raise argparse.ArgumentTypeError(f"{text}: expected a duration such as 500us, 5ms or 1s")


def parse(arguments):
    parser = Parser(prog="ringgate-tune", description=DESCRIPTION, allow_abbrev=False)
    add = parser.add_argument
    add("--target", type=number, metavar="RATE", help="say what this many submits a second take, such as 200k")
    add("--p99", type=duration_us, default=5e3, metavar="TIME", help="bound of the response time's p99 (default: 5ms)")
    add("--binds", type=whole(1, 10_000), default=8, metavar="N", help="of the load (default: 8)")
    add("--window", type=whole(1, 10_000), default=64, metavar="N", help="unanswered submits per bind (default: 64)")
    add("--size", type=whole(0, 65_535), default=160, metavar="N", help="octets of text (default: 160)")
    add("--receipts", action="store_true", help="with a delivery receipt for every message")
    add("--tls", action="store_true", help="through TLS")
    add("--durable", action="store_true", help="with the journal (store.mode = \"journal\")")
    add("--data-dir", default=".", metavar="DIR", help="folder on the journal's disk (default: this one)")
    add("--shards-max", type=whole(1, 64), default=64, metavar="N", help="try no more shards than that")
    add("--shared", action="store_true", help="measure shard counts as well that leave no CPU for the load")
    add("--seconds", type=seconds, default=3.0, metavar="S", help="length of a run that counts (default: 3); 1 is quick and less sure")
    add("--html", metavar="FILE", help="the results with plots, as one page for a browser")
    add("--json", action="store_true", help="the results as one JSON object")
    add("--state", default="ringgate-tune.state", metavar="FILE", help="where an interrupted sweep goes on (default: %(default)s)")
    add("--fresh", action="store_true", help="begin anew")
    add("--programs", metavar="DIR", help="where ringgate and ringgate-load are (default: beside this one, else the PATH)")
    add("--quiet", action="store_true", help="no progress")
    add("--version", action="version", version=f"ringgate-tune {VERSION}")
    options = parser.parse_args(arguments)
    options.p99_us = options.p99
    options.short, options.long = options.seconds / 2, options.seconds
    options.shape = trial.Shape(options.binds, options.window, options.size, options.receipts, options.tls,
                                "journal" if options.durable else "none")
    return options


def programs_folder(options):
    """Those beside this one, where there are any."""
    if options.programs:
        return options.programs
    here = os.path.dirname(os.path.abspath(sys.argv[0]))
    return here if os.access(os.path.join(here, "ringgate"), os.X_OK) else None


def writable(path):
    """A folder or a name with a typing error must not cost the minutes before it is used."""
    try:
        with open(path, "a"):
            pass
    except OSError as error:
        raise trial.Trouble(f"cannot write {path}: {error.strerror}") from None


def asked(options, programs, cpus):
    """What a state is of: with anything of this different, what it has measured says nothing."""
    return {"version": VERSION, "shape": str(options.shape), "size": options.size, "p99_us": options.p99_us, "seconds": options.long,
            "machine": machine.facts(cpus), "cpus": [list(dataclasses.astuple(cpu)) for cpu in cpus], "data_dir": os.path.abspath(options.data_dir),
            "programs": [[name, os.stat(name).st_size, os.stat(name).st_mtime_ns] for name in (programs.server, programs.load)]}


def text_of(results, options, facts, groups):
    bound = options.p99_us / 1000
    lines = [f"machine     {facts['cpu']}, {facts['topology']}, kernel {facts['kernel']}"
             + (", virtual" if facts["virtual"] else ""), f"load        {options.shape}, {options.size} octets"]
    if options.durable and facts["disk_cpu"] is not None:
        lines.append(f"disk        its interrupts arrive on CPU {facts['disk_cpu']}: a thread there that never sleeps delays each synced write, so "
                     "that CPU is for a shard, or for nobody")
    if results.floor_rate:
        lines.append(f"floor       {results.floor_rate:,.0f}/s is what one core can answer at all; one shard reaches "
                     f"{results.single_rate / results.floor_rate:.0%} of it")
    plain = dict(results.features)["plain"].server_ns or 1
    lines.append("cost        " + ", ".join(f"{name} {found.server_ns:,.0f} ns" + ("" if name == "plain" else f" ({found.server_ns / plain:.1f} x)")
                                            for name, found in results.features) + " of CPU for each message")
    for shards, knee in sorted(results.knees.items()):
        lines.append("kept        " + advice.knee_text(shards, knee, results, bound))
        lines.extend("  note      " + text for text in knee.anomalies)
    law = advice.scaling(results)
    if law is not None:
        lines.append("scaling     " + law.text())
    for shards, found in results.pinnings.items():
        lines.append(f"pinning     {advice.plural(shards, 'shard')}, load on {machine.listed(found.plan.client)}")
        lines.extend("  " + text for text in found.lines())
    if options.seconds < SECONDS_MIN:
        lines.append(f"SHORT       runs of less than {SECONDS_MIN:g} s do not show whether a rate is kept, nor what else the machine did")
    if results.limited * 4 > results.runs:
        lines.append(f"DISTURBED   in {results.limited} of {results.runs} runs the load program or its CPU was the limit, so figures are lower "
                     "than the server's; repeat it with the machine to itself")
    if options.target:
        lines += ["", f"For {options.target:,.0f} a second with p99 below {bound:g} ms:"] + advice.answer(results, options.target, options.shape, facts)
    lines += ["", "Recommended:", ""] + ["    " + line for line in advice.cores_block(results, groups).splitlines()]
    why = advice.reasons(results, groups)
    return "\n".join(lines + [""] + ["because " + text for text in why]).rstrip() + "\n"


def json_of(results, options, facts, groups):
    return {"version": VERSION, "machine": facts, "options": {"load": str(options.shape), "size": options.size, "p99_us": options.p99_us,
                                                               "target": options.target},
            "floor_rate": results.floor_rate, "single_rate": results.single_rate,
            "features": {name: found.as_json() for name, found in results.features},
            "survey": [{"binds": binds, "window": window, **found.as_json()} for binds, window, found in results.survey],
            "placements": [{"placement": text, "p50_us": p50, "p99_us": p99} for text, p50, p99 in results.placements],
            "knees": {str(n): {"rate": knee.rate, "confirmed": knee.confirmed, "tried": knee.tried, "limited": knee.limited, "topped": knee.topped,
                               "shared": n in results.shared, "anomalies": knee.anomalies, "probes": [vars(one) for one in knee.probes]}
                      for n, knee in results.knees.items()},
            "pinnings": {str(n): found.as_json() for n, found in results.pinnings.items()},
            "cores": advice.cores_block(results, groups), "reasons": advice.reasons(results, groups),
            "answer": advice.answer(results, options.target, options.shape, facts) if options.target else None}


def warn_of_sharing(groups, tell):
    if len(groups) < 2:
        tell("WARNING: one core: server and load share it, so rates are less than the server's, and latencies say little")
    if any(len(group) > 1 for group in groups):
        tell("Each shard and each load program has a core of its own; the other threads of it stay idle.")


def tune(options, cpus):
    began = time.monotonic()

    def tell(text):
        if not options.quiet:
            print(f"[{time.monotonic() - began:5.0f} s] {text}", file=sys.stderr, flush=True)

    programs = trial.Programs(programs_folder(options))
    if options.html:
        writable(options.html)
    if not os.path.isdir(options.data_dir):
        raise trial.Trouble(f"--data-dir {options.data_dir}: no such folder")
    if set(options.data_dir) & set('"\\\n'):
        raise trial.Trouble("--data-dir has a character that a configuration cannot have")
    if options.html and os.path.abspath(options.html) == os.path.abspath(options.state):
        raise trial.Trouble("--html and --state are one file")
    facts, groups = {**machine.facts(cpus), "disk_cpu": machine.disk_cpu(options.data_dir)}, topology.cores_of(cpus)
    warn_of_sharing(groups, tell)
    kept = state.State(options.state, asked(options, programs, cpus), options.fresh)
    if kept.other:
        tell(f"{options.state} is of other programs, other CPUs or another load: begins anew")
    if kept.found:
        tell(f"goes on after {advice.plural(len(kept.found), 'measurement')} of {options.state}; --fresh begins anew")
    try:
        results = sweep.Sweep(programs, options, kept, tell, cpus).run()
    except BaseException:
        kept.leave()
        raise
    if options.html:
        with open(options.html, "w") as file:
            file.write(page.page_of(results, options, facts, groups, text_of(results, options, facts, groups)))
    text = json.dumps(json_of(results, options, facts, groups)) + "\n" if options.json else text_of(results, options, facts, groups)
    sys.stdout.write(text)
    sys.stdout.flush()
    kept.finish()


def main():
    options = parse(sys.argv[1:])
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.default_int_handler)
    try:
        tune(options, machine.cpus())
    except trial.Trouble as trouble:
        print(f"ringgate-tune: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"ringgate-tune: interrupted; the same command goes on from {options.state}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 1
    except OSError as error:
        print(f"ringgate-tune: {error}", file=sys.stderr)
        return 1
    finally:
        # A second interrupt must not leave what the first one ends.
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        trial.end_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())

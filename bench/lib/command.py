"""The command line of tools/bench."""
import argparse
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import disk
import history
import machine
import micro
import noise
import page
import plan
import program
import section
import suite
from case import Bench
from option import Parser, complain, number
from statistic import reached, summary_of

USAGE = """tools/bench [options]

Measures ringgate on this machine, beside bench/floor, the server that only frames PDUs and answers constants with the same ring
techniques. Writes one JSON file with all rounds into docs/benchmarks/, and docs/benchmarks.md from all such files. About six minutes.

    tools/bench                       what releases are judged by
    tools/bench --quick               three cases, in less than a minute
    tools/bench --only journal        the cases whose name is that or begins so
    tools/bench --curve               window {1,10,32,64,100} x binds {1,8,50,1000} as well
    tools/bench --against DIRECTORY   this build beside that of another build directory, in turns, and which is faster
    tools/bench --page                only the page, from the files that are there
"""
EPILOG = """Exit status: 0 all is as it was wanted, or noise does not let one tell; 1 a case failed, lost messages, or is worse than
wanted; 2 wrong command line; 130 ended by a signal, with the rest kept and marked."""

PROGRAMS = ["ringgate", "ringgate-load", "floor"]  # of another build only the first
ROUNDS, ROUNDS_AGAINST, ROUNDS_QUICK = 5, 12, 3
SECONDS, SECONDS_QUICK = 1.0, 0.5


def parser():
    made = Parser(prog="tools/bench", usage=argparse.SUPPRESS, description=USAGE, epilog=EPILOG, allow_abbrev=False,
                  formatter_class=argparse.RawDescriptionHelpFormatter)
    add = made.add_argument
    add("--quick", action="store_true", help=f"{', '.join(plan.QUICK)}; {ROUNDS_QUICK} rounds of {SECONDS_QUICK:g} s")
    add("--only", metavar="CASE", action="append", help="may be given several times")
    add("--list", action="store_true", help="the names of the cases")
    add("--curve", action="store_true", help=f"window x binds as well, with no more than {plan.CURVE_ROUNDS} rounds; five minutes more")
    add("--rounds", type=number(int, 1, 1000), metavar="N",
        help=f"of each case that are wanted (default {ROUNDS}, with --against {ROUNDS_AGAINST}: a verdict needs six)")
    add("--repeats", type=number(int, 0, 1000), metavar="N", help="at most so many more in place of disturbed ones (default as --rounds)")
    add("--seconds", type=number(float, 0.2, 3600), metavar="S", help=f"of each run (default {SECONDS:g})")
    add("--steal-max", type=number(float, 0, 100), default=noise.STEAL_MAX, metavar="PERCENT",
        help=f"a round with more is discarded (default {noise.STEAL_MAX:g})")
    add("--server-cpu", type=number(int, 0, 4095), metavar="N", help="default 0, or the first that there is")
    add("--client-cpu", type=number(int, 0, 4095), metavar="N", help="default 1, or the next that there is")
    add("--build", metavar="DIRECTORY", help="use these programs, build nothing")
    add("--against", metavar="DIRECTORY", help="a build directory with the programs to compare with")
    add("--output", metavar="DIRECTORY", help="for files and page (default docs/benchmarks, with the page beside it)")
    add("--page", action="store_true", help="measure nothing, make the page again")
    return made


def programs_of(option, directory, names):
    path = os.path.abspath(directory)
    for name in names:
        if not os.access(os.path.join(path, name), os.X_OK):
            complain(f"{option} {directory}: has no program {name}")
    return path


def cpus_for(options):
    cpus = sorted(os.sched_getaffinity(0))
    server = cpus[0] if options.server_cpu is None else options.server_cpu
    others = [cpu for cpu in cpus if cpu != server] or [server]
    # The next core rather than the next CPU, where these differ.
    apart = [cpu for cpu in others if cpu not in machine.cpu_set(machine.siblings(server))] or others
    client = apart[0] if options.client_cpu is None else options.client_cpu
    for option, cpu in (("--server-cpu", server), ("--client-cpu", client)):
        if cpu not in cpus:
            complain(f"{option} {cpu}: this process may use {', '.join(map(str, cpus))}")
    return server, client, cpus


def make_bench(options, build, directory):
    server, client, cpus = cpus_for(options)
    rounds = options.rounds or (ROUNDS_AGAINST if options.against else ROUNDS_QUICK if options.quick else ROUNDS)
    programs = program.snapshot(build, os.path.join(directory, "programs"), PROGRAMS)
    against = program.snapshot(options.against, os.path.join(directory, "against"), PROGRAMS[:1]) if options.against else ""
    return Bench(build=programs, build_directory=build, against=against, directory=directory, server_cpu=server, client_cpu=client, cpus=cpus,
                 seconds=options.seconds or (SECONDS_QUICK if options.quick else SECONDS), rounds=rounds,
                 repeats=rounds if options.repeats is None else options.repeats, steal_max=options.steal_max)


def measure(options, cases, build):
    with tempfile.TemporaryDirectory(prefix="ringgate-bench-") as directory:
        bench = make_bench(options, build, directory)
        versions = program.version_lines(bench.build)
        # Before it begins: later on there may be other programs.
        subject = history.build_facts(build, versions)
        against = history.build_facts(options.against, program.version_lines(bench.against)) if options.against else None
        bench.has_tls = any(line.startswith("TLS: wolfSSL") for line in versions)
        begun = history.now()
        placement, warns = machine.sharing(bench.server_cpu, bench.client_cpu)
        facts = {"id": machine.short_name(machine.facts(0)["cpu"], os.cpu_count()), **machine.facts(bench.server_cpu), "placement": placement,
                 "disk": disk.facts(directory)}
        notices = [placement] if warns else []
        if any(case.name.startswith(("journal", "recovery")) for case in cases):
            facts["disk"]["sync_us"] = disk.measured(directory)
            if facts["disk"]["file_system"] in disk.IN_MEMORY:
                notices.append("the temporary directory is in memory: figures of the journal say nothing of a disk (TMPDIR names another)")
        print(f"bench: {placement}", file=sys.stderr)
        for notice in notices:
            print(f"bench: WARNING: {notice}", file=sys.stderr)
        steal, ticks = noise.steal_ticks()
        records, cut = suite.run_all(cases, bench)
        steal_after, ticks_after = noise.steal_ticks()
    return {
        "format": history.FORMAT, "time": begun.strftime(history.TIME_FORMAT), "took_s": round((history.now() - begun).total_seconds()),
        "kind": plan.kind_of(options.only, options.quick, options.against), "cut": cut,
        "ringgate": subject, "against": against, "machine": facts,
        "options": {"seconds": bench.seconds, "rounds": bench.rounds, "repeats": bench.repeats, "steal_max": bench.steal_max,
                    "server_cpu": bench.server_cpu, "client_cpu": bench.client_cpu, "curve": options.curve, "only": options.only or []},
        "steal": round(100 * (steal_after - steal) / max(1, ticks_after - ticks), 1), "notices": notices, "cases": records}


def make_page(output):
    runs, troubles = history.load_all(output)
    for trouble in troubles:
        print(f"bench: WARNING: left out {trouble}", file=sys.stderr)
    beside = os.path.join(program.ROOT, "docs", "benchmarks")
    path = beside + ".md" if output == beside else os.path.join(output, "benchmarks.md")
    page.write_page(path, output, runs)
    return path


def is_good(record):
    summary = summary_of(record)
    return "failed" not in record and not (summary and summary["lost"]) and reached(record, summary) is not False


def main():
    options = parser().parse_args()
    cases = plan.all_cases(len(os.sched_getaffinity(0)))
    try:
        cases = plan.chosen(cases, options.only, options.curve, options.quick)
    except plan.Unknown as error:
        complain(f"--only: {error}")
    output = os.path.abspath(options.output or os.path.join(program.ROOT, "docs", "benchmarks"))
    if options.list:
        for case in plan.all_cases(len(os.sched_getaffinity(0))):
            print(f"{case.name:<20} {case.title}")
        return 0
    if options.page:
        print(make_page(output))
        return 0
    if options.against:
        options.against = programs_of("--against", options.against, PROGRAMS[:1])
    if options.build:
        build = programs_of("--build", options.build, PROGRAMS)
    else:
        cpus_for(options)  # a mistake there is told before it builds for minutes
        build = program.BUILD
        steps = [[os.path.join(program.ROOT, "tools", "run"), "--build-only"]]
        if any(case.group == "micro" for case in cases):
            steps.append(["ninja", "-C", build, *micro.TARGETS])
        if any(subprocess.run(step, check=False, stdout=sys.stderr).returncode for step in steps):
            return 1
    run = measure(options, cases, build)
    if run["cases"]:
        print(history.save(output, run))
        print(make_page(output))
    for record in run["cases"]:
        for told in record.get("verdicts", []):
            print(f"{record['name']}, {told['metric']}: {section.verdict_text(told)}")
    return 130 if run["cut"] else 0 if all(map(is_good, run["cases"])) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        # Before there was anything to keep.
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)

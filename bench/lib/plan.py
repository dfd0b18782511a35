"""Which cases there are, and which of them a call asks for."""
import difflib

from case import LoadCase, Variant
from holding import IdleMemory, Recovery
from micro import MicroBenches
from storm import ReconnectStorm

WINDOWS = (1, 10, 32, 64, 100)
BINDS = (1, 8, 50, 1000)
CURVE_ROUNDS = 3  # of so many cases
QUICK = ("8x64", "1x1", "journal-8x64")


class Unknown(Exception):
    """A name that no case has."""


def least(ratio):
    return {"figure": "ratio", "least": ratio}


def main_cases(cpus):
    """Names say binds x window. `wanted` is what releases are judged by."""
    plain, journal, looks = Variant(), Variant(store="journal"), Variant(busy_poll_us=100)
    cases = [
        LoadCase("8x64", "8 binds x window 64", "floor", 8, 64, wanted=least(0.65)),
        LoadCase("8x10", "8 x 10", "floor", 8, 10, wanted=least(0.8)),
        LoadCase("64x10", "64 x 10", "floor", 64, 10, wanted=least(0.8)),
        LoadCase("1x1", "1 x 1", "floor", 1, 1),
        LoadCase("busy-8x10", "8 x 10, busy polling", "floor", 8, 10, subject=looks),
        LoadCase("busy-64x10", "64 x 10, busy polling", "floor", 64, 10, subject=looks),
        LoadCase("busy-1x1", "1 x 1, busy polling", "floor", 1, 1, subject=looks),
        LoadCase("receipts", "8 x 64, a receipt for every message", "floor", 8, 64, receipts=True, wanted=least(0.35)),
        # The same PDUs on both sides: how near to the floor receipts themselves are.
        LoadCase("receipts-alike", "8 x 64, a receipt for every message, and from the floor too", "floor", 8, 64, Variant("floor", receipts=True), receipts=True),
        LoadCase("tls", "8 x 64, TLS", "beside", 8, 64, plain, Variant(tls=True)),
        LoadCase("journal-8x64", "8 x 64, journal", "beside", 8, 64, plain, journal, wanted=least(0.5)),
        LoadCase("journal-64x64", "64 x 64, journal", "beside", 64, 64, plain, journal, wanted=least(0.6)),
        LoadCase("journal-receipts", "8 x 64, journal, a receipt for every message", "beside", 8, 64, plain, journal, receipts=True),
    ]
    for shards in shard_counts(cpus):
        several = Variant(shards=shards)
        bound = {"figure": "cpu_ratio", "most": 1.15}
        cases += [LoadCase(f"shards-{shards}", f"{shards} shards, {8 * shards} x 64", "shards", 8 * shards, 64, plain, several, wanted=bound),
                  LoadCase(f"shards-{shards}-receipts", f"{shards} shards, {8 * shards} x 64, a receipt for every message", "shards", 8 * shards, 64, plain, several,
                           receipts=True, wanted=bound)]
    return [*cases, IdleMemory("memory", 10_000, wanted={"figure": "value", "most": 4096}), IdleMemory("memory-tls", 2_000, tls=True),
            ReconnectStorm(), Recovery()]


def shard_counts(cpus):
    """2, 4, 8 ... of them, as long as the client keeps a CPU; on two CPUs it shares one."""
    counts = []
    while 2 ** (len(counts) + 1) <= max(2, cpus - 1) and cpus >= 2:
        counts.append(2 ** (len(counts) + 1))
    return counts


def curve_cases():
    return [LoadCase(f"curve-{binds}x{window}", f"{binds} x {window}", "curve", binds, window, rounds_max=CURVE_ROUNDS) for binds in BINDS for window in WINDOWS]


def all_cases(cpus):
    return [*main_cases(cpus), *curve_cases(), MicroBenches()]


def matching(name, cases):
    """The case of that name, or those whose name begins so: `journal` is all of `journal-...`."""
    return [case for case in cases if case.name == name] or [case for case in cases if case.name.startswith(name + "-")]


def chosen(cases, only, curve, quick):
    if only:
        found = []
        for name in only:
            matches = matching(name, cases)
            if not matches:
                heads = {head for case in cases for head in (case.name, case.name.partition("-")[0])}
                near = difflib.get_close_matches(name, sorted(heads), 1)
                raise Unknown(f"no case is called {name}" + (f"; did you mean {near[0]}?" if near else "") + " (--list has them all)")
            found += [case for case in matches if case not in found]
        return found
    if quick:
        return [case for case in cases if case.name in QUICK]
    return [case for case in cases if case.group != "micro" and (curve or case.group != "curve")]


def kind_of(only, quick, against):
    """How a file is to be read: only a `full` run is shown in detail."""
    return "against" if against else "part" if only else "quick" if quick else "full"

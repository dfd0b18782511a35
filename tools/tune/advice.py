"""What follows from the results: a [cores] block and its reasons, and what a target takes. Pure."""
import math

import machine
import topology
from scaling import scaling_of

ROOM = 0.8  # of a knee: what it is safe to plan with
GAIN = 0.15  # of what each shard does: another has to bring so much to be worth its CPU
CHANCE = 0.05  # of all: a knee is not known better than that, so what brings less may bring nothing


def plural(count, word):
    return f"{count} {word}{'' if count == 1 else 's'}"


def scaling(results):
    runs = {n: [knee.rate] for n, knee in results.knees.items() if knee.rate > 0 and n not in results.shared}
    return scaling_of(runs) if runs else None


def best_count(results):
    """The fewest shards beyond which another brings little; of those measured with CPUs of their own, where there are any."""
    counts = [n for n in sorted(results.knees) if n not in results.shared] or sorted(results.knees)
    best = counts[0]
    for n in counts[1:]:
        rate = results.knees[best].rate
        if results.knees[n].rate > rate * (1 + max(GAIN * (n - best) / best, CHANCE)):
            best = n
    return best


def cores_block(results, groups):
    shards = best_count(results)
    placement = machine.place(groups, shards, results.placement_first) or machine.share(groups, shards)
    bound = results.pinnings[shards].bound if shards in results.pinnings else None
    return f"[cores]\nshards = {shards}\n{pin_text(bound.candidate.cpus if bound else placement.server)}\n"


def pin_text(cpus):
    return f"pin = [{', '.join(str(cpu) for cpu in cpus)}]"


def pinning_reasons(found):
    """Why the shards are where they are, and what no configuration can have."""
    default, bound, free = found.plan.tried[0], found.bound, found.free
    if bound:
        out = [f"shards are bound as they are because of {bound}, against {default}, of which the rates above are"]
    elif found.spoilt:
        out = [f"shards are bound {default.name}: nobody can tell where else they would be better, since the load program was the limit"]
    elif found.verdicts:
        out = [f"shards are bound {default.name}: of {plural(len(found.verdicts), 'other place')} none was faster beyond chance"
               + (", but for the scheduler's" if free else "")]
    else:
        out = [f"shards are bound {default.name}: here is no other place for them that differs and could be tried"]
    if free:
        cpus = topology.text_of_numbers(free.candidate.free).replace(" ", "")
        out.append(f"the scheduler does better ({free}): no setting leaves shards to it, but after the start of the server `taskset -a -c -p {cpus} PID` does")
    return out


def knee_text(shards, knee, results, bound_ms):
    text = plural(shards, "shard") + ": "
    if knee.rate == 0:
        lowest = knee.probes[0] if knee.probes else None
        return text + ("no rate was confirmed to keep p99 below " + f"{bound_ms:g} ms" +
                       (f"; at {lowest.rate:,.0f}/s it was {lowest.p99_us / 1000:.2f} ms" if lowest else ""))
    text += f"{knee.rate:,.0f}/s with p99 below {bound_ms:g} ms, confirmed in {knee.confirmed} of {knee.tried} runs"
    if knee.topped:
        text += "; the highest rate tried, so it may be more"
    elif knee.limited:
        text += "; above it the load program was the limit, so it may be more"
    return text + ("; the load shared its CPUs, so it is less than they can do" if shards in results.shared else "")


def reasons(results, groups):
    out, best = [], best_count(results)
    counts = sorted(results.knees)
    if len(counts) > 1:
        out.append("; ".join(f"{plural(n, 'shard')} kept {results.knees[n].rate:,.0f}/s" for n in counts))
    if results.placements:
        (first, p50, p99), (second, other50, other99) = results.placements
        out.append(f"{first}: p50 {p50 / 1000:.2f} ms, p99 {p99 / 1000:.2f} ms; {second}: {other50 / 1000:.2f} and {other99 / 1000:.2f} ms")
    if best in results.pinnings:
        out += pinning_reasons(results.pinnings[best])
    if results.room:
        out.append(f"{plural(results.room, 'shard')} would have CPUs here, but one without a bind does nothing: no more were measured than there are "
                   "binds (--binds)")
    if best < len(groups) and machine.place(groups, best + 1) is None and best + 1 not in results.knees:
        out.append(f"up to {len(groups)} shards fit where no load program runs beside them: with all CPUs for the server, use {whole_machine(groups)}; "
                   "--shared measures that here, and understates it")
    return out


def whole_machine(groups):
    """A shard on each core; "auto" would be one for each thread, which nothing here has shown to be better."""
    if all(len(group) == 1 for group in groups):
        return 'shards = "auto"'
    return f"shards = {len(groups)} with {pin_text(group[0] for group in groups)}"


def shards_for(results, target):
    """How many, and what that rests on; None where it cannot be said."""
    for n in sorted(results.knees):
        if n not in results.shared and results.knees[n].rate * ROOM >= target:
            return n, "measured"
    law = scaling(results)
    if law is None:
        return None, "more than could be measured here: no rate was kept in the bound"
    for n in range(max(law.measured) + 1, law.largest + 1):
        if law.predict(n)[0] * ROOM >= target:
            return n, "PREDICTED, not measured: " + law.text()
    return None, (f"more than {law.largest} shards, which is twice what was measured here, and farther nothing is predicted: "
                  "measure on a machine with more cores")


def confidence(results, shards, facts):
    """high, medium or low, and why it is not higher."""
    doubts = []
    knee = results.knees.get(shards)
    level = 2
    if knee is None:
        level, doubts = 0, ["that shard count was not measured"]
    elif knee.limited or knee.topped:
        level, doubts = 1, ["the load program was the limit in part"]
    if shards in results.shared:
        level, doubts = 0, doubts + ["load and server shared CPUs"]
    if facts["virtual"]:
        level, doubts = min(level, 1), doubts + ["a virtual machine, whose neighbours take what they take"]
    if results.limited:
        doubts.append(f"in {plural(results.limited, 'run')} the load program or its CPU was the limit")
    return ("low", "medium", "high")[level], doubts


UNKNOWN = ("the network and its card (all of this was loopback)", "what your backend takes to answer", "sizes, alphabets and parts of your messages",
           "binds that come and go, and TLS handshakes", "other programs on that machine")


def answer(results, target, shape, facts):
    """Lines for `--target`."""
    shards, why = shards_for(results, target)
    if shards is None:
        return [f"cores       {why}"]
    out = [f"cores       {shards} for shards, at {ROOM:.0%} of what they keep ({why}), and what else runs there"]
    nearest = min(results.at_knee, key=lambda n: abs(n - shards), default=None)
    if nearest is not None:
        found = results.at_knee[nearest]
        mib = math.ceil(found.rss_mib * shards / nearest * 1.5)
        out.append(f"memory      about {mib:,} MiB: {found.rss_mib:,.0f} MiB were resident with {plural(nearest, 'shard')}, "
                   f"{plural(shape.binds, 'bind')} and nothing waiting, and half of that for what waits")
        if shape.store != "none":
            out.append(f"disk        {found.written * target / 2**20:,.1f} MiB/s synced: {found.written:,.0f} octets for each message")
    level, doubts = confidence(results, shards, facts)
    out.append(f"confidence  {level}" + (": " + "; ".join(doubts) if doubts else ""))
    out.append("not known   " + "; ".join(UNKNOWN))
    return out

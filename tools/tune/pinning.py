"""Where a number of shards may go on this machine, and which of these places differ. Pure.

The server binds each of its threads to one CPU, with `pin` or without: then it takes the CPUs that it may use in order. So
shards that are left to the scheduler are no setting of it; they are tried all the same, since nobody should believe that
binding pays where it does not."""
import collections
import dataclasses

import topology

DEFAULT = "one on each core"
LIMITED_MAX = 0.25  # of the runs


@dataclasses.dataclass(frozen=True)
class Candidate:
    """`cpus`: one for each shard to be bound to. `free`: those it may use instead, once it runs; none: it stays bound."""
    name: str
    cpus: tuple
    free: tuple = ()

    def __str__(self):
        return f"{self.name} ({topology.text_of_numbers(self.free or self.cpus)})"


@dataclasses.dataclass
class Plan:
    tried: list     # of Candidate; the first is the default
    left_out: list  # (name, why)
    client: tuple   # CPUs of the load, the same for all, or else it would be the load that is compared


def led_by(groups, first):
    """Cores in order, that of the CPU `first` before all others, and it before the other threads of its core."""
    return [sorted(group, key=lambda cpu: cpu != first) for group in sorted(groups, key=lambda group: first not in group)]


def by_cache(cpus, groups):
    """The cores of each cache together, in the order in which the cores are."""
    home = {cpu.number: (cpu.node, cpu.cache) for cpu in cpus}
    out = {}
    for group in groups:
        out.setdefault(home[group[0]], []).append(group)
    return list(out.values())


def in_turns(lists):
    """The first of each, the second of each and so on, until none is left."""
    return [one[i] for i in range(max(len(one) for one in lists)) for one in lists if i < len(one)]


def bound(cpus, groups, shards):
    """All ways to bind them, the same ones among them."""
    caches = by_cache(cpus, groups)
    ways = [(DEFAULT, [group[0] for group in groups]),
            ("all threads of a core before the next", [cpu for group in groups for cpu in group]),
            ("without pin: CPUs in order", [cpu.number for cpu in cpus]),
            ("one on each core, a cache filled before the next", [group[0] for cache in caches for group in cache]),
            ("one on each core, caches in turns", [group[0] for group in in_turns(caches)])]
    return [Candidate(name, tuple(order[:shards])) for name, order in ways if len(order) >= shards]


def form(cpus, chosen, first):
    """What a place is like, whichever of its equal cores and caches are taken: two of one form are the same place."""
    place_of = {cpu.number: cpu for cpu in cpus}
    found = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    for number in chosen:
        cpu = place_of[number]
        found[cpu.node][cpu.cache][cpu.core] += 1
    return (first is None or chosen[0] == first,
            sorted(sorted(sorted(cores.values()) for cores in caches.values()) for caches in found.values()))


def unused(groups, candidates):
    taken = {cpu for one in candidates for cpu in one.cpus}
    return [group for group in groups if not taken & set(group)]


def distinct(cpus, groups, shards, first):
    """Of those that are the same the first one, and of the rest those that together leave a core for the load."""
    tried, left_out = [], []
    for one in bound(cpus, groups, shards):
        same = next((other for other in tried if form(cpus, other.cpus, first) == form(cpus, one.cpus, first)), None)
        if same is not None:
            left_out.append((one.name, f"the same here as: {same.name}"))
        elif not unused(groups, tried + [one]):
            left_out.append((one.name, "would leave no core for the load"))
        else:
            tried.append(one)
    return tried, left_out


def with_free(tried, left_out, allowed):
    """The scheduler gets the CPUs that the load has not; with one there is nothing to choose."""
    name = "left to the scheduler"
    if len(allowed) < 2:
        return tried, left_out + [(name, "the load leaves them one CPU")]
    return tried + [Candidate(name, tried[0].cpus, tuple(sorted(allowed)))], left_out


def plan(cpus, shards, first=None):
    """Where that many shards may go while the load has cores of its own; None where there is no room for both. Of the cores
    that no shard is bound to, every second one is left to the scheduler and the others are the load's, so that the caches
    have part in both."""
    groups = led_by(topology.cores_of(cpus), first)
    if shards >= len(groups):
        return None
    tried, left_out = distinct(cpus, groups, shards, first)
    loaded = [group for cache in by_cache(cpus, unused(groups, tried)) for group in cache][::2]
    allowed = [cpu for group in groups if group not in loaded for cpu in group]
    return Plan(*with_free(tried, left_out, allowed), tuple(sorted(group[0] for group in loaded)))


def plan_shared(placement, cpus):
    """Where the load has no core of its own: bound as they are, or not."""
    return Plan(*with_free([Candidate("with the load on their CPUs", placement.server)], [], [cpu.number for cpu in cpus]), placement.client)


def better(verdicts):
    """The Verdict of the best candidate that is faster and whose p99 is not worse; None: the default stays, also where nobody
    can tell."""
    found = [one for one in verdicts if one.rate == "B is faster" and one.p99 != "B is slower"]
    return max(found, key=lambda one: one.ratio, default=None)


@dataclasses.dataclass
class Verdict:
    """Of a candidate against the default, in the words of ringgate-load compare."""
    candidate: Candidate
    rate: str
    p99: str
    ratio: float = 1.0  # of the rates: 1.1 is a tenth more
    low: float = 1.0
    high: float = 1.0

    @property
    def word(self):
        return {"B is faster": "faster", "B is slower": "slower"}.get(self.rate, "cannot tell")

    def __str__(self):
        return (f"{self.candidate}: {self.word}, {self.ratio - 1:+.1%} messages a second (95 %: {self.low - 1:+.1%} to {self.high - 1:+.1%})"
                + (", but p99 is worse" if self.p99 == "B is slower" else ""))


@dataclasses.dataclass
class Pinning:
    """What was found for a number of shards."""
    plan: Plan
    verdicts: list = dataclasses.field(default_factory=list)
    limited: int = 0  # runs in which the client was the limit
    runs: int = 0

    @property
    def spoilt(self):
        """Where the load program was the limit, it was the load that was compared."""
        return self.limited > self.runs * LIMITED_MAX

    @property
    def bound(self):
        """The Verdict of the best one that a configuration can have; None: the default."""
        return None if self.spoilt else better([one for one in self.verdicts if not one.candidate.free])

    @property
    def free(self):
        """The Verdict of shards that are left to the scheduler, where nothing was better; None: something was."""
        found = None if self.spoilt else better(self.verdicts)
        return found if found and found.candidate.free else None

    def lines(self):
        """What was tried and what came of it, the default first."""
        out = [f"{self.plan.tried[0]}: the default"] + [str(one) for one in self.verdicts]
        if self.spoilt:
            out.append(f"in {self.limited} of {self.runs} of these runs the load program was the limit, so nobody can tell")
        return out + [f"not tried   {names}: {why}" for names, why in self.left_out()]

    def left_out(self):
        """(names, why): those of one reason together."""
        out = {}
        for name, why in self.plan.left_out:
            out.setdefault(why, []).append(name)
        return [("; ".join(names), why) for why, names in out.items()]

    def as_json(self):
        default = self.plan.tried[0]
        return {"default": {"name": default.name, "cpus": default.cpus}, "load": self.plan.client,
                "tried": [{"name": one.candidate.name, "cpus": one.candidate.cpus, "free": one.candidate.free, "rate": one.rate, "p99": one.p99,
                           "ratio": one.ratio, "low": one.low, "high": one.high} for one in self.verdicts],
                "left_out": [{"name": name, "why": why} for name, why in self.plan.left_out], "runs": self.runs, "limited": self.limited}

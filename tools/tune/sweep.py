"""What is measured, in which order: from what every machine tells in seconds to what takes minutes."""
import dataclasses
import statistics

import advice
import machine
import pinning
import topology
import trial
from knee import Knee, Probe, Search

BINDS = (1, 8, 64)
WINDOWS = (1, 10, 64)
FLOOR_ROUNDS = 3
PLACEMENT_ROUNDS = 2
PINNING_ROUNDS = 6  # what ringgate-load compare needs to tell anything
COUNTS_ALL = 4      # up to so many shards each number is measured, then steps of half as much again
OF_MAXIMUM = 0.5    # the rate at which placements are compared
LOWEST = 0.1        # of the grid, in parts of the closed loop's rate; and its top
HIGHEST = 1.2
BETTER = 0.8        # another placement has to be by so much


@dataclasses.dataclass
class Results:
    floor_rate: float = 0.0    # 0: there is no program to measure it with
    single_rate: float = 0.0   # of one shard, beside the floor
    survey: list = dataclasses.field(default_factory=list)      # (binds, window, Found)
    features: list = dataclasses.field(default_factory=list)    # (name, Found)
    placements: list = dataclasses.field(default_factory=list)  # (text, p50 us, p99 us)
    placement_first: int = None    # the CPU that the first shard is to have, where it matters
    knees: dict = dataclasses.field(default_factory=dict)       # shards: Knee
    at_knee: dict = dataclasses.field(default_factory=dict)     # shards: Found
    shared: set = dataclasses.field(default_factory=set)        # shard counts whose CPUs the load shares
    pinnings: dict = dataclasses.field(default_factory=dict)    # shards: Pinning
    room: int = 0              # shards for which there are CPUs, where the load has too few binds to use them all
    runs: int = 0
    limited: int = 0           # of these, in which the client was the limit


def steps(counts):
    """With every count a machine of 64 cores would take hours. The last one is the one that nothing but measuring tells."""
    out = []
    for n in counts:
        if n <= COUNTS_ALL or n == counts[-1] or out[-1] * 1.5 <= n <= counts[-1] / 1.2:
            out.append(n)
    return out


class Sweep:
    def __init__(self, programs, options, state, tell, cpus):
        self.programs, self.options, self.state, self.tell = programs, options, state, tell
        self.cpus, self.groups = cpus, topology.cores_of(cpus)
        self.results = Results()

    def measure(self, what, shape, placement, rate=0.0, seconds=None, floor=False):
        """One run against a server of its own."""
        def once():
            with trial.Server(self.programs, shape, placement.server, self.options.data_dir, floor, placement.free) as server:
                return trial.run(self.programs, server, shape, placement.client, rate, seconds or self.options.short).as_json()
        return self.noted(what, trial.Found(**self.state.once(what, once)))

    def noted(self, what, found):
        self.results.runs += 1
        self.results.limited += found.limited
        self.tell(f"{what}: {found.rate:,.0f}/s, p50 {found.p50_us / 1000:.2f} ms, p99 {found.p99_us / 1000:.2f} ms, "
                  f"{found.server_ns:,.0f} ns CPU each{'' if found.sustained else ', NOT KEPT UP'}{', client limited' if found.limited else ''}")
        return found

    def placement(self, shards):
        return machine.place(self.groups, shards, self.results.placement_first)

    def run(self):
        shape = self.options.shape
        self.find_placement(shape)
        self.find_floor(dataclasses.replace(shape, tls=False, receipts=False, store="none"))
        self.find_features(shape)
        self.find_survey(shape)
        self.find_knees(shape)
        self.find_pinnings(shape)
        return self.results

    def one_shard(self):
        return self.placement(1) or machine.share(self.groups, 1)

    def find_placement(self, shape):
        """Which CPU a shard has matters where one of them takes the disk's or the network's interrupts."""
        first, second = (machine.place(self.groups, 1, group[0]) for group in (self.groups[0], self.groups[-1]))
        if first is None or first.server == second.server:
            return
        maximum = self.measure(f"{shape}, closed loop on {machine.listed(first.server)}", shape, first)
        best = None
        for placement in (first, second):
            found = [self.measure(f"{shape}, {placement}, at half of that", shape, placement, maximum.rate * OF_MAXIMUM, self.options.long)
                     for _ in range(PLACEMENT_ROUNDS)]
            p50, p99 = (statistics.median(getattr(one, name) for one in found) for name in ("p50_us", "p99_us"))
            self.results.placements.append((str(placement), p50, p99))
            if best is None or (p50 < best[0] * BETTER and p99 < best[1] * 1.1):
                best = (p50, p99, placement.server[0])
        self.results.placement_first = best[2]

    def find_floor(self, shape):
        if self.programs.floor is None:
            return
        placement, floors, ours = self.one_shard(), [], []
        for _ in range(FLOOR_ROUNDS):
            floors.append(self.measure(f"{shape}, the machine's floor", shape, placement, floor=True).rate)
            ours.append(self.measure(f"{shape}, one shard beside it", shape, placement).rate)
        self.results.floor_rate, self.results.single_rate = max(floors), max(ours)

    def find_features(self, shape):
        for name, more in (("plain", {}), ("receipts", {"receipts": True}), ("TLS", {"tls": True}), ("durable", {"store": "journal"})):
            one = dataclasses.replace(shape, tls=False, receipts=False, store="none")
            try:
                self.results.features.append((name, self.measure(name, dataclasses.replace(one, **more), self.one_shard())))
            except trial.Trouble as trouble:
                # A build without TLS, or a folder on no disk, is no reason not to measure the rest.
                if name == "plain":
                    raise
                self.tell(f"{name}: left out: {trouble}")

    def find_survey(self, shape):
        for binds in BINDS:
            for window in WINDOWS:
                one = dataclasses.replace(shape, binds=binds, window=window)
                self.results.survey.append((binds, window, self.measure(f"{one}, closed loop", one, self.one_shard())))

    def shard_counts(self):
        """Those that leave a core for the load; and all others only when asked for."""
        honest = [n for n in range(1, self.options.shards_max + 1) if self.placement(n)]
        rest = [n for n in range(1, min(len(self.cpus), self.options.shards_max) + 1) if n not in honest]
        shared = rest if self.options.shared or not honest else []
        binds = self.options.shape.binds
        self.results.room = max(honest + shared) if max(honest + shared) > binds else 0
        honest, shared = (steps([n for n in some if n <= binds]) for some in (honest, shared))
        self.results.shared = set(shared)
        return honest + shared

    def find_knees(self, shape):
        for shards in self.shard_counts():
            placement = self.placement(shards) or machine.share(self.groups, shards)
            name = f"{shards} shard{'s' if shards > 1 else ''}"
            maximum = self.measure(f"{name}, {shape}, closed loop", shape, placement)
            self.results.knees[shards] = self.find_knee(shards, name, shape, placement, maximum.rate)

    def find_knee(self, shards, name, shape, placement, maximum):
        server = None

        def probe(rate):
            def once():
                nonlocal server
                if server is None:
                    server = trial.Server(self.programs, shape, placement.server, self.options.data_dir).__enter__()
                return trial.run(self.programs, server, shape, placement.client, rate, self.options.long).as_json()
            found = trial.Found(**self.state.once(f"{name} at {rate:,.0f} a second", once))
            self.noted(f"{name} at {rate:,.0f} a second", found)
            kept = found.sustained and found.sound
            good = kept and found.p99_us <= self.options.p99_us
            if good and found.rate > rate * 0.95:
                self.results.at_knee[shards] = found
            return Probe(rate, found.p50_us, found.p99_us, kept, good, found.limited)

        try:
            knee = Search(probe, maximum * LOWEST, maximum * HIGHEST).run()
        finally:
            if server is not None:
                server.__exit__()
        for text in knee.anomalies:
            self.tell("NOTE: " + text)
        return knee

    def find_pinnings(self, shape):
        """For the number of shards that will be recommended, and where sharing was asked for, for the largest."""
        counts = [advice.best_count(self.results)] + ([max(self.results.shared)] if self.results.shared else [])
        for shards in dict.fromkeys(counts):
            plan = pinning.plan(self.cpus, shards, self.results.placement_first)
            plan = plan or pinning.plan_shared(machine.share(self.groups, shards), self.cpus)
            for name, why in plan.left_out:
                self.tell(f"{advice.plural(shards, 'shard')}, {name}: not tried: {why}")
            self.results.pinnings[shards] = self.find_pinning(shards, shape, plan)

    def find_pinning(self, shards, shape, plan):
        """In closed loops, since it is what the same shards can do that is asked for."""
        found = pinning.Pinning(plan)
        if len(plan.tried) < 2:
            return found
        runs = {one: [] for one in plan.tried}
        for nth in range(PINNING_ROUNDS):
            for one in plan.tried[::-1 if nth % 2 else 1]:
                self.try_candidate(f"{advice.plural(shards, 'shard')}, {shape}", shape, plan, one, runs[one])
        found.runs = sum(len(some) for some in runs.values())
        found.limited = sum(run.limited for some in runs.values() for run in some)
        found.verdicts = [self.verdict(one, runs[plan.tried[0]], runs[one]) for one in plan.tried[1:]]
        return found

    def try_candidate(self, name, shape, plan, one, runs):
        placement = machine.Placement(one.cpus, plan.client, one.free)
        try:
            runs.append(self.measure(f"{name}, {one}, load on {machine.listed(plan.client)}", shape, placement))
        except trial.Trouble as trouble:
            # A sandbox may forbid to change threads of other processes; that is no reason to lose the rest.
            if not one.free:
                raise
            plan.tried.remove(one)
            plan.left_out.append((one.name, str(trouble)))

    def verdict(self, candidate, default, other):
        if not all(found.sound for found in other):
            return pinning.Verdict(candidate, "cannot tell: messages were lost or refused", "cannot tell")
        try:
            rate, p99 = (trial.compare(self.programs, default, other, metric) for metric in ("rate", "p99"))
            out = pinning.Verdict(candidate, rate["verdict"], p99["verdict"], rate["ratio"], rate["low"], rate["high"])
        except trial.Trouble as trouble:
            out = pinning.Verdict(candidate, f"cannot tell: {trouble}", "cannot tell")
        self.tell(str(out))
        return out


__all__ = ["Knee", "Results", "Sweep"]

"""What can be measured. A case makes one record: what it is, and all of its rounds.

Most cases put the same load on two servers in turn, the reference and the subject. The order changes from round to round, because
whoever comes second finds a warmer machine.
"""
import dataclasses

import noise
import program

WARM_UP_S = 0.2
# A start and an end of two programs, and what a run takes beside its time.
START_S, RUN_MORE_S = 0.5, 0.15
BIND_S = 0.0003
# How long the client looks for answers before it sleeps. Over loopback the server pays for waking it, and only a server that is slower
# than the client finds it asleep: the floor would not pay.
BUSY_POLL_US = 1000
# How many rounds are expected to be made again, of those wanted.
REPEATED_SHARE = 0.5


@dataclasses.dataclass
class Bench:
    """What all cases are given."""

    build: str  # where the programs are, copies of those in build_directory
    build_directory: str
    against: str  # the other ones, or empty
    directory: str  # for configurations and journals
    server_cpu: int
    client_cpu: int
    cpus: list  # that this process may use
    seconds: float
    rounds: int
    repeats: int
    steal_max: float
    has_tls: bool = True
    certificate: str = ""

    def cpus_of(self, shards):
        """The client's own CPU is the last to be given to a shard."""
        others = [cpu for cpu in self.cpus if cpu not in (self.server_cpu, self.client_cpu)]
        return [self.server_cpu, *others, self.client_cpu][:shards]

    def rounds_of(self, case):
        """How many are wanted, and how many there may be in place of disturbed ones."""
        # A verdict about two builds wants all of them.
        wanted = self.rounds if self.against and case.kind == "load" else min(self.rounds, case.rounds_max)
        return wanted, min(self.repeats, wanted) if wanted < self.rounds else self.repeats

    def steal(self, shards=1):
        return noise.Steal([*self.cpus_of(shards), self.client_cpu])


@dataclasses.dataclass(frozen=True)
class Variant:
    """A server to be started."""

    program: str = "ringgate"
    shards: int = 1
    store: str = "none"
    tls: bool = False
    receipts: bool = False  # of a floor, which else sends none
    busy_poll_us: int = 0

    def start(self, bench, build):
        if self.program == "floor":
            return program.start_floor(build, bench.server_cpu, receipts=self.receipts)
        if self.tls and not bench.certificate:
            bench.certificate = program.make_certificate(bench.directory)
        return program.start_server(build, bench.directory, bench.cpus_of(self.shards), self.store,
                                    certificate=bench.certificate if self.tls else None, busy_poll_us=self.busy_poll_us)

    def text(self):
        if self.program == "floor":
            return "floor with receipts" if self.receipts else "floor"
        words = [f"{self.shards} shards"] if self.shards > 1 else []
        words += ["journal"] if self.store == "journal" else []
        words += ["TLS"] if self.tls else []
        words += ["busy polling"] if self.busy_poll_us else []
        return ", ".join(words) or "ringgate"


def run_record(result):
    """What is kept of a run; `series`, `percentiles` and `histograms` would be a hundred times as long."""
    receipts = result["receipts"]
    record = {
        "rate": round(result["rate"]),
        "server_ns": round(result["server_ns"], 1),
        "client_ns": round(result["client_cpu_ns_per_message"], 1),
        "us": {name: round(value, 1) for name, value in result["latency_us"].items()},
        "accepted": result["accepted"],
        "lost": result["submitted"] - result["accepted"] + receipts["missing"] + receipts["duplicate"] + result["connections_lost"],
        "signs": noise.signs_of(result),
    }
    if receipts["requested"]:
        record["receipt_us"] = {name: round(value, 1) for name, value in result["receipt_latency_us"].items()}
    return record


@dataclasses.dataclass
class LoadCase:
    """The same load on the reference and on the subject."""

    name: str
    title: str
    group: str
    binds: int
    window: int
    reference: Variant = Variant("floor")
    subject: Variant = Variant()
    receipts: bool = False
    wanted: dict = None
    rounds_max: int = 1000
    kind = "load"

    def seconds_expected(self, bench):
        wanted, repeats = bench.rounds_of(self)
        rounds = wanted + REPEATED_SHARE * min(wanted, repeats)
        return START_S + rounds * 2 * (WARM_UP_S + bench.seconds + RUN_MORE_S + BIND_S * self.binds)

    def why_not(self, bench):
        if (self.subject.tls or self.reference.tls) and not bench.has_tls:
            return "these programs were built without TLS"
        if self.subject.shards > len(bench.cpus):
            return f"{self.subject.shards} shards on {len(bench.cpus)} CPUs"
        return ""

    def record(self, bench):
        shards = max(self.subject.shards, self.reference.shards)
        return {"name": self.name, "title": self.title, "group": self.group, "kind": self.kind, "binds": self.binds, "window": self.window,
                "reference": self.sides(bench)[0].text(), "subject": self.subject.text(), "shards": self.subject.shards,
                "shares_cpu": bench.client_cpu in bench.cpus_of(shards), "client_awake": self.is_awake(bench), "wanted": None if bench.against else self.wanted}

    def is_awake(self, bench):
        """Whether the client never sleeps: where a shard or the disk, whose writes end on the client's CPU on small machines, does not
        wait for that."""
        sides = (self.subject, self.reference)
        return all(side.store == "none" and bench.client_cpu not in bench.cpus_of(side.shards) for side in sides)

    def sides(self, bench):
        """Two builds are compared as the same server."""
        return (self.subject if bench.against else self.reference), self.subject

    def arguments(self, bench, variant):
        asks = self.receipts and variant.program != "floor"
        return ["--warm-up", WARM_UP_S, "--duration", bench.seconds, "--size", 160, "--binds", self.binds, "--window", self.window,
                *(["--busy-poll", BUSY_POLL_US] if self.is_awake(bench) else []), *(["--receipts"] if asks else []),
                *(["--tls"] if variant.tls else [])]

    def measure(self, bench, record, keep):
        """`keep` is called with each round and the whole results of its two runs."""
        variants = self.sides(bench)
        servers = []
        try:
            for variant, build in zip(variants, (bench.against or bench.build, bench.build)):
                servers.append(variant.start(bench, build))
            results = {}

            def one(number):
                steal = bench.steal(max(variant.shards for variant in variants))
                for side in ((0, 1), (1, 0))[number % 2]:
                    results[side] = program.measure(bench.build, servers[side], bench.client_cpu, *self.arguments(bench, variants[side]))
                pair = [results[0], results[1]]
                percent = steal.percent()
                judged = [(result, record["shares_cpu"] or variant.store == "journal") for result, variant in zip(pair, variants)]
                return {"reference": run_record(pair[0]), "subject": run_record(pair[1]), "steal": round(percent, 1),
                        "taken": round(max((noise.taken_percent(result) for result, own in judged if not own), default=0), 1),
                        "noise": noise.reasons(percent, judged, bench.steal_max)}

            noise.repeated(one, *bench.rounds_of(self), lambda made: keep(made, (results[0], results[1])))
        finally:
            for server in servers:
                server.stop()


class ValueCase:
    """One figure a round, of which less is better; `value(bench, side, build)` measures it."""

    kind = "value"
    reference = ""  # what there is to compare with, beside another build
    rounds_max = 3
    repeats_matter = True
    shards = 1
    wanted = None

    def sides(self, bench):
        """(side, variant, build)"""
        subject = ("subject", "ringgate", bench.build)
        if bench.against:
            return [("reference", "ringgate", bench.against), subject]
        return [("reference", self.reference, bench.build), subject] if self.reference else [subject]

    def why_not(self, bench):
        return ""

    def seconds_expected(self, bench):
        return bench.rounds_of(self)[0] * len(self.sides(bench)) * self.each_s

    def record(self, bench):
        return {"name": self.name, "title": self.title, "group": self.group, "kind": self.kind, "unit": self.unit, "shares_cpu": False,
                "reference": "ringgate" if bench.against else self.reference, "subject": "ringgate",
                "wanted": None if bench.against else self.wanted}

    def measure(self, bench, record, keep):
        def one(number):
            sides = self.sides(bench)
            made = {}
            steal = bench.steal(self.shards)
            for side, variant, build in sides if number % 2 == 0 else reversed(sides):
                made[side] = self.value(bench, variant, build)
            percent = steal.percent()
            noisy = self.repeats_matter and percent > bench.steal_max
            return {**made, "steal": round(percent, 1), "noise": ["steal"] if noisy else []}

        noise.repeated(one, *bench.rounds_of(self), lambda made: keep(made, None))



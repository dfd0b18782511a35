"""The highest rate that is kept: it and every lower one of a grid stay in the bound. Pure: who asks gives `probe`."""
import dataclasses

FACTOR = 1.5  # of the grid
PRECISION = 0.05
CHANCES = 3
DESCENTS_MAX = 5
TRIES = 5  # at the knee
NEEDED = 4
LOWERED_MAX = 5
FALL = 0.8  # of a latency from one rate to the next: then it is not a matter of more load being slower


@dataclasses.dataclass
class Probe:
    """A rate that was tried."""
    rate: float
    p50_us: float
    p99_us: float
    kept: bool  # the rate; nothing lost
    good: bool  # and the latency
    limited: bool = False  # by the client: then it is no fault of the server


@dataclasses.dataclass
class Knee:
    rate: float = 0.0  # 0: not even the lowest
    probes: list = dataclasses.field(default_factory=list)
    anomalies: list = dataclasses.field(default_factory=list)
    confirmed: int = 0
    tried: int = 0
    limited: bool = False  # the client was the limit above it, so the server may be better
    topped: bool = False   # every rate up to the highest was good


def anomalies(probes):
    """Where more load was answered faster: then something else than the server's work decides."""
    out = []
    for before, after in zip(probes, probes[1:]):
        for name in ("p50_us", "p99_us"):
            slower, faster = getattr(before, name), getattr(after, name)
            if faster < slower * FALL and slower - faster > 100:
                out.append(f"{name[:3]} falls from {slower / 1000:.2f} to {faster / 1000:.2f} ms between "
                           f"{before.rate:,.0f} and {after.rate:,.0f} a second")
    return out


class Search:
    def __init__(self, probe, lowest, highest):
        self.probe, self.lowest, self.highest = probe, lowest, highest
        self.knee = Knee()

    def try_rate(self, rate):
        """Noise makes runs worse and never better, so a bad one gets a second chance, and a third where the client was the
        limit in both."""
        runs = [self.probe(rate)]
        while not runs[-1].good and len(runs) < (CHANCES if all(one.limited for one in runs) else CHANCES - 1):
            runs.append(self.probe(rate))
        found = runs[-1]
        found.limited = all(one.limited for one in runs)
        self.knee.probes.append(found)
        return found

    def descend(self, bad):
        """From a lowest rate that was too high to the first good one."""
        for _ in range(DESCENTS_MAX):
            found = self.try_rate(bad.rate / FACTOR ** 2)
            if found.good:
                return found, bad
            bad = found
        return None, bad

    def climb(self):
        """Up the grid to the first bad rate: the last good one and that."""
        good, rate = None, self.lowest
        while True:
            found = self.try_rate(rate)
            if not found.good:
                return good, found
            good = found
            if rate >= self.highest:
                return good, None
            rate = min(rate * FACTOR, self.highest)

    def narrow(self, good, bad):
        while bad.rate > good.rate * (1 + PRECISION):
            found = self.try_rate((good.rate * bad.rate) ** 0.5)
            good, bad = (found, bad) if found.good else (good, found)
        return good, bad

    def confirm(self, rate):
        """Down from there in steps that grow, until nearly all runs are good. What the client spoilt is no miss, at first."""
        for lowered in range(LOWERED_MAX):
            rate *= 1 - PRECISION * 2 ** lowered if lowered else 1
            hits = misses = spoilt = 0
            while hits < NEEDED and misses <= TRIES - NEEDED:
                found = self.probe(rate)
                if found.limited and not found.good and spoilt < CHANCES:
                    spoilt += 1
                    continue
                hits, misses = hits + found.good, misses + (not found.good)
            self.knee.confirmed, self.knee.tried = hits, hits + misses
            if hits >= NEEDED:
                return rate
        return 0.0

    def run(self):
        good, bad = self.climb()
        if good is None:
            good, bad = self.descend(bad)
        self.knee.probes.sort(key=lambda one: one.rate)
        self.knee.anomalies = anomalies(self.knee.probes)
        if good is None:
            self.knee.limited = bad.limited
            return self.knee
        if bad is not None:
            good, bad = self.narrow(good, bad)
            self.knee.limited = bad.limited
        self.knee.topped = bad is None
        self.knee.rate = self.confirm(good.rate)
        self.knee.probes.sort(key=lambda one: one.rate)
        return self.knee

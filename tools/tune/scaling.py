"""What more shards would do. Pure.

Gunther's universal scalability law, X(N) = g N / (1 + a (N - 1) + b N (N - 1)): what one shard does, what all wait for
each other for (a), and what each has to tell each (b). It has three numbers, so fewer than four measured shard counts say
nothing of it; then the one assumption that is left is that shards do not disturb each other, and it is called one."""
import dataclasses
import random
import statistics

FIT_MIN = 4
INTERVAL_MIN = 6
REACH = 2  # times the largest count measured: what lies farther is not predicted
RESAMPLES = 500
MISS = 0.1


def solve(rows, right):
    """A few linear equations by elimination; None where they say nothing."""
    size = len(right)
    rows = [row[:] + [value] for row, value in zip(rows, right)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda j: abs(rows[j][i]))
        if abs(rows[pivot][i]) < 1e-12:
            return None
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for j in range(size):
            if j != i:
                factor = rows[j][i] / rows[i][i]
                rows[j] = [a - factor * b for a, b in zip(rows[j], rows[i])]
    return [rows[i][size] / rows[i][i] for i in range(size)]


def least_squares(terms, wanted, weights):
    """Numbers that are not negative; what would be is left out."""
    used = list(range(len(terms[0])))
    while used:
        normal = [[sum(w * t[i] * t[j] for t, w in zip(terms, weights)) for j in used] for i in used]
        found = solve(normal, [sum(w * t[i] * y for t, w, y in zip(terms, weights, wanted)) for i in used])
        if found is None:
            return None
        negative = [i for i, value in zip(used, found) if value < 0]
        if not negative:
            out = [0.0] * len(terms[0])
            for i, value in zip(used, found):
                out[i] = value
            return out
        used.remove(negative[-1])
    return None


def fit(points):
    """(g, a, b) of [(shards, rate)]. N / X is linear in 1 / g, a / g and b / g; a weight of (X^2 / N)^2 turns its errors
    into those of X."""
    terms = [[1.0, n - 1, n * (n - 1)] for n, _ in points]
    weights = [(x * x / n) ** 2 for n, x in points]
    largest = max(weights)
    found = least_squares(terms, [n / x for n, x in points], [w / largest for w in weights])
    if found is None or found[0] <= 0:
        return None
    return 1 / found[0], found[1] / found[0], found[2] / found[0]


def law(numbers, shards):
    g, a, b = numbers
    return g * shards / (1 + a * (shards - 1) + b * shards * (shards - 1))


@dataclasses.dataclass
class Scaling:
    measured: dict  # shards: rate
    numbers: tuple  # g, a, b
    assumed: bool   # no fit: linear
    others: list    # numbers of resampled runs, for an interval

    @property
    def largest(self):
        return max(self.measured) * REACH

    def predict(self, shards):
        """The rate and its interval, of which None says that it is not known; None: too far."""
        if shards > self.largest:
            return None
        rate = law(self.numbers, shards)
        if not self.others:
            return rate, None
        rates = sorted(law(one, shards) for one in self.others)
        return rate, (rates[int(0.025 * (len(rates) - 1))], rates[int(0.975 * (len(rates) - 1))])

    def miss(self):
        """The largest part by which the law is beside what was measured. At its bound a law may be right: shards need not disturb each other."""
        return max(abs(law(self.numbers, n) / rate - 1) for n, rate in self.measured.items())

    def text(self):
        counts = len(self.measured)
        if self.assumed:
            return (f"{counts} shard count{'s' if counts > 1 else ''} measured: too few to see how shards disturb each other "
                    f"(that takes {FIT_MIN}); assumed that they do not")
        g, a, b = self.numbers
        text = f"universal scalability law of {counts} shard counts: {g:,.0f}/s for one, {a:.1%} in turns, {b:.2%} for agreement"
        if a == 0 or b == 0:
            text += "; one of them at its bound" + (", and the model fits badly" if self.miss() > MISS else "")
        return text if self.others else text + f"; no interval below {INTERVAL_MIN} counts"


def scaling_of(runs):
    """`runs`: {shards: [rates of runs]}, one at least."""
    measured = {n: statistics.median(rates) for n, rates in runs.items()}
    points = list(measured.items())
    numbers = fit(points) if len(points) >= FIT_MIN else None
    if numbers is None:
        # The mean of what each shard does, of the largest count.
        most = max(measured)
        return Scaling(measured, (measured[most] / most, 0.0, 0.0), True, [])
    others = []
    if len(points) >= INTERVAL_MIN:
        chance = random.Random(1)
        for _ in range(RESAMPLES):
            drawn = [(n, statistics.median(chance.choices(rates, k=len(rates)))) for n, rates in runs.items()]
            found = fit(drawn)
            if found is not None:
                others.append(found)
    return Scaling(measured, numbers, False, others)

"""What else was on the CPUs during a round, and whether the round is worth anything.

On a virtual machine the hypervisor gives CPUs to others (steal), and other programs of the machine take them (taken). Either makes
a run slower and a message dearer, by far more than what is looked for, so such a round is discarded and made again.
"""
import math

STEAL_MAX = 1.0  # percent of a CPU's time
TAKEN_MAX = 3.0  # percent of the time in which a thread could have run, and somebody else did; as ringgate-load has it
# Signs of ringgate-load that say the machine was busy elsewhere. Its other ones tell of the client, and would come again.
SIGNS = ("steal", "CPU taken", "paused", "throttled")


def stat_ticks(text, cpus):
    """CPU -> (stolen, all) ticks, from /proc/stat."""
    found = {}
    for line in text.splitlines():
        name, *fields = line.split() or [""]
        if name[:3] == "cpu" and name[3:].isdigit() and int(name[3:]) in cpus:
            # user nice system idle iowait irq softirq steal; guests are part of user.
            ticks = [int(field) for field in fields[:8]]
            found[int(name[3:])] = (ticks[7], sum(ticks))
    return found


def steal_share(before, after):
    """Percent that was stolen of the CPU that suffered most."""
    return max((100 * (after[cpu][0] - before[cpu][0]) / max(1, after[cpu][1] - before[cpu][1]) for cpu in before if cpu in after),
               default=0.0)


class Steal:
    """Measures from its making on."""

    def __init__(self, cpus):
        self.cpus = set(cpus)
        self.before = self.read()

    def read(self):
        with open("/proc/stat", encoding="ascii") as file:
            return stat_ticks(file.read(), self.cpus)

    def percent(self):
        return steal_share(self.before, self.read())


def steal_ticks():
    """Stolen and all ticks of the machine, for scripts that tell one figure for all of their time."""
    with open("/proc/stat", encoding="ascii") as file:
        fields = file.readline().split()
    return int(fields[8]), sum(int(field) for field in fields[1:9])


def signs_of(result):
    """What ringgate-load has marked any second of a run with."""
    return sorted({sign for second in result.get("series", []) for sign in second["limited_by"]})


def taken_percent(result):
    """The worse of the two ends: how much of its time it could have run, and did not."""
    client = max((second["cpu_wait"] for second in result.get("series", []) if second["size_s"] >= 0.2), default=0.0)
    server = result.get("server_wait_ns", 0) / 1e9 / max(result["duration_s"], 1e-3)
    return 100 * max(client, server)


def reasons(steal, runs, steal_max=STEAL_MAX):
    """Why a round is not worth anything; empty where it is. `runs`: results, and whether each has a CPU that is taken by what belongs
    to it: ends that share one wait for each other, and a disk's workers in the kernel run where its interrupts arrive."""
    found = set()
    if steal > steal_max:
        found.add("steal")
    for result, taken_by_own in runs:
        # A higher limit of ours is meant for machines where ringgate-load's own, one percent, is always exceeded.
        signs = {sign for sign in signs_of(result) if sign in SIGNS and (sign != "steal" or steal_max <= STEAL_MAX)}
        if taken_percent(result) > TAKEN_MAX:
            signs.add("CPU taken")
        found |= signs - {"CPU taken"} if taken_by_own else signs
    return sorted(found)


def repeated(measure_round, wanted, repeats, keep):
    """Rounds until `wanted` of them are sound, at most `repeats` more than that. `keep` is given each as soon as it is there, so
    that an interrupt loses no more than the one under way."""
    sound = count = 0
    while sound < wanted and count < wanted + repeats:
        one = measure_round(count)
        count += 1
        sound += not one["noise"]
        keep(one)


def disturbance(one):
    """For putting rounds in order, the calmest first."""
    worse = sum(100 for reason in one["noise"] if reason in ("paused", "throttled"))
    return one.get("steal", 0) + one.get("taken", 0) + worse


def enough(wanted, for_verdict=False):
    """How many sound rounds are as good as those wanted. Of fewer than six pairs nobody can say which is faster."""
    half = math.ceil(wanted / 2)
    return min(wanted, max(half, 6)) if for_verdict else half


def counted(case):
    """The rounds that figures are made of, and whether they are noisy: the sound ones; where those are too few, the calmest of all,
    no more than would have been enough."""
    rounds, least = case["rounds"], enough(case["wanted_rounds"], case.get("verdicts") is not None)
    sound = [one for one in rounds if not one["noise"]]
    if len(sound) >= least:
        return sound, False
    calmest = set(sorted(range(len(rounds)), key=lambda i: disturbance(rounds[i]))[:least])
    return [one for i, one in enumerate(rounds) if i in calmest], bool(rounds)

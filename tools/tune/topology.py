"""Which CPUs share a core, a last-level cache and a node of memory. Pure: who asks gives `read`, which returns the text of a
file of /sys, and "" where there is none."""
import dataclasses

CPU = "/sys/devices/system/cpu/cpu{}"
NODES = "/sys/devices/system/node"
CACHES_MAX = 10
CPU_MAX = 8192  # of a list; what names more is damaged


@dataclasses.dataclass(frozen=True)
class Cpu:
    """What it shares has the number of the least CPU that shares it, whether this process may use that one or not."""
    number: int
    core: int
    cache: int  # the last level; where /sys tells of none, that of the package
    node: int


def numbers_of(text):
    """"0-2,5" as [0, 1, 2, 5]; nothing of a text that is no such list."""
    out = []
    try:
        for part in text.strip().split(","):
            first, _, last = part.partition("-")
            if first and int(last or first) < CPU_MAX:
                out.extend(range(int(first), int(last or first) + 1))
    except ValueError:
        return []
    return out


def text_of_numbers(numbers):
    """0-2, 5: three or more that follow each other are written so, since machines have hundreds."""
    runs = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(str(number) for number in run) for run in runs)


def least(text, otherwise):
    return min(numbers_of(text), default=otherwise)


def cache_of(cpu, read):
    """The largest level wins, in whichever order they are listed; a cache of instructions is not one that data is shared in."""
    best = (0, None)
    for index in range(CACHES_MAX):
        folder = f"{CPU.format(cpu)}/cache/index{index}"
        level, shared = read(f"{folder}/level").strip(), numbers_of(read(f"{folder}/shared_cpu_list"))
        if level.isdigit() and shared and read(f"{folder}/type").strip() != "Instruction":
            best = max(best, (int(level), min(shared)), key=lambda one: one[0])
    if best[1] is not None:
        return best[1]
    # Virtual machines often hide their caches.
    return least(read(f"{CPU.format(cpu)}/topology/core_siblings_list"), 0)


def nodes(read):
    """CPU: node. Without NUMA in the kernel there is no such folder, and one node."""
    return {cpu: node for node in numbers_of(read(f"{NODES}/online")) for cpu in numbers_of(read(f"{NODES}/node{node}/cpulist"))}


def cpus_of(allowed, read):
    node_of = nodes(read)
    return [Cpu(number, least(read(f"{CPU.format(number)}/topology/thread_siblings_list"), number), cache_of(number, read), node_of.get(number, 0))
            for number in sorted(allowed)]


def cores_of(cpus):
    """The numbers of the CPUs, those of one core together."""
    out = {}
    for cpu in cpus:
        out.setdefault(cpu.core, []).append(cpu.number)
    return [out[core] for core in sorted(out)]


def summary(cpus):
    def count(number, word):
        return f"{number} {word}{'' if number == 1 else 's'}"

    return ", ".join((count(len(cpus), "CPU") + " on " + count(len({one.core for one in cpus}), "core"),
                      count(len({(one.node, one.cache) for one in cpus}), "last-level cache"), count(len({one.node for one in cpus}), "node")))

"""The machine: its CPUs, which of them share a core, which one the disk interrupts, and where server and client go."""
import dataclasses
import os
import platform


def numbers_of(text):
    """"0-2,5" as [0, 1, 2, 5]."""
    out = []
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        if first:
            out.extend(range(int(first), int(last or first) + 1))
    return out


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def cores():
    """The CPUs that this process may use, those of one core together."""
    out = {}
    for cpu in sorted(os.sched_getaffinity(0)):
        siblings = numbers_of(read(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list") or str(cpu))
        out.setdefault(min(siblings), []).append(cpu)
    return [out[first] for first in sorted(out)]


def entry(path, head):
    for line in read(path).splitlines():
        name, _, value = line.partition(":")
        if name.strip() == head:
            return value.strip()
    return ""


def facts():
    kilobytes = entry("/proc/meminfo", "MemTotal").split()
    return {
        "cpu": entry("/proc/cpuinfo", "model name") or platform.machine(),
        "cpus": len(os.sched_getaffinity(0)),
        "cores": len(cores()),
        "memory_mib": int(kilobytes[0]) // 1024 if kilobytes else 0,
        "kernel": platform.release(),
        "virtual": "hypervisor" in entry("/proc/cpuinfo", "flags").split(),
    }


def interrupts():
    """How often each line of /proc/interrupts has come on each CPU."""
    head, *lines = read("/proc/interrupts").splitlines() or [""]
    cpus = [int(name[3:]) for name in head.split()]
    out = {}
    for line in lines:
        name, *words = line.split()
        counts = [int(word) for word in words[:len(cpus)] if word.isdigit()]
        if len(counts) == len(cpus) and name.rstrip(":").isdigit():
            out[name] = dict(zip(cpus, counts))
    return out


def disk_cpu(directory, writes=64):
    """The CPU that takes the interrupts of the disk that holds this directory; None where none stands out, as on a disk
    with a queue for each CPU."""
    path = os.path.join(directory, f".ringgate-tune-{os.getpid()}")
    block = os.urandom(4096)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_DSYNC | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    try:
        os.pwrite(file, block, 0)
        before = interrupts()
        for _ in range(writes):
            os.pwrite(file, block, 0)
        after = interrupts()
    except OSError:
        return None
    finally:
        os.close(file)
        os.unlink(path)
    best = (0, None)
    for name, counts in after.items():
        for cpu, count in counts.items():
            best = max(best, (count - before.get(name, {}).get(cpu, 0), cpu), key=lambda one: one[0])
    return best[1] if best[0] >= writes else None


@dataclasses.dataclass(frozen=True)
class Placement:
    """Which CPUs the shards have, one each, and which the load; both pinned."""
    server: tuple
    client: tuple

    @property
    def shared(self):
        return bool(set(self.server) & set(self.client))

    def __str__(self):
        return f"shards on {listed(self.server)}, load on {listed(self.client)}"


def listed(cpus):
    return ("CPU " if len(cpus) == 1 else "CPUs ") + ", ".join(str(cpu) for cpu in cpus)


def place(groups, shards, first=None):
    """Each shard on a core of its own, that of the CPU `first` before all others, and the load on cores that no shard has.
    None where that leaves none for the load."""
    ordered = sorted(groups, key=lambda group: first not in group)
    if shards >= len(ordered):
        return None
    server = [first if first in group else group[0] for group in ordered[:shards]]
    client = [group[0] for group in ordered[shards:]]
    return Placement(tuple(server), tuple(client))


def share(groups, shards):
    """As many shards as CPUs: the load shares them, and takes from the server what it needs itself."""
    cpus = [cpu for group in groups for cpu in group]
    return Placement(tuple(cpus[:shards]), tuple(reversed(cpus)))

"""The machine: its CPUs, which of them share a core, which one the disk interrupts, and where server and client go."""
import dataclasses
import os
import platform

import topology


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def cpus():
    """Those that this process may use."""
    return topology.cpus_of(os.sched_getaffinity(0), read)


def entry(path, head):
    for line in read(path).splitlines():
        name, _, value = line.partition(":")
        if name.strip() == head:
            return value.strip()
    return ""


def facts(cpus):
    kilobytes = entry("/proc/meminfo", "MemTotal").split()
    return {
        "cpu": entry("/proc/cpuinfo", "model name") or platform.machine(),
        "cpus": len(cpus),
        "cores": len(topology.cores_of(cpus)),
        "topology": topology.summary(cpus),
        "memory_mib": int(kilobytes[0]) // 1024 if kilobytes else 0,
        "kernel": platform.release(),
        "virtual": "hypervisor" in entry("/proc/cpuinfo", "flags").split(),
    }


def interrupts():
    """How often each line of /proc/interrupts has come on each CPU."""
    head, *lines = read("/proc/interrupts").splitlines() or [""]
    columns = [int(name[3:]) for name in head.split()]
    out = {}
    for line in lines:
        name, *words = line.split()
        counts = [int(word) for word in words[:len(columns)] if word.isdigit()]
        if len(counts) == len(columns) and name.rstrip(":").isdigit():
            out[name] = dict(zip(columns, counts))
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
    """Which CPUs the shards have, one each, and which the load; both bound, but for shards that may use `free` instead."""
    server: tuple
    client: tuple
    free: tuple = ()

    @property
    def shared(self):
        return bool(set(self.server) & set(self.client))

    def __str__(self):
        return f"shards on {listed(self.server)}, load on {listed(self.client)}"


def listed(numbers):
    return ("CPU " if len(numbers) == 1 else "CPUs ") + topology.text_of_numbers(numbers)


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
    """More shards than leave a core for the load: it shares them, and takes from the server what it needs itself. The cores
    come before their second threads, so that no two shards share one before they have to."""
    order = [group[nth] for nth in range(max(len(group) for group in groups)) for group in groups if nth < len(group)]
    return Placement(tuple(order[:shards]), tuple(reversed(order)))

"""Machines that are not there: what their /sys says, and programs that behave as if they ran on them."""
import json
import os
import shutil

import topology

HERE = os.path.dirname(os.path.abspath(__file__))


def listed(numbers):
    return ",".join(str(number) for number in sorted(numbers)) + "\n"


def files(cores, caches=None, nodes=None):
    """/sys of a machine with these cores, last-level caches and nodes, each a list of CPUs; None: it does not tell of them."""
    out = {}
    for cores_of_one in cores:
        for cpu in cores_of_one:
            folder = topology.CPU.format(cpu)
            out[f"{folder}/topology/thread_siblings_list"] = listed(cores_of_one)
            for index, (level, kind, shared) in enumerate((("1", "Data", cores_of_one), ("1", "Instruction", cores_of_one))):
                out.update(cache(folder, index, level, kind, shared))
    for shared in caches or []:
        for cpu in shared:
            out.update(cache(topology.CPU.format(cpu), 3, "3", "Unified", shared))
    if nodes:
        out[f"{topology.NODES}/online"] = f"0-{len(nodes) - 1}\n" if len(nodes) > 1 else "0\n"
        for node, of_one in enumerate(nodes):
            out[f"{topology.NODES}/node{node}/cpulist"] = listed(of_one)
    return out


def cache(folder, index, level, kind, shared):
    return {f"{folder}/cache/index{index}/{name}": text for name, text in (("level", level + "\n"), ("type", kind + "\n"), ("shared_cpu_list", listed(shared)))}


def cpus(sys_files, allowed):
    return topology.cpus_of(allowed, lambda path: sys_files.get(path, ""))


def two():
    """2 CPUs without threads."""
    return cpus(files([[0], [1]], [[0, 1]], [[0, 1]]), range(2))


def threads(allowed=range(8)):
    """4 cores of 2 threads: 0 and 4 are one."""
    return cpus(files([[i, i + 4] for i in range(4)], [range(8)], [range(8)]), allowed)


def neighbours():
    """4 cores of 2 threads: 0 and 1 are one."""
    return cpus(files([[i, i + 1] for i in range(0, 8, 2)], [range(8)], [range(8)]), range(8))


def nodes(allowed=range(16)):
    """2 nodes of 8 cores, with a cache each."""
    halves = [range(8), range(8, 16)]
    return cpus(files([[i] for i in range(16)], halves, halves), allowed)


def alternating():
    """The same, numbered in turns."""
    halves = [range(0, 16, 2), range(1, 16, 2)]
    return cpus(files([[i] for i in range(16)], halves, halves), range(16))


def programs(folder, machine, compare, **model):
    """Stubs of all programs in this folder, for that machine."""
    size = 1 + max(cpu.number for cpu in machine)
    home = {cpu.number: cpu for cpu in machine}
    told = {"rate": 100_000, "binds": 8, "sibling": 0.6, "cache_factor": 1.0, "free_factor": 1.0, "compare": compare,
            "core": [home[i].core if i in home else i for i in range(size)], "cache": [home[i].cache if i in home else 0 for i in range(size)], **model}
    os.makedirs(folder)
    for name in ("ringgate", "ringgate-load", "floor"):
        shutil.copy(os.path.join(HERE, "stub"), os.path.join(folder, name))
    with open(os.path.join(folder, "model.json"), "w") as file:
        json.dump(told, file)
    return folder

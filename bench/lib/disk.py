"""The disk below a folder: what it is, and how long it takes to keep something."""
import mmap
import os
import re
import time

from machine import text_of

IN_MEMORY = ("tmpfs", "ramfs")


def mount_of(path, table):
    """(file system, device) of the mount that `path` is in; `table` is /proc/self/mountinfo."""
    best = ("", "", "")
    for line in table.splitlines():
        fields, _, rest = line.partition(" - ")
        point = re.sub(r"\\(\d{3})", lambda code: chr(int(code.group(1), 8)), fields.split()[4])
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        # Of mounts on top of each other the last one is seen.
        if inside and len(point) >= len(best[0]):
            system, device = rest.split()[:2]
            best = (point, system, device)
    return best[1:]


def facts(directory):
    system, device = mount_of(os.path.realpath(directory), text_of("/proc/self/mountinfo"))
    found = {"file_system": system}
    if system in IN_MEMORY:
        return found
    block = f"/sys/class/block/{os.path.basename(os.path.realpath(device))}"
    if os.path.exists(f"{block}/partition"):
        # What a partition may do, its disk knows.
        block = os.path.dirname(os.path.realpath(block))
    for name in ("write_cache", "fua", "rotational"):
        value = text_of(f"{block}/queue/{name}")
        if value:
            found[name] = value
    return found


def sync_times(directory, size, count=300):
    """Microseconds that this file system takes to overwrite `size` octets with data sync: p50 and p99."""
    path = os.path.join(directory, "sync")
    span = 64 * size
    with open(path, "wb") as file:
        file.write(bytes(span))
        file.flush()
        os.fsync(file.fileno())
    memory = mmap.mmap(-1, size)
    times = []
    descriptor = os.open(path, os.O_RDWR | os.O_DIRECT | os.O_DSYNC)
    try:
        for i in range(count):
            begun = time.perf_counter_ns()
            os.pwrite(descriptor, memory, i * size % span)
            times.append((time.perf_counter_ns() - begun) / 1000)
    finally:
        os.close(descriptor)
        os.unlink(path)
    times.sort()
    return {"p50": round(times[count // 2]), "p99": round(times[count * 99 // 100])}


def measured(directory):
    """Octets of a write -> its times; nothing where there is no disk, or it refuses to be written past the cache."""
    try:
        return {str(size): sync_times(directory, size) for size in (4096, 131072)}
    except OSError:
        return {}

"""The machine that figures come from: whatever changes them and can be read. What cannot be read is left out."""
import os
import platform
import re
import subprocess

# Words of a processor's name that every one of its maker has.
COMMON_WORDS = {"intel", "amd", "cpu", "processor", "r", "tm", "the", "core-processor", "virtual", "gen", "with", "graphics"}


def text_of(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""


def entry(text, name):
    """What follows `name :` in a file like /proc/cpuinfo."""
    found = re.search(rf"^{re.escape(name)}\s*:\s*(.*)$", text, re.MULTILINE)
    return found.group(1).strip() if found else ""


def short_name(model, cpus):
    """For names of files: `xeon-2cpu` of "Intel(R) Xeon(R) Processor"."""
    words = re.findall(r"[a-z0-9][a-z0-9-]*", re.sub(r"@.*|\d+-core", " ", model.lower()))
    kept = [word for word in words if word not in COMMON_WORDS][:3]
    return "-".join([*(kept or ["machine"]), f"{cpus}cpu"])


def kernel_config():
    import gzip
    try:
        with gzip.open("/proc/config.gz", "rt") as file:
            return file.read()
    except OSError:
        return text_of(f"/boot/config-{platform.release()}")


def preempt_mode(config):
    # "(none) voluntary full": the one in brackets is in force.
    now = re.search(r"\((\w+)\)", text_of("/sys/kernel/debug/sched/preempt"))
    asked = re.search(r"\bpreempt=(\w+)", text_of("/proc/cmdline"))
    if now or asked:
        return (now or asked).group(1)
    for name, mode in (("PREEMPT_NONE", "none"), ("PREEMPT_VOLUNTARY", "voluntary"), ("PREEMPT_LAZY", "lazy"), ("PREEMPT", "full")):
        if f"\nCONFIG_{name}=y\n" in config:
            return mode
    return ""


def virtualisation(cpuinfo):
    if " hypervisor" not in entry(cpuinfo, "flags"):
        return "no"
    try:
        said = subprocess.run(["systemd-detect-virt", "--vm"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
        name = said.stdout.strip()
    except OSError:
        name = ""
    return name if name not in ("", "none") else "yes"


def siblings(cpu):
    """The logical CPUs of the same core, as text: "0" or "0,4" or "0-1"."""
    return text_of(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list") or str(cpu)


def cpu_set(text):
    """{0, 1, 4} of "0-1,4"."""
    found = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if first.isdigit():
            found.update(range(int(first), int(last or first) + 1))
    return found


def last_level_cache(cpu):
    """CPUs that share the largest cache of `cpu`."""
    folder = f"/sys/devices/system/cpu/cpu{cpu}/cache"
    levels = {}
    for index in range(8):
        level, shared = (text_of(f"{folder}/index{index}/{name}") for name in ("level", "shared_cpu_list"))
        if level and shared:
            levels[int(level)] = cpu_set(shared)
    return levels[max(levels)] if levels else {cpu}


def sharing(server_cpu, client_cpu):
    """Who shares what, and whether it is a reason to warn."""
    head = f"server on CPU {server_cpu}, client on CPU {client_cpu}: "
    if server_cpu == client_cpu:
        return head + "one CPU for both, so rates and latencies say little; what a message costs is still measured", True
    if client_cpu in cpu_set(siblings(server_cpu)):
        return head + "two threads of one core, which slow each other down; choose another with --client-cpu where there is one", True
    cache = "one last-level cache" if client_cpu in last_level_cache(server_cpu) else "no cache in common"
    return head + f"two cores, {cache}", False


def facts(server_cpu):
    cpuinfo, config = text_of("/proc/cpuinfo"), kernel_config()
    rate = re.search(r"^CONFIG_HZ=(\d+)$", config, re.MULTILINE)
    count = os.cpu_count()
    found = {
        "cpu": entry(cpuinfo, "model name") or platform.machine(),
        "cpus": count,
        "siblings": sorted({siblings(cpu) for cpu in range(count)}),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": platform.release(),
        "hz": int(rate.group(1)) if rate else None,
        "preempt": preempt_mode(config),
        "governor": text_of(f"/sys/devices/system/cpu/cpu{server_cpu}/cpufreq/scaling_governor"),
        "virtual": virtualisation(cpuinfo),
        "mitigations": (re.search(r"\bmitigations=(\S+)", text_of("/proc/cmdline")) or [None, ""])[1],
    }
    return {name: value for name, value in found.items() if value not in (None, "")}


def facts_text(build):
    """A few lines of Markdown, for scripts whose page is only that."""
    import datetime
    import program
    now = facts(0)
    return (f"- {now['cpu']}, {now['cpus']} CPUs, {now['memory_gib']:.0f} GiB, kernel {now['kernel']}, "
            f"{datetime.date.today().isoformat()}\n" + "".join(f"- {line}\n" for line in program.version_lines(build)))

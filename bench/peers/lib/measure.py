"""One run: a client against a server, and whether it may count."""
import json
import subprocess
import threading
import time

from lib import program

STEAL_MAX = 0.01
# At both ends of the measured time, for connecting and for the last answers.
MARGIN_S = 0.15
# Signs of ringgate-load (docs/load.md) that somebody else was on its CPU, or nobody.
DISTURBED = ("CPU taken", "steal", "throttled", "paused")
# The client looks for answers instead of sleeping: over loopback the server would pay for waking it.
BUSY_POLL_US = 1000


def cpu_line():
    with open("/proc/stat", encoding="utf-8") as file:
        fields = [int(field) for field in file.readline().split()[1:]]
    return fields[7], sum(fields[:8])


class CpuShare:
    """What a program takes of a CPU between `begin` and `end` seconds from now, looked at by a thread. Not before and after
    the run: that would count the warm-up, and lose the processes that end with their connection."""

    def __init__(self, what, begin, end):
        self.share = 0.0
        self.thread = threading.Thread(target=self.look, args=(what, begin, end), daemon=True)
        self.thread.start()

    def look(self, what, begin, end):
        started = time.monotonic()
        time.sleep(begin)
        first, first_at = what.cpu_ns(), time.monotonic()
        time.sleep(max(0.0, started + end - time.monotonic()))
        last, last_at = what.cpu_ns(), time.monotonic()
        self.share = (last - first) / ((last_at - first_at) * 1e9)

    def value(self):
        self.thread.join()
        return self.share


def verdict(result, steal):
    """(reason not to count it or "", whether the client was at its limit)."""
    signs = [sign for second in result["series"] if not second["warm_up"] for sign in second["limited_by"]]
    disturbed = [sign for sign in DISTURBED if sign in signs]
    if steal > STEAL_MAX:
        return f"steal {100 * steal:.1f} %", False
    if disturbed:
        return disturbed[0], False
    lost = result["submitted"] - result["accepted"]
    if result["accepted"] == 0:
        return "no message was accepted", False
    return "", lost == 0 and "CPU full" in signs


def load(port, cpu, case, warm_up, seconds):
    command = [f"{program.BUILD}/ringgate-load", "--port", str(port), "--json", "--quiet", "--cpu", str(cpu), "--size", "160",
               "--busy-poll", str(BUSY_POLL_US), "--warm-up", str(warm_up), "--duration", str(seconds), "--binds", str(case.binds),
               "--window", str(case.window)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              check=False, timeout=warm_up + seconds + 30)
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise program.Unavailable("ringgate-load did not end") from None
    except json.JSONDecodeError:
        raise program.Unavailable(program.last_line(done.stderr)) from None


def server_round(server, client_cpu, case, warm_up, seconds):
    """One round of a server: a dictionary for table.py."""
    server.resume()
    stolen, ticks = cpu_line()
    share = CpuShare(server, warm_up + MARGIN_S, warm_up + seconds - MARGIN_S)
    try:
        result = load(server.port, client_cpu, case, warm_up, seconds)
    finally:
        taken = share.value()
        server.pause()
    stolen_after, ticks_after = cpu_line()
    fault, client_full = verdict(result, (stolen_after - stolen) / max(1, ticks_after - ticks))
    return {"rate": result["rate"], "server_ns": taken * 1e9 / max(1.0, result["rate"]), "fault": fault,
            "client_full": client_full, "lost": result["submitted"] - result["accepted"],
            "p50_us": result["latency_us"]["p50"], "p99_us": result["latency_us"]["p99"]}


def client_round(client, server, warm_up, seconds):
    """One round of a peer's client against ringgate. Its count of answers comes once a second, as a line; their times are
    those of arrival, so a client that is late in telling is not thought faster or slower for it."""
    deadline = time.monotonic() + 2 * warm_up + seconds + 5
    killer = threading.Timer(deadline - time.monotonic(), client.stop)
    killer.start()
    stolen, ticks = cpu_line()
    began = first = None
    try:
        for line in client.process.stdout:
            now, count = time.monotonic(), int(line)
            if count == 0:
                continue
            began = began or now
            if first is None and now - began >= warm_up - 0.5:
                first = (now, count, server.cpu_ns())
            elif first and now - first[0] >= seconds - 0.2:
                stolen_after, ticks_after = cpu_line()
                answers = count - first[1]
                steal = (stolen_after - stolen) / max(1, ticks_after - ticks)
                return {"rate": answers / (now - first[0]), "lost": 0, "client_full": False, "p50_us": 0.0, "p99_us": 0.0,
                        "server_ns": (server.cpu_ns() - first[2]) / max(1, answers),
                        "fault": f"steal {100 * steal:.1f} %" if steal > STEAL_MAX else ""}
    finally:
        killer.cancel()
        client.stop()
    raise program.Unavailable("its client stopped telling what was answered")

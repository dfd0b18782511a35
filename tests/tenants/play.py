"""The play itself: crowds that come and go, quiet tenants that measure, and one misuse after the
other, with a kill, a stop or nothing at the end of each.
"""
import time

import server
from crowd import Crowd, Process
from esme import ENDING, Caller, Churner, Quiet
from impostor import Impostor
from misuse import Misuse
from setting import JOURNAL, LIMITS, TenantServer, forget_peak, memory_kib

SHARDS_MAX = 2
CHURN_RATE, CHURN_OPERATIONS_PER_S = 600, 4
QUIET_RATE = 1000
ENDS = ("kill", "kill", "term", "term", "nothing")
DELAYS = ("constant", "uniform", "exponential")
BACK_MAX_S = 10
# A misuse goes on while the server ends.
OVERLAP_S = 0.5
SETTLE_MAX_S = 40
PATIENCE_S = 8
QUIET_S = 0.7
POLL_S = 0.01
MIB = 1 << 20
FACTOR, SURPLUS_MS = 3, 2
THROTTLED_SHARE = 0.5


def percentile_ms(times, share):
    return times[min(len(times) - 1, int(len(times) * share))] * 1000 if times else 0.0


class Figures:
    """What neighbours felt in one phase."""

    def __init__(self, books, phase):
        self.submits = books.take_times(phase, "submit")
        self.binds = books.take_times(phase, "bind")
        self.throttled = len(books.take_times(phase, "throttled"))

    def faults(self):
        if self.throttled > THROTTLED_SHARE * (len(self.submits) + self.throttled):
            return [f"{self.throttled} submits of quiet tenants were throttled, and "
                    f"{len(self.submits)} not"]
        return []

    def p99(self):
        return percentile_ms(self.submits, 0.99)

    def text(self):
        def one(name, times):
            p50, p99, longest = (percentile_ms(times, share) for share in (0.5, 0.99, 1))
            return f"{name} p50 {p50:.2f} p99 {p99:.2f} max {longest:.1f} ms of {len(times)}"
        throttled = f", {self.throttled} throttled" if self.throttled else ""
        return f"{one('submit', self.submits)}{throttled}, {one('bind', self.binds)}"


class Play:
    """Use with `with`; ends every process that it has started."""

    def __init__(self, program, setting):
        self.setting = setting
        self.random = setting.random
        self.books = setting.books
        self.orders = setting.orders
        self.server = TenantServer(program, setting.directory, JOURNAL, setting.everybody(),
                                   setting.server_cpus)
        self.crowds = []
        self.misuse = None
        self.shards = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.orders.ending = 1
        self.setting.away()
        self.server.discard()
        for crowd in self.crowds:
            crowd.end(0)
        if self.misuse:
            self.misuse.end(0)

    # The server.

    def start(self):
        """Every start draws another number of shards, another backend and another number that
        subscribers write to.
        """
        self.shards = self.random.choice([one for one in range(1, SHARDS_MAX + 1)
                                          if one != self.shards])
        self.server.mo_of = self.random.choice(
            [one for one in self.setting.churners if one.version >= 0x34])
        sim = {"delay_ms": self.random.randint(20, 300),
               "delay_distribution": f'"{self.random.choice(DELAYS)}"',
               "seed": self.random.randrange(1 << 32)}
        self.server.start(self.shards, sim, LIMITS)
        self.setting.serving()

    def kill(self):
        self.setting.away()
        self.server.kill()

    def terminate(self):
        """Everybody is unbound, and the process ends by itself with status 0. Returns what is wrong
        with that.
        """
        self.orders.up = ENDING
        try:
            return self.server.end()
        finally:
            self.setting.away()
            self.server.discard()

    # The crowds.

    def populate(self):
        setting, port = self.setting, self.server.port

        def quiet(crowd):
            return [Quiet(f"q{one.index}", one, "trx", port, crowd, 1) for one in setting.quiet] + \
                   [Caller(f"c{one.index}", one, "trx", port, crowd, 1) for one in setting.callers]

        def churners(crowd):
            binds = []
            for one in setting.churners:
                roles = ("tx", "rx") if one.index % 3 == 0 else ("trx", "trx")
                binds += [Churner(f"{one.index}.{role}{place}", one, role, port, crowd, 20)
                          for place, role in enumerate(roles)]
            return binds

        def impostor(crowd):
            hashed = [one for one in setting.churners if one.hashed] or setting.callers[:1]
            return Impostor(crowd, hashed[0], hashed[1:] + setting.callers + setting.quiet, port)

        cpus = setting.suite_cpus
        self.crowds = [
            Process(0, cpus, Crowd, setting, "quiet", quiet, QUIET_RATE, 0),
            Process(5, cpus, Crowd, setting, "churners", churners, CHURN_RATE,
                    CHURN_OPERATIONS_PER_S, impostor)]

    def wait(self, condition, seconds):
        deadline = time.monotonic() + seconds
        while not condition():
            self.server.check_running()
            if not all(crowd.alive() for crowd in self.crowds):
                raise server.Fault("a process of the suite itself has ended")
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_S)
        return True

    def await_quiet(self):
        """The quiet tenants are there, and answered."""
        counts = self.setting.counts["quiet"]
        acked = counts.acked
        if not self.wait(lambda: counts.bound >= len(self.setting.quiet) and
                         counts.acked > acked + len(self.setting.quiet), BACK_MAX_S):
            return [f"the quiet tenants were not back within {BACK_MAX_S} s"]
        return []

    # The acts.

    def begin(self):
        self.orders.submitting = self.orders.churning = 1
        self.setting.enter("start")
        self.start()
        self.populate()
        return self.await_quiet()

    def undisturbed(self, seconds):
        self.setting.enter("undisturbed")
        self.wait(lambda: False, seconds)
        self.setting.enter("start")
        return self.describe("undisturbed")

    def describe(self, phase):
        self.books.read()
        return Figures(self.books, phase)

    def round(self, kind, index, seconds):
        """One misuse. What was wrong, and a line about it."""
        setting = self.setting
        faults = []
        before = memory_kib(self.server.process, "VmRSS")
        forget_peak(self.server.process)
        setting.enter(kind)
        victims = setting.callers + [one for one in setting.churners if one.hashed]
        self.misuse = Process(10, setting.suite_cpus, Misuse, setting, self.server.port, kind,
                              index, seconds + OVERLAP_S, setting.abusers, setting.absent, victims)
        self.wait(lambda: False, seconds)
        peak = memory_kib(self.server.process, "VmHWM")
        end = self.random.choice(ENDS)
        shards = self.shards
        if end == "kill":
            self.kill()
        elif end == "term":
            faults += self.terminate()
        if not self.misuse.end(OVERLAP_S + 10):
            faults.append("the misuse itself did not end in order")
        self.misuse = None
        if end != "nothing":
            setting.enter("restart")
            self.start()
        faults += self.await_quiet()
        figures = self.describe(kind)
        faults += figures.faults()
        counts = setting.counts["misuse"]
        return faults, figures, (f"{counts.connections} connections, {counts.octets // MIB} MiB "
                                 f"flood: {figures.text()}, RSS {before // 1024} to "
                                 f"{peak // 1024} MiB, {shards} shards, then {end}")

    def recover(self):
        """After a server that ended by itself."""
        self.setting.away()
        self.server.discard()
        if self.misuse:
            self.misuse.end(0)
            self.misuse = None
        self.setting.enter("restart")
        self.start()

    def settle(self):
        """No more submits: what is owed has to come."""
        self.setting.enter("settle")
        self.orders.submitting = self.orders.churning = 0
        deadline = time.monotonic() + SETTLE_MAX_S
        came, came_at = -1, time.monotonic()

        def done():
            nonlocal came, came_at
            self.books.read()
            now = time.monotonic()
            if self.books.receipts() != came:
                came, came_at = self.books.receipts(), now
            return now > min(deadline, came_at + (PATIENCE_S if self.books.owed() else QUIET_S))

        self.wait(done, SETTLE_MAX_S + 1)

    def finish(self):
        """SIGTERM while everybody is bound."""
        self.setting.enter("end")
        unbound = sum(counts.unbound for counts in self.setting.counts.values())
        faults = self.terminate()
        self.orders.ending = 1
        for crowd in self.crowds:
            if not crowd.end(15):
                faults.append("a process of the suite itself did not end in order")
        unbound = sum(counts.unbound for counts in self.setting.counts.values()) - unbound
        return faults, unbound



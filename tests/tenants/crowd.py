"""A process full of tenants, in one loop."""
import collections
import ctypes
import itertools
import multiprocessing
import os
import random
import selectors
import time

import ledger
from esme import SERVING
from load import die_with_parent
from tenant import NUMBERS_PER_TENANT

BOOK_SIZE = 400
TURN_S = 0.002
BURST_S = 0.05
END_S = 12
LIFE_MAX_S = 24 * 3600
# A process that did not run for so long did not see what came meanwhile.
STALL_S = 0.2


class Orders(ctypes.Structure):
    """What the parent wants; `phase` is the index of a name that everybody has."""
    _fields_ = [(name, ctypes.c_int64) for name in
                ("up", "era", "phase", "submitting", "churning", "ending")]


class Counts(ctypes.Structure):
    """What a process says of itself."""
    _fields_ = [(name, ctypes.c_int64) for name in
                ("acked", "refused", "receipts", "bound", "dropped", "unbound", "mos",
                 "impostures", "connections", "octets")]


class Writer(ledger.Writer):
    """Two lines more than the chaos suite's.

    C id                    an id beside one of its own was queried, and the server knew it
    T phase what seconds    a time that was measured
    F phase who: what       as there, and when and where
    """

    def claimed(self, message_id):
        self.lines.append(f"C {message_id}\n")

    def measured(self, phase, what, seconds):
        self.lines.append(f"T {phase} {what} {seconds:.6f}\n")


class Crowd:
    """The inside of the process. `make_binds(crowd)` fills it."""

    def __init__(self, setting, name, make_binds, rate, operations_per_s, extra=None):
        self.setting = setting
        self.random = random.Random(f"{setting.seed}/{name}")
        self.orders = setting.orders
        self.counts = setting.counts[name]
        self.clock = time.monotonic
        self.selector = selectors.DefaultSelector()
        self.book = collections.deque(maxlen=BOOK_SIZE)
        self.cancelled = set()
        self.writers = {}
        self.numbers = {}
        self.rate = rate
        self.operations_per_s = operations_per_s
        self.credit = 0.0
        self.turn_s = TURN_S
        self.turned_at = self.clock()
        self.binds = make_binds(self)
        self.extra = extra(self) if extra else None

    def writer(self, tenant):
        if tenant.name not in self.writers:
            self.writers[tenant.name] = Writer(self.setting.path(tenant))
        return self.writers[tenant.name]

    def next_number(self, tenant):
        if tenant.name not in self.numbers:
            self.numbers[tenant.name] = itertools.count(tenant.index * NUMBERS_PER_TENANT)
        return next(self.numbers[tenant.name])

    def phase(self):
        return self.setting.phases[self.orders.phase]

    def wrong(self, tenant, who, what):
        self.writer(tenant).wrong(f"{self.phase()} {who} of {tenant.name}: {what}")

    def measured(self, what, seconds):
        next(iter(self.writers.values())).measured(self.phase(), what, seconds)

    def run(self):
        deadline = self.clock() + LIFE_MAX_S
        while not self.orders.ending and self.clock() < deadline:
            self.turn()
        deadline = self.clock() + END_S
        for bind in self.binds:
            bind.unbind(self.clock())
        while any(bind.state != "closed" for bind in self.binds) and self.clock() < deadline:
            self.turn()
        for writer in self.writers.values():
            writer.flush()

    def turn(self):
        now = self.clock()
        self.turn_s, self.turned_at = now - self.turned_at, now
        if self.turn_s > STALL_S:
            self.excuse(self.turn_s)
        for key, _ in self.selector.select(TURN_S):
            if key.data is not None:
                key.data.read(self.clock())
        now = self.clock()
        for bind in self.binds:
            self.keep(bind, now)
        if self.extra:
            self.extra.turn(now)
        if self.orders.submitting and not self.orders.ending:
            self.submit(now)
        for writer in self.writers.values():
            writer.flush()
        for bind in self.binds:
            bind.flush()

    def excuse(self, seconds):
        """Answers that came while this process had no processor are not late."""
        for bind in self.binds:
            if bind.closed_since is not None:
                bind.closed_since += seconds
            if bind.state == "closed":
                continue
            bind.deadline += seconds
            for sequence, (number, sent_at) in bind.pending.items():
                bind.pending[sequence] = (number, sent_at + seconds)

    def keep(self, bind, now):
        if bind.state == "closed":
            # Nobody comes while the server is away: who is let in is let in by this one.
            if self.orders.up == SERVING and now >= bind.retry_at and not self.orders.ending:
                bind.open(now)
            if bind.state == "closed":
                bind.check_kept_out(now)
            return
        bind.turn(now)
        if bind.state != "closed":
            bind.check_deadlines(now)

    def submit(self, now):
        self.credit = min(self.credit + self.turn_s * self.rate, BURST_S * self.rate)
        ready = [bind for bind in self.binds if bind.room(now) > 0]
        self.random.shuffle(ready)
        for bind in ready:
            if self.credit < 1:
                return
            bind.submit(now)
            self.credit -= 1


class Process:
    """A Crowd, or anything else with run(), seen from the parent."""

    def __init__(self, niceness, cpus, make, *arguments):
        context = multiprocessing.get_context("fork")
        self.process = context.Process(target=Process.work, daemon=True,
                                       args=(niceness, cpus, make, *arguments))
        self.process.start()

    @staticmethod
    def work(niceness, cpus, make, *arguments):
        die_with_parent()
        os.nice(niceness)
        if cpus:
            os.sched_setaffinity(0, cpus)
        make(*arguments).run()

    def alive(self):
        return self.process.is_alive()

    def end(self, seconds):
        """Waits, then kills; whether it ended in order."""
        self.process.join(seconds)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        return self.process.exitcode == 0

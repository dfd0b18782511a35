"""What every fault plays on: a directory, a server, clients, a ledger, and the last act, in which
whatever is owed has to come.
"""
import contextlib
import os
import random
import shutil
import tempfile
import time

from client import Plan
from filesystem import Skip
from ledger import Ledger
from load import Load, Traffic
from server import Fault, Server, free_port

PROCESSES = 2
SHARDS_MAX = 3
PROGRESS_MAX_S = 10
SETTLE_MAX_S = 30
# Receipts that are owed and have stopped coming for so long will not come.
PATIENCE_S = 8
# Long enough for a receipt that nobody should send, or for a second one, to show itself.
QUIET_S = 0.7
END_MAX_S = 10
POLL_S = 0.01
MIB = 1 << 20

# Some accounts have several ways in, one has a bind per direction.
PLANS = ([Plan("alpha", "trx")] * 3 + [Plan("beta", "trx")] * 3 +
         [Plan("gamma", "tx"), Plan("gamma", "rx")] * 2)

DELAYS = ("constant", "uniform", "exponential")


def journal(max_bytes=256 * MIB, segment_bytes=MIB):
    return {"mode": '"journal"', "max_bytes": max_bytes, "segment_bytes": segment_bytes}


class Stage:
    """Leaves nothing behind, except its directory when something was wrong. Use with `with`."""

    def __init__(self, program, seed, store, plans=tuple(PLANS), traffic=Traffic(),
                 port=None):
        self.random = random.Random(f"{seed}/stage")
        self.keep = True
        self.directory = tempfile.mkdtemp(prefix="ringgate-chaos-")
        port = port or free_port()
        self.server = Server(program, self.directory, port, store)
        self.load = Load(self.directory, port, list(plans), PROCESSES, seed, traffic)
        self.ledger = Ledger(self.load.paths)
        self.disk = None
        self.chore = None
        self.missed = []

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.server.discard()
        self.load.end()
        self.ledger.close()
        if self.disk:
            self.disk.unmount()
        if self.keep and kind is not Skip:
            print(f"kept: {self.directory}", flush=True)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

    def mount(self, disk):
        """The server's files go there. It is unmounted when the server is gone."""
        disk.mount()
        self.disk = disk
        self.server.data_dir = os.path.join(disk.path, "data")

    @contextlib.contextmanager
    def meanwhile(self, chore):
        """While waiting for anything in this block, does the chore every so often."""
        self.chore = chore
        try:
            yield
        finally:
            self.chore = None

    def draw(self):
        """Every start draws another number of shards, and another backend: an outcome that was told
        and not written down would come out differently after the next start.
        """
        sim = {"delay_ms": self.random.randint(20, 300),
               "delay_distribution": f'"{self.random.choice(DELAYS)}"',
               "seed": self.random.randrange(1 << 32),
               "outcomes": "{ delivered = 0.8, undeliverable = 0.2 }"}
        return self.random.randint(1, SHARDS_MAX), sim

    def start(self, limits=None):
        self.server.start(*self.draw(), limits or {})

    def spawn(self):
        """Does not wait until the server is up."""
        self.server.spawn(*self.draw(), {})

    def wait(self, condition, seconds, what):
        """False once the seconds have passed; with a name for it, that is a fault."""
        deadline = time.monotonic() + seconds
        while not condition():
            if self.chore:
                self.chore()
            self.server.check_running()
            if not self.load.alive():
                raise Fault("a client process of the suite has ended")
            if time.monotonic() > deadline:
                if what:
                    raise Fault(f"not within {seconds} s: {what}")
                return False
            time.sleep(POLL_S)
        return True

    def expect(self, condition, seconds, what):
        """Like wait(), but the play goes on, because what comes next is worth knowing as well."""
        if not self.wait(condition, seconds, None):
            self.missed.append(f"not within {seconds} s: {what}")

    def more(self, name, count=1):
        """A condition for wait(): so many more than now, by the clients' counts."""
        wanted = self.load.total(name) + count
        return lambda: self.load.total(name) >= wanted

    def nothing_owed(self):
        """A condition for wait(), once nobody submits: every receipt has come."""
        self.ledger.read()
        return not self.ledger.owed

    def progress(self):
        """Clients are bound and submits are accepted: the load is on."""
        self.load.submit(True)
        self.wait(self.more("acked"), PROGRESS_MAX_S, "a submit accepted")

    def play(self, seconds):
        """A start, and so long a load."""
        self.start()
        self.progress()
        self.pause(seconds)

    def last_act(self):
        """A start after the last fault, after which all that is owed has to come."""
        self.start()
        self.progress()
        self.settle()

    def ends(self, rounds, before_s, end):
        """So many times a load of a drawn length and `end`, which says how long it took; then the
        last act. The longest of the ends.
        """
        longest = 0
        for _ in range(rounds):
            self.play(self.random.uniform(*before_s))
            longest = max(longest, end(self))
        self.last_act()
        return longest

    def pause(self, seconds):
        """Lets things go on, at most until somebody has died."""
        self.wait(lambda: False, seconds, None)

    def settle(self, patience_s=PATIENCE_S):
        """No more submits; returns once nothing is owed and nothing comes any more."""
        self.load.submit(False)
        deadline = time.monotonic() + SETTLE_MAX_S
        came_at, came = time.monotonic(), -1

        def quiet():
            nonlocal came_at, came
            self.ledger.read()
            now = time.monotonic()
            if self.ledger.receipts_read != came:
                came_at, came = now, self.ledger.receipts_read
            return now > min(deadline, came_at + (patience_s if self.ledger.owed else QUIET_S))

        self.wait(quiet, SETTLE_MAX_S + 1, None)

    def verdict(self, **excuses):
        """The last act: clients leave, the server ends, the ledger is judged."""
        in_order = self.load.end()
        try:
            self.server.wait_for_end(self.server.terminate(), END_MAX_S)
        except Fault as fault:
            self.missed.append(str(fault))
        self.ledger.read()
        verdict = self.ledger.judge(**excuses)
        for what in self.missed:
            verdict.fault("too late or never", what)
        if not in_order:
            verdict.fault("the suite itself", "a client process did not end in order")
        self.keep = bool(verdict.faults)
        return verdict

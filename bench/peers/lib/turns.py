"""Who measures when: rounds in which every server has its turn, and a lock for those who share the machine."""
import collections
import fcntl
import os
import sys
import time

from lib import measure, program

Case = collections.namedtuple("Case", "name binds window")
CASES = [Case("8 x 64", 8, 64), Case("8 x 10", 8, 10), Case("64 x 10", 64, 10)]
CLIENT_CASE = CASES[1]
SERVER_CPU, CLIENT_CPU = 0, 1
# Of load before anything is measured: a JVM goes on compiling for longer than a warm-up lasts, and its first case would suffer.
PRIMING_S = 6
TRIES = 2


def tell(words):
    print(f"peers: {words}", file=sys.stderr, flush=True)


class Lock:
    """On the file that LOCK_FILE names, if any. Kept from one measurement to the next, so that neighbours meet the same
    machine, but not for longer than others can be asked to wait."""
    HELD_S_MAX = 45

    def __init__(self):
        path = os.environ.get("LOCK_FILE")
        self.file = open(path, "a", encoding="utf-8") if path else None  # pylint: disable=consider-using-with
        self.since = None

    def __enter__(self):
        if self.file and self.since is None:
            fcntl.flock(self.file, fcntl.LOCK_EX)
            self.since = time.monotonic()

    def __exit__(self, *_):
        if self.since is not None and time.monotonic() - self.since > self.HELD_S_MAX:
            fcntl.flock(self.file, fcntl.LOCK_UN)
            self.since = None


class Turns:
    """Fills `rounds`, {(name, case): [round]}, and `skipped`, {name: why}."""

    def __init__(self, options, skipped):
        self.options = options
        self.skipped = skipped
        self.rounds = collections.defaultdict(list)
        self.client_rounds = collections.defaultdict(list)
        self.lock = Lock()

    def each(self, names, measured, words):
        """{name: round}, one after the other. Those that somebody else has disturbed are tried again after the others; who
        fails is left out from now on."""
        made = {}
        todo = [name for name in names if name not in self.skipped]
        for _ in range(TRIES):
            for name in todo:
                try:
                    with self.lock:
                        one = measured(name)
                    tell(f"{words}: {name} {one['rate']:,.0f}/s, {one['server_ns']:,.0f} ns {one['fault']}".rstrip())
                    # Of two that are both disturbed, the one that was disturbed less.
                    if name not in made or not one["fault"] or one["rate"] > made[name]["rate"]:
                        made[name] = one
                except program.Unavailable as reason:
                    made.pop(name, None)
                    self.skipped[name] = f"failed at {words}: {reason}"
                    tell(f"{name} {self.skipped[name]}")
            todo = [name for name in todo if name in made and made[name]["fault"]]
        return made

    def prime(self, servers):
        for name in servers:
            tell(f"priming {name}")
            with self.lock:
                try:
                    measure.server_round(servers[name], CLIENT_CPU, CASES[0], PRIMING_S / 2, PRIMING_S / 2)
                except program.Unavailable as reason:
                    self.skipped[name] = str(reason)
                    tell(f"{name} skipped: {reason}")

    def round(self, number, servers, ringgate, clients, directory):
        """All cases, and the clients. Round by round, not case by case: then a bad quarter of an hour is shared by all."""
        words = f"round {number}/{self.options.rounds}"
        warm_up, seconds = self.options.warm_up, self.options.seconds
        for case in CASES:
            made = self.each(servers, lambda name, at=case: measure.server_round(servers[name], CLIENT_CPU, at, warm_up, seconds),
                             f"{words}, {case.name}")
            for name, one in made.items():
                self.rounds[name, case.name].append(one)

        def client(name):
            started = program.start_client(name, directory, CLIENT_CPU, ringgate.port, *CLIENT_CASE[1:])
            return measure.client_round(started, ringgate, warm_up, seconds)

        ringgate.resume()
        for name, one in self.each(clients, client, f"{words}, clients").items():
            self.client_rounds[name].append(one)
        ringgate.pause()

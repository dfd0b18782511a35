"""What everything plays in: a directory, tenants and their parts, a server, ledgers."""
import contextlib
import multiprocessing
import os
import random
import shutil
import tempfile

import server
from crowd import Counts, Orders, Writer
from esme import AWAY, SERVING
from judge import Books, TenantLedger
from misuse import KINDS
from tenant import Tenant, draw_secrets

QUIET = 4
CALLERS = 2
ABUSERS = 6
# What abusers leave behind is read again at every start.
OUTBOX_MAX = 10000
ABSENT = 400
ABSENT_FIRST = 200
OLD_SHARE, HASHED_SHARE = 0.12, 0.25
RECEIPTS = ('"any"', '"same_bind"', '"round_robin"')
PHASES = ("identity", "start", "undisturbed", *KINDS, "restart", "settle", "end")
TERM_MAX_S = 12
MIB = 1 << 20
JOURNAL = {"mode": '"journal"', "max_bytes": 512 * MIB, "segment_bytes": 2 * MIB}
# Neighbours that the server neglects are to be lost within the test, and so it is impatient.
LIMITS = {"enquire_link_ms": 1000, "response_ms": 5000, "drain_ms": 3000, "max_connections": 2000}


class TenantServer(server.Server):
    """A server of these tenants. `mo_of`: whose number the messages from subscribers are for."""

    def __init__(self, program, directory, store, tenants, cpus):
        super().__init__(program, directory, server.free_port(), store)
        self.tenants = tenants
        self.cpus = cpus
        self.mo_of = None
        self.ended_lines = []

    def write_config(self, shards, sim, limits):
        def section(name, rows):
            return [f"[{name}]", *(f"{key} = {value}" for key, value in rows.items())]

        cores = {"shards": shards}
        if self.cpus:
            cores["pin"] = [self.cpus[index % len(self.cpus)] for index in range(shards)]
        rows = [*section("node", {"data_dir": f'"{self.data_dir}"'}),
                *section("store", self.store), *section("cores", cores),
                "[[listen]]", 'address = "127.0.0.1"', f"port = {self.port}",
                *section("backend.sim", sim), *section("limits", limits)]
        if self.mo_of:
            rows += section("backend.sim.mo", {
                "rate": 20, "source": f'"{self.mo_of.mo_source().decode()}"',
                "destination": f'"{self.mo_of.number}"',
                "text": f'"{self.mo_of.mo_text().decode()}"'})
        rows += ["[[account]]", f'system_id = "{server.PROBE}"', f'password = "{server.PROBE}"']
        for tenant in self.tenants:
            rows += tenant.rows()
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("\n".join(rows) + "\n")

    def end(self):
        """SIGTERM: what is wrong with how it ended, and with what it says of itself."""
        try:
            self.wait_for_end(self.terminate(), TERM_MAX_S)
        except server.Fault as fault:
            return [str(fault)]
        line = self.last_words().split("\n")[-1]
        if " ended " not in line:
            return [f"its last line does not say that it ended: {line}"]
        self.ended_lines.append(line)
        counters = dict(word.split("=", 1) for word in line.split() if "=" in word)
        if counters.get("misrouted") != "0":
            return [f"its last line does not say misrouted=0, but {counters}"]
        return []


def memory_kib(process, name):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(name + ":"):
                return int(line.split()[1])
    return 0


def forget_peak(process):
    with open(f"/proc/{process.pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def split_cpus():
    """Those of the server and those of the suite; of a single one, both have it."""
    cpus = sorted(os.sched_getaffinity(0))
    half = len(cpus) // 2
    return (cpus[half:], cpus[:half]) if half else ([], [])


class Setting:
    """Leaves nothing behind but its directory, and that only when something was wrong."""

    phases = PHASES

    def __init__(self, seed, count):
        self.seed = seed
        self.random = random.Random(f"{seed}/setting")
        self.directory = tempfile.mkdtemp(prefix="ringgate-tenants-")
        self.server_cpus, self.suite_cpus = split_cpus()
        secrets = draw_secrets(self.random, count + ABSENT)
        self.random.shuffle(secrets)
        first_abuser = count - ABUSERS
        self.quiet = [Tenant(index, secrets[index], False) for index in range(QUIET)]
        self.callers = [Tenant(QUIET + index, secrets[QUIET + index], index % 2 == 0)
                        for index in range(CALLERS)]
        self.churners = [self.draw_churner(index, secrets[index])
                         for index in range(QUIET + CALLERS, first_abuser)]
        self.abusers = [Tenant(index, secrets[index], index % 3 == 0, options={
            "receipts": RECEIPTS[index % len(RECEIPTS)], "max_outbox": OUTBOX_MAX})
                        for index in range(first_abuser, count)]
        self.absent = [Tenant(ABSENT_FIRST + index, secrets[count + index], False)
                       for index in range(ABSENT)]
        context = multiprocessing.get_context("fork")
        self.orders = context.RawValue(Orders)
        self.counts = {name: context.RawValue(Counts) for name in ("quiet", "churners", "misuse")}
        self.books = None

    def draw_churner(self, index, secret):
        old = self.random.random() < OLD_SHARE or index == QUIET + CALLERS
        options = {"receipts": self.random.choice(RECEIPTS)}
        if self.random.random() < 0.3:
            options["resubmit_window_s"] = 60
        return Tenant(index, secret, self.random.random() < HASHED_SHARE,
                      0x33 if old else 0x34, options)

    def path(self, tenant):
        return os.path.join(self.directory, f"ledger.{tenant.index}")

    def abuse_writer(self):
        return Writer(os.path.join(self.directory, "ledger.abuse"))

    def open_books(self):
        owners = [*self.quiet, *self.callers, *self.churners]
        paths = [(tenant.name, self.path(tenant)) for tenant in owners]
        paths.append(("abusers", os.path.join(self.directory, "ledger.abuse")))
        for _, path in paths:
            open(path, "wb").close()
        self.books = Books([TenantLedger(name, path) for name, path in paths])

    def everybody(self):
        return [*self.quiet, *self.callers, *self.churners, *self.abusers, *self.absent]

    def enter(self, phase):
        self.orders.phase = self.phases.index(phase)

    def away(self):
        self.orders.up = AWAY

    def serving(self):
        """To those who were connected to an earlier server, this is another one."""
        self.orders.era += 1
        self.orders.up = SERVING

    @contextlib.contextmanager
    def held(self):
        """Removes the directory unless told to keep it."""
        self.keep = True
        try:
            yield self
        finally:
            if self.books:
                self.books.close()
            if self.keep:
                print(f"# kept: {self.directory}", flush=True)
            else:
                shutil.rmtree(self.directory, ignore_errors=True)

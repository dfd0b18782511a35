"""Cases that hold connections or messages: memory of idle binds, and the time to recover from a journal."""
import os
import shutil
import subprocess
import time

import program
from case import ValueCase

HOLD_S = 60  # longer than it takes; the holder is ended when it was looked at


class IdleMemory(ValueCase):
    """Resident memory of the server that each bind takes which says nothing."""

    unit, group, rounds_max, each_s = "octets", "hold", 1, 3
    # Memory does not depend on who has the CPU.
    repeats_matter = False

    def __init__(self, name, count, tls=False, wanted=None):
        self.name, self.count, self.tls, self.wanted = name, count, tls, wanted
        self.title = f"{count:,} idle binds" + (", TLS" if tls else "")

    def why_not(self, bench):
        return "these programs were built without TLS" if self.tls and not bench.has_tls else ""

    def value(self, bench, _, build):
        if self.tls and not bench.certificate:
            bench.certificate = program.make_certificate(bench.directory)
        more = ["--tls"] if self.tls else []
        server = program.start_server(build, bench.directory, bench.cpus_of(1), certificate=bench.certificate if self.tls else None)
        holder = None
        try:
            # What any first client touches is not the idle binds' doing.
            program.load(bench.build, server.port, bench.client_cpu, "--count", 1, *more)
            before = server.resident()
            command = program.load_command(bench.build, server.port, bench.client_cpu, "--idle-binds", self.count, "--duration", HOLD_S, *more)
            holder = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                      preexec_fn=program.own_session)
            said = ""
            for said in holder.stderr:
                if said.startswith("holding"):
                    break
            else:
                raise program.Failed(said.strip() or "ringgate-load held no binds")
            return {"value": round((server.resident() - before) / self.count)}
        finally:
            if holder:
                holder.kill()
                holder.wait()
                holder.stderr.close()
            server.kill()


class Recovery(ValueCase):
    """A million open messages, kill -9, and a start on two shards instead of one, until a client is bound and has submitted."""

    name, unit, group, rounds_max, each_s, shards = "recovery", "s", "recovery", 1, 12, 2
    wanted = {"figure": "value", "most": 5}
    never_ms = 3_600_000  # until the messages would end

    def __init__(self, count=1_000_000):
        self.count = count
        self.title = f"{count:,} open messages recovered"

    def value(self, bench, _, build):
        folder = os.path.join(bench.directory, "recovery")
        shape = {"store": "journal", "delay_ms": self.never_ms, "data_dir": folder}
        server = program.start_server(build, bench.directory, bench.cpus_of(1), **shape)
        try:
            result = program.load(bench.build, server.port, bench.client_cpu, "--count", self.count, "--binds", 8, "--window", 64, "--size", 160)
            server.kill()
            if result["accepted"] != self.count:
                raise program.Failed(f"{result['accepted']:,} of {self.count:,} messages were accepted")
            begun = time.perf_counter()
            server = program.start_server(build, bench.directory, bench.cpus_of(2), **shape)
            program.load(bench.build, server.port, bench.client_cpu, "--count", 1)
            return {"value": round(time.perf_counter() - begun, 2)}
        finally:
            server.kill()
            shutil.rmtree(folder, ignore_errors=True)

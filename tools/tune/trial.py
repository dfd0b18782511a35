"""A server and the load on it, on the CPUs that they are given: what one run has shown."""
import ctypes
import dataclasses
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import histogram

CONFIG = """[cores]
shards = {shards}
pin = {pin}
[[listen]]
address = "127.0.0.1"
port = {port}
{tls}
[node]
data_dir = "{folder}/data"
[store]
mode = "{store}"
[backend.sim]
delay_ms = 0
[limits]
max_open_messages = 2000000
max_connections = {connections}
max_unbound_per_address = {connections}
max_unbound = {connections}
handshake_rate = 0
[[account]]
system_id = "tune"
password = "tune"
max_outbox = 1000000
"""


WARM_UP = 0.5


class Trouble(Exception):
    """Something that a person has to mend; told in one line."""


@dataclasses.dataclass(frozen=True)
class Shape:
    """What the load looks like."""
    binds: int = 8
    window: int = 64
    size: int = 160
    receipts: bool = False
    tls: bool = False
    store: str = "none"

    def __str__(self):
        more = [name for name, used in (("TLS", self.tls), ("receipts", self.receipts), ("durable", self.store != "none")) if used]
        return " ".join([f"{self.binds} binds x window {self.window}", *more])


@dataclasses.dataclass
class Found:
    rate: float
    server_ns: float     # CPU of the server for each message
    p50_us: float
    p99_us: float
    sustained: bool      # an open loop's rate was kept
    sound: bool          # nothing lost or refused
    limited: bool        # by the client
    rss_mib: float
    written: float       # octets of the server to its disk for each message
    refused: int = 0

    def as_json(self):
        return dataclasses.asdict(self)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Programs:
    """Where ringgate, ringgate-load and, perhaps, floor are."""

    def __init__(self, folder):
        found = {name: shutil.which(name, path=folder) if folder else shutil.which(name) for name in ("ringgate", "ringgate-load", "floor")}
        for name in ("ringgate", "ringgate-load"):
            if found[name] is None:
                raise Trouble(f"{name} is not in {folder or 'the PATH'}; --programs says where it is")
        self.server, self.load, self.floor = found["ringgate"], found["ringgate-load"], found["floor"]


def make_certificate(folder):
    try:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        f"{folder}/key.pem", "-out", f"{folder}/cert.pem", "-days", "2", "-subj", "/CN=ringgate-tune"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        raise Trouble("TLS needs a certificate, and openssl could not make one") from None
    return f'tls = {{ cert = "{folder}/cert.pem", key = "{folder}/key.pem" }}'


LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
started = []  # what has to end with this program, however it ends


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end_all():
    """Whatever an interrupt has left."""
    for server in list(started):
        server.end()


class Server:
    """Runs from with-statement to its end. `cpus`: one for each shard; with `free`, they may use these instead."""

    def __init__(self, programs, shape, cpus, data_dir=None, floor=False, free=()):
        self.port, self.process, self.folder = free_port(), None, None
        self.shards, self.free = len(cpus), free
        started.append(self)
        try:
            self.folder = tempfile.mkdtemp(prefix="ringgate-tune-", dir=data_dir)
        except OSError as error:
            raise Trouble(f"cannot write into {data_dir}: {error.strerror}") from None
        if floor:
            command = [programs.floor, "--port", str(self.port), "--cpu", str(cpus[0])]
        else:
            command = [programs.server, "serve", "--config", self.configure(shape, cpus)]
        with open(f"{self.folder}/log", "w") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                            preexec_fn=die_with_parent)

    def configure(self, shape, cpus):
        text = CONFIG.format(shards=len(cpus), pin=list(cpus), port=self.port, folder=self.folder, connections=shape.binds * 2 + 100,
                             store=shape.store, tls=make_certificate(self.folder) if shape.tls else "")
        path = f"{self.folder}/ringgate.toml"
        with open(path, "w") as file:
            file.write(text)
        return path

    def __enter__(self):
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
                continue
            if self.free:
                self.loosen()
            return self
        with open(f"{self.folder}/log") as log:
            said = log.read().strip().splitlines()
        self.end()
        raise Trouble("the server did not start: " + (said[-1] if said else "it said nothing"))

    def __exit__(self, *_):
        self.end()

    def end(self):
        if self in started:
            started.remove(self)
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def tasks(self):
        return [int(task) for task in os.listdir(f"/proc/{self.process.pid}/task")]

    def loosen(self):
        """The server binds every shard to a CPU, and no setting changes that; so it is undone, as `taskset -a` would. That it
        listens does not say that all shards are bound already."""
        try:
            for _ in range(200):
                bound = [task for task in self.tasks() if len(os.sched_getaffinity(task)) == 1]
                if len(bound) >= self.shards:
                    break
                time.sleep(0.05)
            for task in bound:
                os.sched_setaffinity(task, self.free)
        except OSError as error:
            self.end()
            raise Trouble(f"shards cannot be left to the scheduler: {error.strerror}") from None
        if len(bound) < self.shards:
            self.end()
            raise Trouble("shards cannot be left to the scheduler: the server has not bound them all")

    def cpu_ns(self):
        total = 0
        for task in self.tasks():
            with open(f"/proc/{self.process.pid}/task/{task}/schedstat") as file:
                total += int(file.read().split()[0])
        return total

    def number(self, file, name):
        try:
            with open(f"/proc/{self.process.pid}/{file}") as lines:
                return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)
        except OSError:
            return 0


def run_load(programs, port, shape, cpus, rate, seconds, warm_up):
    """One process for each CPU of the load, of which each takes its part; at most as many as there are binds."""
    cpus = cpus[:shape.binds]
    processes = []
    for i, cpu in enumerate(cpus):
        binds = shape.binds // len(cpus) + (i < shape.binds % len(cpus))
        command = [programs.load, "--port", str(port), "--account", "tune:tune", "--cpu", str(cpu), "--json", "--quiet", "--binds",
                   str(binds), "--window", str(shape.window), "--size", str(shape.size), "--duration", str(seconds), "--warm-up", str(warm_up)]
        command += ["--rate", f"{rate * binds / shape.binds:.3f}"] if rate else []
        command += ["--receipts"] if shape.receipts else []
        command += ["--tls"] if shape.tls else []
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
                                          preexec_fn=die_with_parent))
    told = []
    try:
        for process in processes:
            out, said = process.communicate(timeout=seconds + warm_up + 120)
            if not out:
                raise Trouble("ringgate-load: " + (said.strip().splitlines() or ["said nothing"])[-1])
            told.append(json.loads(out))
    except subprocess.TimeoutExpired:
        raise Trouble("ringgate-load did not come to its end") from None
    except ValueError:
        raise Trouble("ringgate-load did not print what it should") from None
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.wait()
    return told


def line_of(found):
    """A run as `ringgate-load compare` reads it."""
    return json.dumps({"rate": found.rate, "latency_us": {"p99": found.p99_us}, "client": {"limited": found.limited}}) + "\n"


def compare(programs, default, other, metric):
    """What ringgate-load says of runs that took turns: verdict, ratio, low, high."""
    with tempfile.TemporaryDirectory(prefix="ringgate-tune-") as folder:
        files = [os.path.join(folder, name) for name in ("default", "other")]
        for path, runs in zip(files, (default, other)):
            with open(path, "w") as file:
                file.writelines(line_of(found) for found in runs)
        done = subprocess.run([programs.load, "compare", *files, "--json", "--metric", metric], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise Trouble("ringgate-load compare: " + (done.stderr.strip().splitlines() or ["said nothing"])[-1]) from None


def run(programs, server, shape, cpus, rate, seconds):
    """A closed loop, or an open one at a rate that is not 0. `server` is running."""
    warm_up = min(WARM_UP, seconds / 2)
    cpu, written = server.cpu_ns(), server.number("io", "write_bytes")
    told = run_load(programs, server.port, shape, cpus, rate, seconds, warm_up)
    accepted = max(1, sum(one["accepted"] for one in told))
    latencies = histogram.added(histogram.counts_of(one["histograms"]["latency_ns"]) for one in told)
    return Found(
        rate=sum(one["rate"] for one in told),
        server_ns=(server.cpu_ns() - cpu) / accepted,
        p50_us=histogram.quantile(latencies, 0.5) / 1000,
        p99_us=histogram.quantile(latencies, 0.99) / 1000,
        sustained=all(one["sustainable"] for one in told),
        sound=all(one["unanswered"] == one["connections_lost"] == one["receipts"]["missing"] == one["receipts"]["duplicate"] == 0 and
                  one["accepted"] == one["responses"] for one in told),
        limited=any(one["client"]["limited"] for one in told),
        rss_mib=server.number("status", "VmRSS:") / 1024,
        written=(server.number("io", "write_bytes:") - written) / accepted if shape.store != "none" else 0.0,
        refused=sum(one["responses"] - one["accepted"] for one in told))

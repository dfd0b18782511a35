"""The programs that are measured, and what the kernel says of their CPU time and memory.

bench/neighbours, bench/floods and bench/tls start their servers through this as well.
"""
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Where a script that has no option for it finds the programs; those that have one change it.
BUILD = os.path.join(ROOT, "build")

CONFIG = """
[cores]
shards = {shards}
pin = {pin}
[[listen]]
address = "127.0.0.1"
port = {port}
[backend]
kind = "sim"
[node]
data_dir = "{data_dir}"
[store]
mode = "{store}"
[backend.sim]
delay_ms = {delay_ms}
[limits]
max_open_messages = 2000000
[[account]]
system_id = "test"
password = "test"
max_outbox = 1000000
"""
# The bench is one address that shakes hands as often as it can: nothing of that shall be held back.
LIMITS_OF_TLS = "[limits]\nhandshake_rate = 0\nmax_unbound = 5000\nmax_unbound_per_address = 5000\n"

READY_WAIT_S = 30
STOP_WAIT_S = 10
# A load that says nothing for so long beyond its time hangs.
LOAD_WAIT_S = 60


class Failed(Exception):
    """A program that did not do what a case needs."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def own_session():
    """Between fork and exec: Ctrl-C is for the bench, which then ends in order what it has started. Where it cannot, killed, nothing
    of that stays behind."""
    os.setsid()
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Program:
    """A server under test."""

    def __init__(self, command, port, waits=True):
        self.port = port
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, preexec_fn=own_session)
        if waits:
            self.wait_ready()

    def wait_ready(self):
        deadline = time.monotonic() + READY_WAIT_S
        try:
            while time.monotonic() < deadline and self.process.poll() is None:
                try:
                    socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                    return
                except OSError:
                    time.sleep(0.02)
        except BaseException:
            # Nobody else knows of it yet.
            self.kill()
            raise
        self.kill()
        raise Failed(f"{os.path.basename(self.process.args[0])} did not start")

    def schedule(self):
        """Nanoseconds that its threads ran, and that they waited for a CPU."""
        ran = waited = 0
        tasks = f"/proc/{self.process.pid}/task"
        for task in os.listdir(tasks):
            try:
                with open(f"{tasks}/{task}/schedstat", encoding="ascii") as file:
                    fields = file.read().split()
            except OSError:
                continue  # it has ended
            ran += int(fields[0])
            waited += int(fields[1])
        return ran, waited

    def cpu_ns(self):
        return self.schedule()[0]

    def resident(self):
        with open(f"/proc/{self.process.pid}/smaps_rollup", encoding="ascii") as file:
            for line in file:
                if line.startswith("Rss:"):
                    return int(line.split()[1]) * 1024
        return 0

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            self.kill()


def start_floor(build, cpu, port=None, waits=True, receipts=False):
    port = port or free_port()
    return Program([f"{build}/floor", "--port", str(port), "--cpu", str(cpu), *(["--receipts"] if receipts else [])], port, waits)


def start_server(build, directory, cpus, store="none", delay_ms=0, certificate=None, port=None, data_dir=None, waits=True,
                 busy_poll_us=0):
    """ringgate with a shard on each of `cpus`. Its journal is in `data_dir`, or in a new folder of `directory`."""
    port = port or free_port()
    text = CONFIG.format(shards=len(cpus), pin=list(cpus), port=port, store=store, delay_ms=delay_ms,
                         data_dir=data_dir or os.path.join(directory, f"data-{port}"))
    if busy_poll_us:
        text = text.replace("[cores]\n", f"[cores]\nbusy_poll_us = {busy_poll_us}\n")
    command = [f"{build}/ringgate", "serve", "--config", os.path.join(directory, f"{port}.toml")]
    if certificate:
        text = text.replace("[limits]\n", LIMITS_OF_TLS)
        text = text.replace(f"port = {port}", f'port = {port}\ntls = {{ cert = "{certificate}.pem", key = "{certificate}.key" }}')
        # Threads that shake hands stay on the server's CPUs.
        command = ["taskset", "-c", ",".join(map(str, cpus)), *command]
    with open(os.path.join(directory, f"{port}.toml"), "w", encoding="utf-8") as file:
        file.write(text)
    return Program(command, port, waits)


def make_certificate(directory):
    """Of an elliptic curve; the path without .pem and .key."""
    path = os.path.join(directory, "bench")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=bench.example", "-out", f"{path}.pem", "-keyout", f"{path}.key"],
                   check=True, stderr=subprocess.DEVNULL)
    return path


def load_command(build, port, cpu, *arguments):
    return [f"{build}/ringgate-load", "--port", str(port), "--system-id", "test", "--password", "test", "--cpu", str(cpu),
            *[str(argument) for argument in arguments]]


def load(build, port, cpu, *arguments):
    """What ringgate-load says in JSON, whatever became of its messages."""
    command = load_command(build, port, cpu, "--json", "--quiet", *arguments)
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              check=False, preexec_fn=own_session, timeout=LOAD_WAIT_S)
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise Failed("ringgate-load does not end") from None
    except json.JSONDecodeError:
        raise Failed((done.stderr.strip().splitlines() or ["ringgate-load said nothing"])[-1]) from None


def measure(build, program, cpu, *arguments):
    """A load with what each message cost the server, and the nanoseconds that the server waited for a CPU meanwhile."""
    ran, waited = program.schedule()
    result = load(build, program.port, cpu, *arguments)
    ran_after, waited_after = program.schedule()
    result["server_ns"] = (ran_after - ran) / max(1, result["accepted"])
    result["server_wait_ns"] = waited_after - waited
    return result


def snapshot(build, folder, names):
    """Copies of programs: whoever builds while they are measured must not change them."""
    os.mkdir(folder)
    for name in names:
        shutil.copy2(os.path.join(build, name), os.path.join(folder, name))
    return folder


def version_lines(build):
    """What `ringgate --version` says, line by line."""
    return subprocess.run([f"{build}/ringgate", "--version"], stdout=subprocess.PIPE, text=True, check=False).stdout.splitlines()

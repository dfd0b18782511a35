"""The real server process: its configuration, its start, and its end by whatever means."""
import os
import random
import signal
import socket
import subprocess
import time

import client
from load import die_with_parent

ACCOUNTS = ("alpha", "beta", "gamma")
PROBE = "probe"
START_MAX_S = 10
POLL_S = 0.002
LAST_WORDS = 5
STILL_HELD = "is in use by another program"
PORTS = range(20000, 32000)


class Fault(Exception):
    """What the server did wrong, other than losing messages."""


def free_port():
    """Below the ports that outgoing connections get. While the server is away its port must not
    become the client's end of somebody's connection, or the server could not have it back.
    """
    ports = list(PORTS)
    random.shuffle(ports)
    for port in ports:
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Fault("no free port")


class Server:
    """Starts, stops and ends the process, which is known by its pid and nothing else."""

    def __init__(self, program, directory, port, store):
        self.program = program
        self.config = os.path.join(directory, "ringgate.toml")
        self.log = os.path.join(directory, "server.log")
        self.data_dir = os.path.join(directory, "data")
        self.port = port
        self.listens_on = ("127.0.0.1", port)
        self.store = store
        self.process = None
        self.start_longest_s = 0
        self.starts_in_vain = 0

    def write_config(self, shards, sim, limits):
        rows = ["[node]", f'data_dir = "{self.data_dir}"',
                "[store]", *(f"{key} = {value}" for key, value in self.store.items()),
                "[cores]", f"shards = {shards}",
                "[[listen]]", 'address = "%s"\nport = %d' % self.listens_on,
                "[backend.sim]", *(f"{key} = {value}" for key, value in sim.items()),
                "[limits]", *(f"{key} = {value}" for key, value in limits.items())]
        for account in (*ACCOUNTS, PROBE):
            rows += ["[[account]]", f'system_id = "{account}"', f'password = "{account}"']
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("\n".join(rows) + "\n")

    def spawn(self, shards, sim, limits):
        self.write_config(shards, sim, limits)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "serve", "--config", self.config], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, preexec_fn=die_with_parent)

    def start(self, shards, sim, limits):
        """Returns when a bind was accepted."""
        started = time.monotonic()
        self.spawn(shards, sim, limits)
        while client.probe(self.port, PROBE, START_MAX_S) != 0:
            if time.monotonic() > started + START_MAX_S:
                raise Fault(f"no bind accepted within {START_MAX_S} s of the start; its last "
                            f"words:\n{self.last_words()}")
            time.sleep(POLL_S)
            # The kernel takes down the ring of a killed process a moment after its end, and only
            # then closes what the ring was working on: the listening socket.
            if self.process.poll() is not None and self.last_words().endswith(STILL_HELD):
                self.starts_in_vain += 1
                self.spawn(shards, sim, limits)
            self.check_running()
        self.start_longest_s = max(self.start_longest_s, time.monotonic() - started)

    def check_running(self):
        status = self.process.poll()
        if status is not None:
            raise Fault(f"the server ended by itself with status {status}; its last words:\n" +
                        self.last_words())

    def last_words(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-LAST_WORDS:]).rstrip()

    def kill(self):
        """kill -9, of a server that must still be running."""
        self.check_running()
        self.process.kill()
        self.process.wait()

    def freeze(self):
        self.check_running()
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def terminate(self):
        """SIGTERM; returns the moment."""
        self.check_running()
        self.process.terminate()
        return time.monotonic()

    def wait_for_end(self, terminated, seconds):
        """After terminate(): how long the end took. Status 0 is part of it."""
        try:
            status = self.process.wait(max(0, terminated + seconds - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise Fault(f"SIGTERM did not end the server within {seconds} s") from None
        if status != 0:
            raise Fault(f"SIGTERM ended the server with status {status}; its last words:\n" +
                        self.last_words())
        return time.monotonic() - terminated

    def discard(self):
        """At the end of a fault, however it came about."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

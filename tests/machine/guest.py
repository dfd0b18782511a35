"""The server process on the machine, with the interface of the chaos suite's, whose clients reach it
through the forwarded port.
"""
import os
import time

import client
import stage as chaos_stage
from machine import GUEST_PORT
from server import PROBE, Fault, Server

START_MAX_S = 40
PROBE_MAX_S = 5
END_MAX_S = 60
POLL_S = 0.1
CONFIG = "/etc/ringgate.toml"
LOG = "/tmp/log"
MOUNT = "/mnt"
KILLED = 128 + 9

# What the chaos suite calls too long is natural for an emulated processor that is shared.
client.BIND_TIMEOUT_S = client.RESPONSE_TIMEOUT_S = 40
chaos_stage.PROGRESS_MAX_S = 40
chaos_stage.SETTLE_MAX_S = 60


def guest_stage(machine, seed, store, **options):
    """A stage whose server is there. Its clients come after the machine: before, the emulator would
    take their connections and keep them waiting.
    """
    stage = chaos_stage.Stage("ringgate", seed, store, port=machine.port, **options)
    stage.server = GuestServer(machine, stage.server)
    return stage


class GuestServer(Server):
    def __init__(self, machine, local):
        """`local`: what a stage has made for itself; it knows the directory, the port, the store."""
        directory = os.path.dirname(local.config)
        super().__init__("ringgate", directory, local.port, local.store)
        self.machine = machine
        self.data_dir = os.path.join(MOUNT, "data")
        self.listens_on = ("0.0.0.0", GUEST_PORT)
        self.pid = None

    def spawn(self, shards, sim, limits):
        self.write_config(shards, sim, limits)
        with open(self.config, encoding="utf-8") as config:
            self.machine.write(CONFIG, config.read())
        self.pid = int(self.machine.check(f"ringgate serve --config {CONFIG} >>{LOG} 2>&1 & echo $!"))

    def start(self, shards, sim, limits):
        started = time.monotonic()
        self.spawn(shards, sim, limits)
        while client.probe(self.port, PROBE, PROBE_MAX_S) != 0:
            if time.monotonic() > started + START_MAX_S:
                raise Fault(f"no bind accepted within {START_MAX_S} s of the start; its last "
                            f"words:\n{self.last_words()}")
            time.sleep(POLL_S)
        self.start_longest_s = max(self.start_longest_s, time.monotonic() - started)

    def check_running(self):
        """Of the machine: asking for the process over the console takes too long for every look."""
        if self.machine.process.poll() is not None:
            raise Fault("the machine has ended")

    def last_words(self):
        return self.machine.run(f"tail -n 5 {LOG}")[1].rstrip()

    def signal(self, name):
        if self.machine.run(f"kill -{name} {self.pid}")[0] != 0:
            raise Fault(f"the server had ended by itself; its last words:\n{self.last_words()}")

    def kill(self):
        # In one command: an end that comes while the shell reads the next one splits that line.
        status = self.machine.run(f"kill -9 {self.pid} && wait {self.pid}", END_MAX_S)[0]
        self.pid = None
        if status != KILLED:
            raise Fault(f"kill -9 ended the server with status {status}; its last words:\n" +
                        self.last_words())

    def terminate(self):
        self.signal("TERM")
        return time.monotonic()

    def end(self, seconds=END_MAX_S):
        status = self.machine.run(f"wait {self.pid}", seconds)[0]
        self.pid = None
        return status

    def wait_for_end(self, terminated, seconds):
        """The seconds are those of a machine of today."""
        status = self.end(seconds * 4)
        if status != 0:
            raise Fault(f"SIGTERM ended the server with status {status}; its last words:\n" +
                        self.last_words())
        return time.monotonic() - terminated

    def discard(self):
        if self.pid is not None and self.machine.process.poll() is None:
            self.machine.run(f"kill -9 {self.pid}; wait {self.pid}")
            self.pid = None

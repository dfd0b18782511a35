"""The reader of the power cuts against a journal that nothing was cut from. It needs no emulator, so that
a dump whose fields have changed is noticed wherever the tests run, and not at the next power cut.
"""
import os
import time

from client import Plan
from disk import Orders
from held import STATS, judge, read_journal
from load import Traffic
from server import Fault, Server, free_port
from stage import MIB, journal
from stamped import StampedLoad, promises

STORE = journal(max_bytes=16 * MIB)
PLANS = [Plan("alpha", "trx", window=20)] * 2
TRAFFIC = Traffic(receipt_share=1, text_sizes=(400, 1600), rate_per_process=400)
SIM = {"delay_ms": 200, "delay_distribution": '"uniform"',
       "outcomes": "{ delivered = 0.5, undeliverable = 0.5 }"}
TOLD_OF_EACH, WAIT_MAX_S, POLL_S = 20, 30, 0.05


def load(setting, heard):
    """A server under load, until it is killed in the middle of it. Gives its directory."""
    server = Server(setting.programs["ringgate"], setting.directory, free_port(), STORE)
    clients = None
    try:
        server.start(1, SIM, {})
        clients = StampedLoad(heard, PLANS, server.port, setting.seed, Orders(), TRAFFIC)
        deadline = time.monotonic() + WAIT_MAX_S
        while any(told(heard).count(stat) < TOLD_OF_EACH for stat in STATS.values()):
            if time.monotonic() > deadline:
                raise Fault(f"receipts of both kinds took more than {WAIT_MAX_S} s")
            time.sleep(POLL_S)
        server.kill()
    finally:
        if clients:
            clients.end()
        server.discard()
    return server.data_dir


def told(path):
    return [promise.stat for promise in promises(path)[0].values()]


def play_reader(setting):
    heard = setting.path("heard")
    data = load(setting, heard)
    held = read_journal(setting.programs["ringgate"], data)
    known, wrongs = promises(heard)
    faults, owed = judge(held, known, position=0)
    faults += [("not to be seen by any client", wrong) for wrong in wrongs]
    # judge() looks at open messages only, which is right where files are lost; here none is.
    faults += [("told and read otherwise", f"{one}: {promise.stat}, read as {held[one].stat}")
               for one, promise in known.items()
               if promise.stat and one in held and held[one].stat != promise.stat]
    read = {"open messages": sum(one.open for one in held.values()),
            "closed messages": sum(not one.open for one in held.values()),
            "owed messages": owed, **{stat: 0 for stat in STATS.values()}}
    for one in held.values():
        if one.stat:
            read[one.stat] += 1
    faults += [("nothing read of a kind", what) for what, count in read.items() if not count]
    return faults, ", ".join(f"{count} {what}" for what, count in read.items())


def run(setting, plays):
    plays.play("reader", play_reader, setting)

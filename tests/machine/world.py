"""What else a disk and a clock do to a machine: flushes that take long, no room, a clock that is set, and
at the end a disk that refuses every write.
"""
import pdu
from client import Plan
from disk import Disk, format_disk
from guest import MOUNT, guest_stage
from load import Traffic
from machine import Machine
from server import Fault, free_port
from stage import MIB, journal

DISK_SIZE = 64 * MIB
# More than the disk has, so that the disk is the limit.
STORE = journal(max_bytes=256 * MIB)
TRAFFIC = Traffic(receipt_share=1, text_sizes=(400, 1600), rate_per_process=150)
MUCH = Traffic(receipt_share=1, text_sizes=(1600, 1600), rate_per_process=600)
# Who submits takes no receipts, so that receivers can stay away.
PLANS = tuple(Plan(account, role) for account in ("alpha", "beta") for role in ("tx", "tx", "rx", "rx"))
FILL_MAX_S = 60
# The file system gives back what was deleted a commit ago while the room is being taken.
FILL_MAX_ROUNDS = 20
SLOW_MS = 700
UNDER_S = 2
MORE_MAX_S = 30
FOREIGN = f"{MOUNT}/foreign"
DAY_S = 86400
# Forwards over every date that a message has, and back behind them.
JUMPS_S = (30 * DAY_S, -60 * DAY_S)
REFUSALS = (pdu.ESME_RMSGQFUL, pdu.ESME_RSYSERR, pdu.ESME_RSUBMITFAIL)
JOURNAL_FAILED = 3
END_MAX_S = 60


def on_stage(machine, setting, name, act, traffic=TRAFFIC):
    """A load, the act in the middle of it, and after it everything that is owed."""
    # What a play that failed has left would fail the others.
    machine.check(f"rm -rf {MOUNT}/data {FOREIGN}")
    with guest_stage(machine, f"{setting.seed}/{name}", STORE, plans=PLANS, traffic=traffic) as stage:
        stage.start()
        stage.progress()
        line = act(machine, stage)
        stage.wait(stage.more("acked", 50), MORE_MAX_S, f"submits accepted after: {name}")
        stage.settle()
        verdict = stage.verdict(refusals_allowed=REFUSALS)
    return verdict.faults, f"{line}, {verdict.text()}"


def slow(disk):
    def act(machine, stage):
        disk.orders.flush_ms = SLOW_MS
        # Each of these waits for flushes; nothing else is asked for.
        stage.wait(stage.more("acked", 20), MORE_MAX_S, "submits accepted by a slow disk")
        stage.pause(UNDER_S)
        disk.orders.flush_ms = 0
        return f"flushes of {SLOW_MS} ms"
    return act


def take_room(machine):
    for _ in range(FILL_MAX_ROUNDS):
        machine.run(f"for size in 64k 4k 1k; do dd if=/dev/zero bs=$size >> {FOREIGN}; done; sync")
        room = machine.check(f"df -k {MOUNT} | tail -n 1 | awk '{{ print $4 }}'").strip()
        if room == "0":
            return
    raise Fault(f"the disk still has {room} KiB")


def full(machine, stage):
    """Somebody else takes the room, and receivers stay away until submits are refused."""
    take_room(machine)
    stage.load.receive(False)
    stage.wait(stage.more("refused"), FILL_MAX_S, "a submit refused by a full disk")
    stage.load.submit(False)
    stage.load.receive(True)
    stage.wait(stage.more("receipts"), MORE_MAX_S, "a receipt from a full disk")
    stage.wait(stage.nothing_owed, MORE_MAX_S, "all receipts from a full disk")
    stage.server.kill()
    machine.check(f"rm {FOREIGN}")
    stage.start()
    stage.load.submit(True)
    return "a disk without room"


def clock(machine, stage):
    for jump in JUMPS_S:
        machine.check(f"date -s @$(($(date +%s) + {jump}))")
        stage.pause(UNDER_S / 2)
        stage.wait(stage.more("receipts", 20), MORE_MAX_S, "receipts after the clock was set")
        stage.server.kill()
        stage.start()
        stage.progress()
    days = " and ".join(f"{jump // DAY_S:+}" for jump in JUMPS_S)
    return f"a clock set by {days} days, with a start after each"


def failing(disk):
    def act(machine, stage):
        disk.orders.failing = 1
        status = stage.server.end(END_MAX_S)
        if status != JOURNAL_FAILED:
            raise Fault(f"a failed disk ended the server with status {status}, not {JOURNAL_FAILED}; its "
                        f"last words:\n{stage.server.last_words()}")
        disk.orders.failing = 0
        # The file system has given up as well.
        machine.check(f"umount {MOUNT}; mount -t ext4 /dev/vda {MOUNT}")
        stage.start()
        stage.progress()
        return "writes and flushes refused"
    return act


def run(setting, plays):
    image = setting.path("world.image")
    format_disk(image, DISK_SIZE)
    with Disk(image, setting.path("world.log")) as disk, \
            Machine(setting, port=free_port(), disk=disk.words()) as machine:
        machine.check(f"mount -t ext4 /dev/vda {MOUNT}")
        for name, act, *traffic in (("slow", slow(disk)), ("clock", clock), ("full", full, MUCH),
                                    ("failing", failing(disk))):
            plays.play(f"world.{name}", on_stage, machine, setting, name, act, *traffic)

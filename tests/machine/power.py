"""Power cuts of a whole machine. One run is recorded: clients load the server, which is killed and
started once in the middle, until the emulator is ended. Then the disk is made as it may have been at
drawn moments of the run, and the journal on it must have whatever clients knew by that moment.
"""
import random

from client import Plan
from cut import Cutter
from disk import FLUSH, Disk, format_disk, read_log
from guest import MOUNT, GuestServer
from held import judge, read_journal
from load import Traffic
from machine import Machine
from server import Fault, Server, free_port
from stage import MIB, journal
from stamped import StampedLoad, promises

CUTS = 12
# How many cuts of a disk that lies about its last flushes it takes at most to find a loss.
LYING_CUTS = 40
LYING_FLUSHES = 4
DISK_SIZE = 64 * MIB
STORE = journal(max_bytes=16 * MIB)
PLANS = [Plan("alpha", "trx", window=20)] * 2 + [Plan("beta", "tx", window=20), Plan("beta", "rx")]
# Long texts, so that segments are used up and used again within the run.
TRAFFIC = Traffic(receipt_share=1, text_sizes=(400, 1600), rate_per_process=400)
LOAD_S = (2, 5)
# A start takes as long as ten other cuts: not more than so many, and not oftener.
STARTS, STARTED_EVERY = 20, 6


def record(setting, draw):
    """Gives the image before, the log, and what the clients heard."""
    image, log, heard = (setting.path(f"power.{name}") for name in ("image", "log", "heard"))
    format_disk(image, DISK_SIZE)
    with Disk(image, log) as disk, Machine(setting, port=free_port(), disk=disk.words()) as machine:
        machine.check(f"mount -t ext4 /dev/vda {MOUNT}")
        guest = GuestServer(machine, Server("ringgate", setting.directory, machine.port, STORE))
        clients = None
        try:
            for _ in range(2):
                if guest.pid:
                    guest.kill()
                guest.start(draw.randint(1, 2), {"delay_ms": draw.randint(100, 900),
                                                 "seed": draw.randrange(1 << 32),
                                                 "outcomes": "{ delivered = 0.8, undeliverable = 0.2 }"}, {})
                clients = clients or StampedLoad(heard, PLANS, machine.port, setting.seed, disk.orders,
                                                 TRAFFIC)
                machine.run(f"sleep {draw.uniform(*LOAD_S):.2f}")
            machine.cut_power()
        finally:
            if clients:
                clients.end()
    return image, list(read_log(log)), heard


def start_on(program, setting, data, owed):
    """A server takes that directory over, here, with another number of shards."""
    one = Server(program, setting.directory, free_port(), STORE)
    one.log = setting.path("start.log")
    open(one.log, "wb").close()
    one.data_dir = data
    try:
        one.start(2, {"delay_ms": 600_000}, {})
        one.process.kill()
        one.process.wait()
    except Fault as fault:
        return [("no start from what the cut left", fault)]
    finally:
        one.discard()
    with open(one.log, encoding="utf-8") as log:
        words = dict(word.split("=") for line in log if " recovered " in line
                     for word in line.split() if "=" in word)
    recovered = int(words["messages"]) + int(words["receipts"])
    return [("a start recovers too few", f"{recovered} of {owed}")] if recovered < owed else []


def play_cuts(setting, recorded, cuts):
    image, log, path = recorded
    heard, wrongs = promises(path)
    faults = [("not to be seen by any client", wrong) for wrong in wrongs]
    draw = random.Random(f"{setting.seed}/cuts")
    owed_most = started = 0
    starts_every = max(cuts // STARTS, STARTED_EVERY)
    with Cutter(image, log, setting.directory) as cutter:
        for number, position in enumerate(sorted(draw.randint(0, len(log)) for _ in range(cuts))):
            cutter.advance(position)
            where = f"position {position}, {cutter.cut(draw)}"
            try:
                data = cutter.extract()
                held = read_journal(setting.programs["ringgate"], data)
                found, owed = judge(held, heard, position)
                if data and number % starts_every == 0:
                    found += start_on(setting.programs["ringgate"], setting, data, owed)
                    started += 1
            except (Fault, OSError) as fault:
                found, owed = [("no journal after the cut", fault)], 0
            faults += [(what, f"{where}: {place}") for what, place in found]
            owed_most = max(owed_most, owed)
    acked = sum(promise.acked_at is not None for promise in heard.values())
    if owed_most == 0:
        faults.append(("the suite itself", "no cut at which anything was owed"))
    return faults, (f"{cuts} cuts of a run with {len(log)} writes and flushes and {acked} acked, at most "
                    f"{owed_most} owed at once, {started} taken over by a server")


def play_lying(setting, recorded):
    """A suite that finds nothing where flushes are not kept would be worth nothing."""
    image, log, path = recorded
    heard, _ = promises(path)
    draw = random.Random(f"{setting.seed}/lying")
    flushes = [number for number, entry in enumerate(log) if entry.kind == FLUSH]
    middle = flushes[len(flushes) // 2:-LYING_FLUSHES]
    chosen = sorted(draw.choice(range(len(middle))) for _ in range(LYING_CUTS))
    with Cutter(image, log, setting.directory) as cutter:
        for tried, one in enumerate(chosen, 1):
            cutter.advance(middle[one])
            # As if the flushes up to there had kept nothing of what came in between.
            behind = middle[min(one + LYING_FLUSHES, len(middle) - 1)]
            cutter.cut(draw)
            try:
                data = cutter.extract()
                held = read_journal(setting.programs["ringgate"], data)
            except (Fault, OSError):
                return [], f"found damaged at cut {tried}"
            if faults := judge(held, heard, behind)[0]:
                return [], f"{len(faults)} lost at cut {tried}"
    return [("losses that are there were not found", f"{LYING_CUTS} cuts")], "nothing found"


def run(setting, plays):
    draw = random.Random(f"{setting.seed}/power")
    recorded = record(setting, draw)
    plays.play("power", play_cuts, setting, recorded, setting.asked or CUTS)
    plays.play("power.canary", play_lying, setting, recorded)

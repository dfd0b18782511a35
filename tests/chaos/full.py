"""No room: a file system that somebody else fills, and a store that has reached its own limit."""
import os

import burst
import filesystem
import pdu
from client import Plan
from ledger import Verdict
from load import Traffic
from server import Fault
from stage import MIB, Stage, journal

REFUSALS = (pdu.ESME_RMSGQFUL, pdu.ESME_RSYSERR)
BURST_REFUSALS = (*REFUSALS, pdu.ESME_RTHROTTLED)
DISK_SIZE = 48 * MIB
STORE_SIZE = 16 * MIB
# With one to three shards before and after, a shard has five to sixteen files.
LIMIT_ROUNDS = 3
# Larger than the disk, so that the disk is the limit.
STORE_ON_DISK = 256 * MIB
BEFORE_S = 1
FULL_S = 1
FILL_MAX_S = 15
DRAINED_MAX_S = 15
RECEIPT_MAX_S = 5
AGAIN_MAX_S = 30
AGAIN_COUNT = 500
BURST_S = 6
# What waits for the disk, records and answers, and the process itself.
RSS_MAX = 400 * MIB

# Who submits takes no receipts, so that receivers can stay away and the store fill up. Long texts
# as fast as they go: the sooner it is full.
PLANS = tuple(Plan(account, role, window=100) for account in ("alpha", "beta")
              for role in ("tx", "tx", "rx", "rx"))
TRAFFIC = Traffic(receipt_share=1, text_sizes=(800, 1600), rate_per_process=50000)


def fill_by_receipts(stage):
    """Nobody takes receipts until submits are refused."""
    stage.load.receive(False)
    stage.wait(stage.more("refused"), FILL_MAX_S, "a submit refused by a store without room")


def accept_again(stage):
    stage.wait(stage.more("acked", AGAIN_COUNT), AGAIN_MAX_S,
               f"{AGAIN_COUNT} submits accepted once there was room again")


def foreign_file(program, seed):
    """Somebody else takes the whole disk, and gives it back."""
    with Stage(program, seed, journal(STORE_ON_DISK), PLANS, TRAFFIC) as stage:
        stage.mount(filesystem.own_kind()(stage.directory, DISK_SIZE))
        stage.play(stage.random.uniform(0, BEFORE_S))
        with filesystem.Filler(stage.disk.path) as filler, stage.meanwhile(filler.fill):
            stage.pause(FULL_S)
            stage.expect(stage.more("receipts"), RECEIPT_MAX_S, "a receipt from a full disk")
            fill_by_receipts(stage)
            stage.load.submit(False)
            stage.load.receive(True)
            stage.expect(stage.nothing_owed, DRAINED_MAX_S, "all receipts from a full disk")
        stage.load.submit(True)
        accept_again(stage)
        stage.settle()
        return stage.verdict(refusals_allowed=REFUSALS)


def own_limit(program, seed):
    """The store reaches max_bytes, is killed and read again in that state, and empties."""
    with Stage(program, seed, journal(STORE_SIZE), PLANS, TRAFFIC) as stage:
        stage.start()
        stage.progress()
        fill_by_receipts(stage)
        # The first refusals may say that a file is being made; the later ones, that there is none.
        stage.pause(FULL_S)
        stage.server.kill()
        stage.start()
        stage.load.receive(True)
        accept_again(stage)
        stage.settle()
        verdict = stage.verdict(refusals_allowed=REFUSALS)
        if not any(status == pdu.ESME_RMSGQFUL for status, _ in stage.ledger.refusals):
            verdict.fault("a full store never answered ESME_RMSGQFUL", stage.ledger.refusals)
        return verdict


def rss_of(process):
    with open(f"/proc/{process.pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def bursts(program, seed, disk):
    """Pipelined submit_multi and payloads meet a store that fills up; then it has room again."""
    with Stage(program, seed, journal(STORE_ON_DISK if disk else STORE_SIZE), PLANS,
               TRAFFIC) as stage:
        if disk:
            stage.mount(disk(stage.directory, DISK_SIZE))
        stage.start()
        stage.progress()
        client = burst.Burst(stage.server.port, stage.random)
        rss = 0

        def turn():
            nonlocal rss
            client.turn()
            rss = max(rss, rss_of(stage.server.process))

        with stage.meanwhile(turn):
            stage.load.receive(False)
            stage.pause(BURST_S)
            stage.load.receive(True)
            accept_again(stage)
        stage.settle()
        verdict = stage.verdict(refusals_allowed=BURST_REFUSALS)
        client.judge(verdict)
        if rss > RSS_MAX:
            verdict.fault("memory grew with the bursts", f"{rss // MIB} MiB")
        return verdict


def play(verdict, variant, *arguments):
    """One that breaks down does not keep the others from being played."""
    try:
        verdict.add(variant(*arguments))
    except Fault as fault:
        verdict.fault(f"{variant.__name__} was not played to its end", fault)


def run(program, seed):
    verdict = Verdict()
    played = f"store filled {LIMIT_ROUNDS} times, disk once"
    for number in range(LIMIT_ROUNDS):
        play(verdict, own_limit, program, f"{seed}/full/{number}")
    play(verdict, bursts, program, f"{seed}/full/burst", None)
    try:
        filesystem.enter_own_namespace()
        play(verdict, foreign_file, program, f"{seed}/full/disk")
        play(verdict, bursts, program, f"{seed}/full/burst/tmpfs", filesystem.Tmpfs)
        play(verdict, bursts, program, f"{seed}/full/burst/disk", filesystem.own_kind())
        played += ", bursts on three kinds"
    except filesystem.Skip as reason:
        played = f"store filled {LIMIT_ROUNDS} times (disk skipped: {reason})"
    return verdict, f"{played}, {verdict.text()}"

"""A power cut: ext4 on a loop device is shut down without writing its log, so that whatever was
not synced is gone, and the server is killed. kill -9 alone would leave it all in the page cache.
"""
import os
import time

import filesystem
import pdu
from stage import MIB, Stage, journal

DISK_SIZE = 256 * MIB
LOAD_MS = (50, 800)
# Half of the rounds let the server meet the dead disk before it dies too: nothing may be acked.
MEETING_S = 0.2
REFUSALS = (pdu.ESME_RSYSERR, pdu.ESME_RMSGQFUL, pdu.ESME_RSUBMITFAIL)


def check_cut(disk):
    """A cut that loses nothing would prove nothing."""
    for name, synced in (("synced", True), ("unsynced", False)):
        with open(os.path.join(disk.path, name), "wb") as file:
            file.write(bytes(4096))
            if synced:
                file.flush()
                os.fsync(file.fileno())
    disk.cut_power()
    disk.unmount()
    disk.mount()
    left = [name for name in ("synced", "unsynced")
            if os.path.exists(os.path.join(disk.path, name))]
    if left != ["synced"]:
        raise filesystem.Skip(f"of a file that was synced and one that was not, a cut left {left}; "
                              "tests/sim's disk stands in")


def run(program, seed, rounds):
    if not filesystem.as_root():
        raise filesystem.Skip("only root may shut a file system down; tests/sim's disk stands in")
    filesystem.enter_own_namespace()
    with Stage(program, f"{seed}/power", journal(max_bytes=128 * MIB)) as stage:
        disk = filesystem.Disk(stage.directory, DISK_SIZE)
        stage.mount(disk)
        check_cut(disk)
        for number in range(rounds):
            stage.play(stage.random.randint(*LOAD_MS) / 1000)
            if number % 2 == 0:
                stage.server.freeze()
            disk.cut_power()
            if number % 2 != 0:
                time.sleep(MEETING_S)
            stage.server.discard()
            disk.unmount()
            disk.mount()
        stage.last_act()
        verdict = stage.verdict(refusals_allowed=REFUSALS, refused_may_arrive=True)
        return verdict, (f"{rounds} cuts, {verdict.text()}, "
                         f"longest restart {stage.server.start_longest_s:.2f} s")

"""A disk that fails: writes are refused from one moment on. Nothing is acknowledged any more, the
server says so and ends with a status of its own, and a new start has everything it acknowledged.

The failure is a file size limit set from outside, which the kernel checks at every write as it
would a fault of the device.
"""
import resource
import time

import pdu
from server import Fault
from stage import Stage, journal

ROUNDS = 2
BEFORE_S = (0.1, 0.6)
END_MAX_S = 10
JOURNAL_FAILED = 3
LIMIT = 4096


def end_by_itself(stage):
    """How long it took from the first write that fails."""
    broken = time.monotonic()
    resource.prlimit(stage.server.process.pid, resource.RLIMIT_FSIZE, (LIMIT, LIMIT))
    while stage.server.process.poll() is None:
        if time.monotonic() > broken + END_MAX_S:
            raise Fault(f"a failed disk did not end the server within {END_MAX_S} s")
        time.sleep(0.01)
    status = stage.server.process.poll()
    if status != JOURNAL_FAILED:
        raise Fault(f"a failed disk ended the server with status {status}, not {JOURNAL_FAILED}; "
                    f"its last words:\n{stage.server.last_words()}")
    with open(stage.server.log, encoding="utf-8", errors="replace") as log:
        if "It is not tried again" not in log.read():
            raise Fault("the server did not say why it ended")
    return time.monotonic() - broken


def run(program, seed):
    with Stage(program, f"{seed}/error", journal()) as stage:
        longest = stage.ends(ROUNDS, BEFORE_S, end_by_itself)
        verdict = stage.verdict(refusals_allowed=(pdu.ESME_RSUBMITFAIL, pdu.ESME_RMSGQFUL,
                                                  pdu.ESME_RSYSERR))
        return verdict, f"{ROUNDS} times, {verdict.text()}, longest end {longest:.2f} s"

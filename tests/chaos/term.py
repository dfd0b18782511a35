"""SIGTERM under load: the server says unbind, answers what it took, and ends with status 0; new
binds and new submits are refused meanwhile.
"""
import time

import client
import pdu
from server import PROBE, Fault
from stage import Stage, journal

ROUNDS = 3
BEFORE_S = (0.1, 0.8)
END_MAX_S = 10
# So long the signal may take to be heard.
HEARD_S = 0.25
PROBE_TIMEOUT_S = 1


def end_under_load(stage):
    """How long it took. New binds are tried all the while."""
    terminated = stage.server.terminate()
    while stage.server.process.poll() is None:
        asked = time.monotonic()
        if asked > terminated + END_MAX_S:
            break
        status = client.probe(stage.server.port, PROBE, PROBE_TIMEOUT_S)
        if status not in (None, pdu.ESME_RBINDFAIL) and asked > terminated + HEARD_S:
            raise Fault(f"a bind after SIGTERM was answered with status {status:#x}")
        time.sleep(0.005)
    return stage.server.wait_for_end(terminated, END_MAX_S)


def run(program, seed):
    with Stage(program, f"{seed}/term", journal()) as stage:
        longest = stage.ends(ROUNDS, BEFORE_S, end_under_load)
        unbound, bound = stage.load.total("unbound"), stage.load.total("bound")
        verdict = stage.verdict(refusals_allowed=(pdu.ESME_RSUBMITFAIL,))
        if verdict.dropped:
            verdict.fault("sessions ended without an unbind", verdict.dropped)
        return verdict, (f"{ROUNDS} rounds, {verdict.text()}, "
                         f"{unbound} sessions unbound, longest end {longest:.2f} s")

"""SIGSTOP under load: a process that gets no processor for three seconds, then all it wants."""
import time

import pdu
from stage import Stage, journal

ROUNDS = 2
FREEZE_S = 3
BEFORE_S = 0.5
AFTER_S = 0.7
BACK_MAX_S = 8
# With these the frozen server finds every timer of its sessions run out.
IMPATIENT = {"enquire_link_ms": 500, "response_ms": 1000}


def run(program, seed):
    with Stage(program, f"{seed}/stop", journal()) as stage:
        for number in range(ROUNDS):
            if number != 0:
                stage.server.wait_for_end(stage.server.terminate(), 10)
            stage.start(IMPATIENT if number % 2 else None)
            stage.progress()
            stage.pause(stage.random.uniform(0, BEFORE_S))
            stage.server.freeze()
            time.sleep(FREEZE_S)
            stage.server.thaw()
            back = stage.more("acked")
            stage.wait(back, BACK_MAX_S, "a submit accepted after SIGCONT")
            stage.pause(AFTER_S)
        stage.settle()
        verdict = stage.verdict(refusals_allowed=(pdu.ESME_RSUBMITFAIL,))
        return verdict, (f"{ROUNDS} times {FREEZE_S} s, {verdict.text()}, "
                         f"{verdict.dropped} sessions dropped and bound again")

"""kill -9 at random moments of a load, and also while the server recovers from the last one."""
import time

from ledger import Verdict
from stage import Stage, journal

# Recovery may not grow with every restart unnoticed, and the ledger is held in memory.
ROUNDS_PER_STAGE = 20
LOAD_MS = (50, 1500)
# How often the server is killed once more on its way up, and when.
AGAIN_SHARE = 0.3
AGAIN_MS = (1, 60)
CANARY_ROUNDS = 2
CANARY_PATIENCE_S = 1.5


def load_and_kill(stage, rounds):
    """All rounds on one directory; what is then owed is to be settled and judged."""
    for _ in range(rounds):
        after_ms = stage.random.randint(*LOAD_MS)
        again_ms = stage.random.randint(*AGAIN_MS)
        again = stage.random.random() < AGAIN_SHARE
        stage.play(after_ms / 1000)
        stage.server.kill()
        if again:
            stage.spawn()
            time.sleep(again_ms / 1000)
            stage.server.discard()
    stage.start()
    stage.progress()


def run(program, seed, rounds):
    total = Verdict()
    longest = in_vain = 0
    for first in range(0, rounds, ROUNDS_PER_STAGE):
        with Stage(program, f"{seed}/kill/{first}", journal()) as stage:
            load_and_kill(stage, min(ROUNDS_PER_STAGE, rounds - first))
            stage.settle()
            total.add(stage.verdict())
            longest = max(longest, stage.server.start_longest_s)
            in_vain += stage.server.starts_in_vain
    line = f"{rounds} rounds, {total.text()}, longest restart {longest:.2f} s"
    return total, line + (f", {in_vain} starts too early for the port" if in_vain else "")


def without_store(program, seed):
    """For the canary: a kill loses messages that are in memory only."""
    with Stage(program, seed, {"mode": '"none"'}) as stage:
        load_and_kill(stage, CANARY_ROUNDS)
        stage.settle(CANARY_PATIENCE_S)
        verdict = stage.verdict()
        stage.keep = verdict.lost == 0
        return verdict

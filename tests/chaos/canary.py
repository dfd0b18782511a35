"""The suite against itself: made-up ledgers with one thing wrong in each, and a server that keeps
its messages in memory only. What is wrong has to be found.
"""
import os
import tempfile

import kill
import pdu
from ledger import Ledger

RIGHT = ("S 1 alpha c 1", "S 2 alpha c 1", "S 3 beta d 0", "S 4 alpha c 1", "A 1 aa", "A 3 cc",
         "N 4 20 0", "R 1 alpha c aa DELIVRD", "R 2 alpha e bb UNDELIV", "R 2 alpha e bb UNDELIV",
         "D c")

# Lines that are added, and how the finding begins.
WRONGS = (
    (("S 5 alpha c 1", "A 5 ee"), "acked and lost"),
    (("R 6 alpha c ff DELIVRD",), "a receipt for what was never submitted"),
    (("R 2 alpha e bb DELIVRD",), "duplicates that differ"),
    (("R 2 alpha e b2 UNDELIV",), "duplicates that differ"),
    (("R 2 beta d bb UNDELIV",), "a receipt for another account"),
    (("R 3 beta d cc DELIVRD",), "a receipt that nobody wished"),
    (("R 4 alpha c dd DELIVRD",), "refused, and its receipt came"),
    (("S 5 alpha c 1", "A 5 ee", "R 5 alpha c e5 DELIVRD"),
     "a receipt under another id than the ack's"),
    (("S 5 alpha c 0", "A 5 aa"), "an id given twice"),
    (("S 5 alpha f 0", "U f"), "not answered before an orderly end"),
    (("S 5 alpha c 0", "N 5 8 0"), "refused without a reason"),
    (("S 5 alpha c 0", "N 5 4 0"), "refused without a reason"),
    (("S 5 alpha c 1", "R 5 alpha c ee DELIVRD", "A 5 ee"), "not to be seen by any client"),
    (("F a PDU that nobody asked for",), "not to be seen by any client"),
)


def findings(lines):
    with tempfile.TemporaryDirectory(prefix="ringgate-chaos-") as directory:
        path = os.path.join(directory, "ledger")
        with open(path, "w", encoding="ascii") as file:
            file.write("".join(line + "\n" for line in lines))
        ledger = Ledger([path])
        ledger.read()
        ledger.close()
        return {what for what, _ in ledger.judge(refusals_allowed=(pdu.ESME_RMSGQFUL,)).faults}


def run(program, seed):
    """What was not found, and a summary line."""
    missed = []
    if findings(RIGHT):
        missed.append(f"nothing is wrong, and yet found: {findings(RIGHT)}")
    for added, expected in WRONGS:
        if findings(RIGHT + added) != {expected}:
            missed.append(f"{added}: {findings(RIGHT + added)} instead of {expected}")
    verdict = kill.without_store(program, f"{seed}/canary")
    if verdict.lost == 0:
        missed.append("messages kept in memory only were not missed after kill -9")
    return missed, f"{len(WRONGS)} wrong ledgers, and without a store {verdict.text()}"

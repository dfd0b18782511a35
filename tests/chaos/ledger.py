"""What clients were promised and what they got: append-only files, and the judgement over them.

A file is written by one process, a line per event, and read by the parent. Words are separated by
spaces:

    S number account connection wish    a submit is about to be sent; wish 1: it wants a receipt
    A number id                         it was answered with status 0
    N number status late                it was refused; late 1: after the server's own unbind
    R number account connection id stat a receipt came, and is about to be answered
    U connection                        the server said unbind
    D connection                        a bound connection ended without an unbind of either side
    F words                             the client saw something that must never be
"""
import collections
import os

import pdu

READ_SIZE = 1 << 22


class Writer:
    """One client process' file. Nothing is sent to the server before flush()."""

    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self.lines = []

    def submitted(self, number, account, connection, wishes_receipt):
        self.lines.append(f"S {number} {account} {connection} {int(wishes_receipt)}\n")

    def accepted(self, number, message_id):
        self.lines.append(f"A {number} {message_id}\n")

    def refused(self, number, status, late):
        self.lines.append(f"N {number} {status} {int(late)}\n")

    def receipt(self, receipt, account, connection):
        self.lines.append(f"R {receipt.number} {account} {connection} {receipt.id} "
                          f"{receipt.stat}\n")

    def unbound(self, connection):
        self.lines.append(f"U {connection}\n")

    def dropped(self, connection):
        self.lines.append(f"D {connection}\n")

    def wrong(self, what):
        words = what.replace("\n", " ")
        self.lines.append(f"F {words}\n")

    def flush(self):
        if not self.lines:
            return
        data = memoryview("".join(self.lines).encode())
        self.lines.clear()
        while data:
            data = data[os.write(self.file, data):]


class Submit:
    """A line S and the answer to it."""
    __slots__ = ("account", "connection", "wishes_receipt", "id", "status")

    def __init__(self, account, connection, wishes_receipt):
        self.account = account
        self.connection = connection
        self.wishes_receipt = wishes_receipt
        self.id = None
        self.status = None         # None: no answer came


class Ledger:
    """Reads the files as they grow and judges in the end.

    The files of several processes are read one after the other, so a receipt may be read before
    the submit it belongs to; what depends on both is judged when everything was read.
    """

    def __init__(self, paths):
        self.files = [open(path, "rb") for path in paths]
        self.rests = [b""] * len(paths)
        self.submits = {}
        self.receipts = collections.defaultdict(list)   # number -> (account, id, stat)
        self.owed = set()          # accepted, wishing a receipt, and none came yet
        self.unbound = set()       # connections that ended in order
        self.dropped = 0
        self.accepted = 0
        self.receipts_read = 0
        self.refusals = collections.Counter()           # (status, late) -> how many
        self.wrongs = []

    def close(self):
        for file in self.files:
            file.close()

    def read(self):
        """Whatever was written since the last call; a line still being written waits."""
        for index, file in enumerate(self.files):
            while data := file.read(READ_SIZE):
                *lines, self.rests[index] = (self.rests[index] + data).split(b"\n")
                for line in lines:
                    self.on_line(line.decode())

    def on_line(self, line):
        kind, rest = line[0], line[2:]
        if kind == "S":
            number, account, connection, wish = rest.split(" ")
            self.on_submit(int(number), Submit(account, connection, wish == "1"))
        elif kind == "A":
            number, message_id = rest.split(" ")
            self.on_accepted(int(number), message_id)
        elif kind == "R":
            number, account, connection, message_id, stat = rest.split(" ")
            self.on_receipt(int(number), account, connection, message_id, stat)
        elif kind == "N":
            number, status, late = map(int, rest.split(" "))
            self.submits[number].status = status
            self.refusals[status, late] += 1
        elif kind == "U":
            self.unbound.add(rest)
        elif kind == "D":
            self.dropped += 1
        else:
            self.wrongs.append(rest)

    def on_submit(self, number, submit):
        if number in self.submits:
            self.wrongs.append(f"submit {number} was made twice: the suite itself is wrong")
        self.submits[number] = submit

    def on_accepted(self, number, message_id):
        submit = self.submits[number]
        submit.id = message_id
        submit.status = pdu.ESME_ROK
        self.accepted += 1
        if submit.wishes_receipt and number not in self.receipts:
            self.owed.add(number)

    def on_receipt(self, number, account, connection, message_id, stat):
        submit = self.submits.get(number)
        if submit and submit.connection == connection and submit.status is None:
            self.wrongs.append(f"the receipt for submit {number} came before its answer, on the "
                               "same connection")
        self.receipts_read += 1
        self.receipts[number].append((account, message_id, stat))
        self.owed.discard(number)

    def judge(self, refusals_allowed=(), refused_may_arrive=False):
        """Call after the last read(). refusals_allowed: the statuses that this fault excuses, next
        to ESME_RTHROTTLED; refused_may_arrive: the message may have been stored all the same.
        """
        verdict = Verdict()
        verdict.judge(self, refusals_allowed, refused_may_arrive)
        return verdict


class Verdict:
    """Counts for the summary line, and `faults`, which must be empty."""

    def __init__(self):
        self.accepted = 0
        self.lost = 0
        self.dropped = 0
        self.refused = 0
        self.unanswered = 0
        self.unacked_delivered = 0
        self.duplicates = 0
        self.keys_differ = 0
        self.faults = []           # what, and where

    def fault(self, what, where):
        self.faults.append((what, where))

    def judge(self, ledger, refusals_allowed, refused_may_arrive):
        self.accepted = ledger.accepted
        self.lost = len(ledger.owed)
        self.dropped = ledger.dropped
        self.refused = sum(ledger.refusals.values())
        for wrong in ledger.wrongs:
            self.fault("not to be seen by any client", wrong)
        for number in sorted(ledger.owed):
            self.fault("acked and lost", f"submit {number}, id {ledger.submits[number].id}")
        self.judge_refusals(ledger, refusals_allowed)
        self.judge_ids(ledger)
        self.judge_answers(ledger)
        for number, receipts in ledger.receipts.items():
            submit = ledger.submits.get(number)
            if submit is None:
                self.fault("a receipt for what was never submitted", f"{number}, {receipts[0]}")
            else:
                self.judge_receipts(number, submit, receipts)
                self.judge_answer_and_receipt(number, submit, receipts, refused_may_arrive)

    def judge_refusals(self, ledger, allowed):
        for (status, late), count in ledger.refusals.items():
            # A slow disk is no fault. After the server's unbind a submit has no session any more,
            # and may be told so.
            excused = (status in allowed or status == pdu.ESME_RTHROTTLED or
                       late and status == pdu.ESME_RINVBNDSTS)
            if not excused:
                self.fault("refused without a reason", f"{count} with status {status:#x}")

    def judge_ids(self, ledger):
        """Two messages under one id cannot be told apart: by the client, or by query_sm."""
        seen = {}
        for number, submit in ledger.submits.items():
            if submit.id is not None and seen.setdefault(submit.id, number) != number:
                self.fault("an id given twice", f"{submit.id} to submits {seen[submit.id]} and "
                           f"{number}")

    def judge_answers(self, ledger):
        """Submits may stay without an answer only where the connection broke."""
        for number, submit in ledger.submits.items():
            if submit.status is None:
                self.unanswered += 1
                if submit.connection in ledger.unbound:
                    self.fault("not answered before an orderly end",
                               f"submit {number} on {submit.connection}" +
                               (", its receipt came" if number in ledger.receipts else ""))

    def judge_receipts(self, number, submit, receipts):
        """Of the same submit, against each other and against what was asked for."""
        self.duplicates += len(receipts) - 1
        keys = {(message_id, stat) for _, message_id, stat in receipts}
        if len(keys) != 1:
            self.keys_differ += 1
            self.fault("duplicates that differ", f"submit {number}: {sorted(keys)}")
        if any(account != submit.account for account, _, _ in receipts):
            self.fault("a receipt for another account", f"submit {number} of {submit.account}: "
                       f"{receipts}")
        if not submit.wishes_receipt:
            self.fault("a receipt that nobody wished", f"submit {number}")

    def judge_answer_and_receipt(self, number, submit, receipts, refused_may_arrive):
        _, message_id, _ = receipts[0]
        if submit.status is None:
            self.unacked_delivered += 1
        elif submit.status == pdu.ESME_ROK:
            if submit.id != message_id:
                self.fault("a receipt under another id than the ack's",
                           f"submit {number}: {submit.id}, {message_id}")
        elif not refused_may_arrive:
            self.fault("refused, and its receipt came", f"submit {number}, {submit.status:#x}")

    def add(self, other):
        """Another stage of the same fault."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def text(self):
        """The part of a summary line that every fault has."""
        keys = f"{self.keys_differ} with different keys" if self.keys_differ else \
            "all with the same key"
        refused = f", {self.refused} refused" if self.refused else ""
        return (f"{self.accepted} acked, {self.lost} acked and lost, "
                f"{self.unacked_delivered} unacked delivered, "
                f"{self.duplicates} duplicates ({keys}){refused}")

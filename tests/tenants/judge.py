"""One ledger per tenant, and what no single one can show: what two of them have in common."""
import collections

import ledger
import pdu
from octets import short_id


class TenantLedger(ledger.Ledger):
    """See crowd.Writer for the lines that are more than the chaos suite's."""

    def __init__(self, name, path):
        super().__init__([path])
        self.name = name
        self.claims = []
        self.times = collections.defaultdict(list)     # (phase, what) -> seconds
        self.wrongs_seen = 0

    def on_line(self, line):
        kind, rest = line[0], line[2:]
        if kind == "C":
            self.claims.append(rest)
        elif kind == "T":
            phase, what, seconds = rest.split(" ")
            self.times[phase, what].append(float(seconds))
        else:
            super().on_line(line)

    def new_wrongs(self):
        """What has been written down since the last call; told once, so not again in the end."""
        self.read()
        new, self.wrongs_seen = self.wrongs[self.wrongs_seen:], len(self.wrongs)
        return new

    def ids(self):
        return {submit.id for submit in self.submits.values() if submit.id is not None}


class Books:
    """All ledgers of a play."""

    def __init__(self, ledgers):
        self.ledgers = ledgers

    def close(self):
        for one in self.ledgers:
            one.close()

    def new_wrongs(self):
        return [wrong for one in self.ledgers for wrong in one.new_wrongs()]

    def read(self):
        for one in self.ledgers:
            one.read()

    def owed(self):
        return sum(len(one.owed) for one in self.ledgers)

    def receipts(self):
        return sum(one.receipts_read for one in self.ledgers)

    def take_times(self, phase, what):
        """Those not taken yet: a phase may come again."""
        return sorted(seconds for one in self.ledgers
                      for seconds in one.times.pop((phase, what), ()))

    def judge(self):
        """The verdict over everything; Verdict.faults are pairs of what and where. After the last
        read().
        """
        total = ledger.Verdict()
        for one in self.ledgers:
            one.wrongs = one.wrongs[one.wrongs_seen:]
            # After SIGTERM a submit is told that it came too late.
            verdict = one.judge(refusals_allowed=(pdu.ESME_RSUBMITFAIL,))
            verdict.faults = [(what, f"{one.name}: {where}") for what, where in verdict.faults]
            total.add(verdict)
        self.judge_ids(total)
        return total

    def judge_ids(self, verdict):
        owners = {}
        for one in self.ledgers:
            for message_id in one.ids():
                owner = owners.setdefault(message_id, one.name)
                if owner != one.name:
                    verdict.fault("an id given to two tenants",
                                  f"{message_id}: {owner}, {one.name}")
        shorts = {short_id(message_id).decode(): owner for message_id, owner in owners.items()
                  if len(message_id) == 16}
        for one in self.ledgers:
            for claim in one.claims:
                owner = owners.get(claim) or shorts.get(claim, one.name)
                if owner != one.name:
                    verdict.fault("another's message was shown",
                                  f"{claim} of {owner} to {one.name}")

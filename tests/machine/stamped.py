"""Clients of the chaos suite that also write down how far the disk's log was when they heard something."""
import multiprocessing

import ledger
from load import Client, Counts, Orders, die_with_parent


class Writer(ledger.Writer):
    """Lines as in the ledger, A and R with the position as their last word."""

    def __init__(self, path, disk):
        super().__init__(path)
        self.disk = disk

    def accepted(self, number, message_id):
        self.lines.append(f"A {number} {message_id} {self.disk.position}\n")

    def receipt(self, receipt, account, connection):
        self.lines.append(f"R {receipt.number} {receipt.id} {receipt.stat} {self.disk.position}\n")


class StampedLoad:
    """One process of clients."""

    def __init__(self, path, plans, port, seed, disk, traffic):
        context = multiprocessing.get_context("fork")
        self.orders = context.RawValue(Orders)
        self.orders.submitting = self.orders.receiving = 1
        self.counts = context.RawValue(Counts)
        open(path, "wb").close()
        self.process = context.Process(
            target=StampedLoad.work, daemon=True,
            args=(path, disk, (0, plans, port, path, seed, self.orders, self.counts, traffic)))
        self.process.start()

    @staticmethod
    def work(path, disk, arguments):
        die_with_parent()
        client = Client(*arguments)
        client.writer = Writer(path, disk)
        for bind in client.binds:
            bind.ledger = client.writer
        client.run()

    def end(self):
        """What it had not written down by now it does not hold against anybody."""
        self.process.kill()
        self.process.join()


class Promise:
    """What one client was told about one message, and when: positions in the log."""
    __slots__ = ("acked_at", "told_at", "stat")

    def __init__(self):
        self.acked_at = None
        self.told_at = None
        self.stat = None


def promises(path):
    """id -> Promise, and what the clients found wrong."""
    found, wrongs = {}, []
    with open(path, encoding="ascii") as file:
        for line in file:
            if not line.endswith("\n"):
                break
            kind, *words = line.split()
            if kind == "A":
                found.setdefault(words[1], Promise()).acked_at = int(words[2])
            elif kind == "R":
                promise = found.setdefault(words[1], Promise())
                if promise.told_at is None:
                    promise.told_at, promise.stat = int(words[3]), words[2]
            elif kind == "F":
                wrongs.append(" ".join(words))
    return found, wrongs

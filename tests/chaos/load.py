"""Load: processes full of binds that submit, take receipts and come back when they are lost."""
import ctypes
import itertools
import multiprocessing
import os
import random
import selectors
import signal
import time

import ledger
from client import Bind

NUMBERS_PER_PROCESS = 10 ** 10
# Paced: a ledger grows with the rate, and a faster load finds no more.
RATE_PER_PROCESS = 2500
BURST_S = 0.02
TURN_S = 0.002
IDLE_TURN_S = 0.01
END_S = 12
LIFE_MAX_S = 3600
PR_SET_PDEATHSIG = 1


def die_with_parent():
    """Whatever becomes of the suite, no process of it stays behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Counts(ctypes.Structure):
    """What a client process says of itself: written by it alone, read by the parent."""
    _fields_ = [(name, ctypes.c_int64) for name in
                ("acked", "refused", "receipts", "bound", "dropped", "unbound")]


class Orders(ctypes.Structure):
    """What the parent wants of its client processes."""
    _fields_ = [(name, ctypes.c_int64) for name in ("submitting", "receiving", "ending")]


class Client:
    """One client process: some binds in one loop."""

    def __init__(self, index, plans, port, path, seed, orders, counts, traffic):
        self.random = random.Random(f"{seed}/{index}")
        self.numbers = itertools.count((index + 1) * NUMBERS_PER_PROCESS)
        self.orders = orders
        self.traffic = traffic
        self.writer = ledger.Writer(path)
        self.selector = selectors.DefaultSelector()
        self.binds = [Bind(f"{index}.{number}", plan, port, self.writer, counts, self.draw,
                           self.selector)
                      for number, plan in enumerate(plans)]
        self.credit = 0.0
        self.paced_at = time.monotonic()

    def draw(self):
        wishes_receipt = self.random.random() < self.traffic.receipt_share
        return next(self.numbers), wishes_receipt, self.random.randint(*self.traffic.text_sizes)

    def run(self):
        deadline = time.monotonic() + LIFE_MAX_S
        while not self.orders.ending and time.monotonic() < deadline:
            self.turn()
        deadline = time.monotonic() + END_S
        for bind in self.binds:
            bind.unbind(time.monotonic())
        while any(bind.state != "closed" for bind in self.binds) and time.monotonic() < deadline:
            self.turn()
        self.writer.flush()

    def turn(self):
        submitting = self.orders.submitting and not self.orders.ending
        now = time.monotonic()
        for bind in self.binds:
            self.keep(bind, now)
        for key, _ in self.selector.select(TURN_S if submitting else IDLE_TURN_S):
            key.data.read(now)
        if submitting:
            self.submit(now)
        self.writer.flush()
        for bind in self.binds:
            bind.flush()

    def keep(self, bind, now):
        """Binds again what was lost; lets go of receivers while nobody is to receive."""
        if bind.state == "closed":
            wanted = self.orders.receiving or not bind.receives
            if wanted and not self.orders.ending and now >= bind.retry_at:
                bind.open(now)
            return
        if bind.receives and not self.orders.receiving:
            bind.unbind(now)
        bind.check_deadlines(now)

    def submit(self, now):
        rate = self.traffic.rate_per_process
        self.credit = min(self.credit + (now - self.paced_at) * rate, BURST_S * rate)
        self.paced_at = now
        rooms = [(bind, bind.room(now)) for bind in self.binds]
        room = sum(max(0, one) for _, one in rooms)
        # Shared evenly, or the first binds would take all of it.
        share = min(1, self.credit / room) if room else 0
        for bind, one in rooms:
            for _ in range(round(one * share)):
                bind.submit(now)
                self.credit -= 1


class Traffic:
    """What the submits look like."""

    def __init__(self, receipt_share=0.9, text_sizes=(21, 160), rate_per_process=RATE_PER_PROCESS):
        self.receipt_share = receipt_share
        self.text_sizes = text_sizes
        self.rate_per_process = rate_per_process


class Load:
    """The client processes, seen from the parent."""

    def __init__(self, directory, port, plans, processes, seed, traffic):
        context = multiprocessing.get_context("fork")
        self.orders = context.RawValue(Orders)
        self.orders.receiving = 1
        self.counts = [context.RawValue(Counts) for _ in range(processes)]
        self.paths = [os.path.join(directory, f"ledger.{index}") for index in range(processes)]
        self.processes = []
        for index, path in enumerate(self.paths):
            open(path, "wb").close()
            client = (index, plans[index::processes], port, path, seed, self.orders,
                      self.counts[index], traffic)
            self.processes.append(context.Process(target=Load.work, args=client, daemon=True))
        for process in self.processes:
            process.start()

    @staticmethod
    def work(*client):
        die_with_parent()
        Client(*client).run()

    def total(self, name):
        return sum(getattr(counts, name) for counts in self.counts)

    def alive(self):
        return all(process.is_alive() for process in self.processes)

    def submit(self, on):
        self.orders.submitting = int(on)

    def receive(self, on):
        self.orders.receiving = int(on)

    def end(self):
        """Binds are unbound and the processes end; false when one did not by itself."""
        self.orders.ending = 1
        in_order = True
        for process in self.processes:
            process.join(END_S + 3)
            if process.is_alive():
                process.kill()
                process.join()
            in_order = in_order and process.exitcode == 0
        return in_order

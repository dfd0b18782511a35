"""Binds in others' names: it asks with the right password of its own account and is gone before the
answer, then, from the next connection, with somebody else's name and a wrong one.
"""
import pdu
from raw import Raw

PER_S = 40
WAITING_MAX = 16
WAITING_S = 1
ADDRESS = "127.0.3.1"


class Impostor:
    """Driven by a Crowd's turns."""

    def __init__(self, crowd, own, victims, port):
        self.crowd = crowd
        self.own = own
        self.victims = victims
        self.port = port
        self.waiting = []          # connection, victim, since when
        self.credit = 0.0

    def turn(self, now):
        self.credit = min(self.credit + self.crowd.turn_s * PER_S, 2)
        if self.credit >= 1 and self.crowd.orders.churning and len(self.waiting) < WAITING_MAX:
            self.credit -= 1
            try:
                self.ask_and_go()
                self.pretend(now)
            except OSError:
                pass
        self.waiting = [one for one in self.waiting if not self.is_over(*one, now)]

    def connect(self):
        return Raw(self.port, ADDRESS, self.own.secret, self.report)

    def report(self, what):
        self.crowd.wrong(self.own, "the impostor", what)

    def ask_and_go(self):
        one = self.connect()
        one.push(pdu.bind("trx", 1, self.own.name, self.own.password))
        one.close()

    def pretend(self, now):
        victim = self.crowd.random.choice(self.victims)
        one = self.connect()
        one.push(pdu.bind("trx", 1, victim.name, "wrong"))
        self.waiting.append((one, victim, now))

    def is_over(self, one, victim, since, now):
        got = one.receive(0)
        if got is None and not one.over and now < since + WAITING_S:
            return False
        if got is not None:
            self.crowd.counts.impostures += 1
            if got[1] == pdu.ESME_ROK:
                self.report(f"a wrong password was accepted, of {victim.name}")
        one.close()
        return True

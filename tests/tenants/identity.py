"""Names that must never come back, played step by step. A connection's place in its shard is used
again by the next one; what was said about the first must not reach the second, however many have
come between. 16,383 is how many the server once told apart.
"""
import crypt
import random
import time

import octets
import pdu
from raw import Raw
from server import Fault
from tenant import hash_of

LAP = 16383
# The server may count otherwise than we do, by a few.
RUN = 24
MET = 20
MARGIN = 2.5
TOO_SLOW = "; this machine was too slow to prove anything"
TRIALS, TRIAL = 5, 200
LAP_MAX_S = 5
TRIAL_ROUNDS = 20000
PASSWORD_MAX_S = 40
# A source address has so many ports and no more, and a closed connection keeps one for a while.
PORTS_PER_ADDRESS = 1000


class Laps:
    """Connections that come and go, one after the other, so that all have the same place."""

    def __init__(self, port, draw):
        self.port = port
        self.draw = draw
        self.count = 0

    def open(self, tenant=None, report=None):
        if self.count % PORTS_PER_ADDRESS == 0:
            # Nor is it free yet when the next play begins.
            self.address = "127." + ".".join(str(self.draw.randint(100, 250)) for _ in range(3))
        self.count += 1
        return Raw(self.port, self.address, tenant.secret if tenant else b"", report)

    def pass_by(self, count):
        for _ in range(count):
            self.open().finish()

    def seconds_per_lap(self):
        """The best of some trials: MARGIN is for what is slower."""
        best = LAP_MAX_S
        for _ in range(TRIALS):
            started = time.monotonic()
            self.pass_by(TRIAL)
            best = min(best, (time.monotonic() - started) * LAP / TRIAL)
        return best


class Identity:
    """`serve(sim)` starts a server of one shard; `fault(what)` writes down what is wrong."""

    def __init__(self, server, tenants, serve, fault):
        self.server = server
        self.tenants = tenants
        self.serve = serve
        self.fault = fault
        self.draw = random.SystemRandom()
        self.lap_s = None

    def laps(self):
        return Laps(self.server.port, self.draw)

    def measure(self):
        if self.lap_s is None:
            self.serve({"delay_ms": 0})
            self.lap_s = self.laps().seconds_per_lap()
            self.server.discard()
        return self.lap_s

    def mail(self):
        """bob connects a lap after the others, before their receipts are due: each is its owner's.
        One account each, because one with receipts waiting sends them another way.
        """
        bob, *others = self.tenants
        others = [one for one in others if one.version >= 0x34 and not one.hashed][:RUN]
        delay_s = self.measure() * MARGIN + 2
        self.serve({"delay_ms": round(delay_s * 1000)})
        laps = self.laps()
        for one in others:
            link = laps.open(one, self.fault)
            self.expect_bound(link, one)
            self.submit(link, one, 0, 1)
            link.finish()
        due = time.monotonic() + delay_s
        laps.pass_by(LAP - RUN + MET)
        link = laps.open(bob, self.fault)
        self.expect_bound(link, bob)
        late = time.monotonic() > due
        for deliver in link.delivers(max(0, due - time.monotonic()) + 0.5):
            self.fault(f"bob was given {deliver.text!r}")
        for one in others:
            mine = laps.open(one, self.fault)
            self.expect_bound(mine, one)
            if not any(one.quote(0) in deliver.text for deliver in mine.delivers(0.3, 1)):
                self.fault(f"{one.name}'s receipt did not come to it")
            mine.finish()
        link.finish()
        return f"{laps.count} connections" + (TOO_SLOW if late else "")

    def password(self):
        """An attacker asks with its own right password and goes; the answer is still to come when,
        a lap later, the same place is taken by one that binds as another, with a wrong password.
        """
        attacker, victim = (one for one in self.tenants if one.hashed)
        check_s = self.measure() * MARGIN / MET
        # Of a processor of its own: the server's check takes this long or longer.
        started = time.process_time()
        crypt.crypt("a", crypt.mksalt(crypt.METHOD_SHA512, rounds=TRIAL_ROUNDS))
        rounds = round(TRIAL_ROUNDS * check_s / (time.process_time() - started))
        attacker.hash = hash_of(attacker.password, rounds)
        self.serve({"delay_ms": 0})
        laps = self.laps()
        asked = time.monotonic()
        for _ in range(RUN):
            one = laps.open()
            one.send(pdu.bind("trx", 1, attacker.name, attacker.password))
            one.finish()
        laps.pass_by(LAP - RUN + MET)
        late = time.monotonic() > asked + check_s * MET
        thief = laps.open(attacker, self.fault)
        status = thief.bind(victim, password="wrong", seconds=PASSWORD_MAX_S)
        if status == pdu.ESME_ROK:
            self.fault(f"a bind as {victim.name} with a wrong password was accepted")
        thief.finish()
        return (f"{laps.count} connections, {check_s * 1000:.0f} ms per check" +
                (TOO_SLOW if late else ""))

    def operations(self):
        """What one may do with another's message, whose id and addresses it knows: nothing. The
        server is killed in between, so that what it has written down is seen as well.
        """
        bob, alice = self.tenants[:2]
        old = next(one for one in self.tenants if one.version < 0x34)
        self.serve({"delay_ms": 1500})
        mine = Raw(self.server.port, alice.address, alice.secret, self.fault)
        self.expect_bound(mine, alice)
        ids = [self.submit(mine, alice, number, 1) for number in range(4)]
        for thief in (bob, old):
            self.steal(thief, alice, ids)
        self.server.kill()
        self.serve({"delay_ms": 1500})
        for thief in (bob, old):
            self.steal(thief, alice, ids)
        again = Raw(self.server.port, alice.address, alice.secret, self.fault)
        self.expect_bound(again, alice)
        seen = {deliver.text for deliver in again.delivers(3)}
        for number in range(4):
            if not any(alice.quote(number) in text and b"stat:DELIVRD" in text for text in seen):
                self.fault(f"alice's message {number} did not end as it should: {seen}")
        again.finish()
        return f"{len(ids)} messages, two thieves, before and after a kill"

    def steal(self, thief, victim, ids):
        one = Raw(self.server.port, thief.address, thief.secret, self.fault)
        self.expect_bound(one, thief)
        for number, message_id in enumerate(ids):
            if thief.version < 0x34:
                message_id = octets.short_id(message_id)
            source = victim.source(number) if number % 2 else (0, b"")
            destination = (5, victim.destination(number))
            for what, make, *arguments in (
                    ("query_sm", octets.query_sm, message_id, source),
                    ("replace_sm", octets.replace_sm, message_id, source,
                     b"stolen by " + thief.secret),
                    ("cancel_sm without id", octets.cancel_sm, b"", victim.source(number),
                     destination),
                    ("cancel_sm", octets.cancel_sm, message_id, source, destination)):
                status, _ = one.ask(make, *arguments)
                unknown = octets.ESME_RCANCELFAIL if "without" in what else octets.ESME_RINVMSGID
                if status not in (unknown, octets.ESME_RINVMSGID, octets.ESME_RTHROTTLED):
                    self.fault(f"{what} of another's message was answered with {status}")
        one.finish()

    def guess(self):
        """One's own ids do not tell where others' are."""
        alice = self.tenants[0]
        self.serve({"delay_ms": 0})
        one = Raw(self.server.port, alice.address, alice.secret, self.fault)
        self.expect_bound(one, alice)
        ids = [int(self.submit(one, alice, number, 0), 16) for number in range(200)]
        near = sum(abs(after - before) < 1000 for before, after in zip(ids, ids[1:]))
        if near > 2:
            self.fault(f"{near} of {len(ids)} ids follow the one before: {ids[0]:016x}, "
                       f"{ids[1]:016x}, ...")
        one.finish()
        return f"{len(ids)} ids"

    @staticmethod
    def submit(link, tenant, number, wish):
        """The message's id."""
        status, body = link.ask(octets.submit_sm, tenant.source(number),
                                (5, tenant.destination(number)), tenant.quote(number), wish)
        if status != pdu.ESME_ROK:
            raise Fault(f"{tenant.name}'s submit was answered with {status}")
        return octets.c_string(body, 0)[0]

    @staticmethod
    def expect_bound(one, tenant):
        status = one.bind(tenant)
        if status != pdu.ESME_ROK:
            raise Fault(f"{tenant.name}'s bind was answered with {status}")

"""What greedy and hostile tenants do, one kind at a time, as fast as one process can."""
import itertools
import time

import octets
import pdu
from raw import Raw

CHUNK = 1 << 20
ADDRESSES = 8
SILENT = 2500
HALVES = 1500
HALF_CLAIMED, HALF_SENT = 60000, 40000
WAITING_PER_ACCOUNT = 64
STORM_BATCH = 50
STORM_PER_S = 5000
BIND_MAX_S = 2
PAUSE_S = 0.005


def many(size_min, pdus):
    """Whole PDUs, over and over, at least so many octets."""
    one = b"".join(pdus)
    return one * (size_min // len(one) + 1)


class Misuse:
    """Runs in a process of its own until the deadline. `tenants`: the accounts it may use;
    `absent`: accounts that nobody else uses; `victims`: whose names it tries.
    """

    def __init__(self, setting, port, name, index, seconds, tenants, absent, victims):
        self.port = port
        self.name = name
        self.play = getattr(self, name)
        self.deadline = time.monotonic() + seconds
        self.tenants = tenants
        self.absent = absent
        self.victims = victims
        self.writer = setting.abuse_writer()
        self.counts = setting.counts["misuse"]
        self.counts.connections = self.counts.octets = 0
        # Another one every time: what one misuse has earned is not to hinder the next.
        self.addresses = [f"127.0.{10 + index % 200}.{one}" for one in range(1, ADDRESSES + 1)]
        self.next_address = itertools.cycle(self.addresses)

    def run(self):
        self.play()
        self.writer.flush()

    def report(self, what):
        self.writer.wrong(f"{self.name} a misuser: {what}")
        self.writer.flush()

    def going_on(self):
        return time.monotonic() < self.deadline

    def connect(self, tenant=None, address=None):
        """None when the server does not want it, or the time is over."""
        if not self.going_on():
            return None
        try:
            one = Raw(self.port, address or next(self.next_address),
                      tenant.secret if tenant else b"", self.report)
        except OSError:
            return None
        self.counts.connections += 1
        return one

    def bound(self, count, role="trx"):
        """Connections of the abusers' accounts in turn, as far as they are let in."""
        made = []
        for tenant in itertools.islice(itertools.cycle(self.tenants), count):
            one = self.connect(tenant)
            try:
                if one and one.bind(tenant, role, seconds=BIND_MAX_S) == pdu.ESME_ROK:
                    one.tenant = tenant
                    made.append(one)
            except OSError:
                pass
        return made

    def flood(self, connections, octets_of, again=None, reads=True):
        """Sends what octets_of(connection) says on each, and reads. `again()` replaces one that
        has ended.
        """
        floods = [(one, octets_of(one)) for one in connections if one]
        while self.going_on():
            pushed = False
            for index, (one, flood) in enumerate(floods):
                if one.over:
                    other = again() if again else None
                    if other:
                        floods[index] = (other, flood)
                    continue
                sent = one.push(flood)
                self.counts.octets += sent
                pushed = pushed or sent != 0
                if reads:
                    one.drain()
            if not pushed:
                time.sleep(PAUSE_S)

    # The kinds.

    def responses_unbound(self):
        """Answers that nobody asked for, and an enquire_link now and then, without a bind."""
        flood = many(CHUNK, [pdu.pdu(pdu.SUBMIT_SM | pdu.RESPONSE, 0, 7)] * 50 +
                     [pdu.pdu(pdu.ENQUIRE_LINK, 0, 8)])
        self.flood([self.connect() for _ in range(16)], lambda one: flood, self.connect)

    def responses_bound(self):
        flood = many(CHUNK, [pdu.pdu(pdu.DELIVER_SM | pdu.RESPONSE, 0, 7, b"\0")] * 50 +
                     [pdu.pdu(pdu.ENQUIRE_LINK, 0, 8)])
        self.flood(self.bound(10), lambda one: flood)

    def payloads(self):
        """Ordinary submits of message_payload, small and large."""
        def submits(one):
            tenant = one.tenant
            return many(CHUNK, [octets.submit_sm(9, tenant.source(1), (5, tenant.destination(1)),
                                                 tenant.quote(1).ljust(size, b"x"), 0)
                                for size in (1000, 1000, 1000, 20000)])
        self.flood(self.bound(6), submits)

    def multi(self):
        """submit_multi to 254 at once, half of them with receipts."""
        def submits(one):
            tenant = one.tenant
            to = [(5, tenant.destination(number)) for number in range(254)]
            return many(CHUNK, [octets.submit_multi(9, tenant.source(1), to, tenant.quote(1), wish)
                                for wish in (0, 1)])
        self.flood(self.bound(6), submits)

    def deaf(self):
        """Peers that ask all the time and never read an answer."""
        flood = many(CHUNK, [pdu.pdu(pdu.ENQUIRE_LINK, 0, 8)])
        unbound = [self.connect() for _ in range(150)]
        self.flood(unbound + self.bound(20), lambda one: flood, reads=False)

    def halves(self):
        """The better half of a long PDU, on many connections."""
        half = octets.header(HALF_CLAIMED, pdu.SUBMIT_SM) + b"x" * HALF_SENT
        held = []
        while self.going_on():
            if len(held) < HALVES:
                one = self.connect()
                if one:
                    one.push(half)
                    held.append(one)
            else:
                time.sleep(PAUSE_S)

    def silent(self):
        """More connections than the server has places, from one address, that say nothing."""
        held = []
        while self.going_on():
            for _ in range(50):
                one = self.connect(address=self.addresses[0]) if len(held) < SILENT else None
                if one:
                    held.append(one)
            if len(held) >= SILENT:
                time.sleep(PAUSE_S)

    def passwords(self):
        """Guesses, of one's own hashed accounts and of others'."""
        targets = itertools.cycle([one for one in self.tenants + self.victims if one.hashed])
        while self.going_on():
            held = []
            for tenant in itertools.islice(targets, STORM_BATCH):
                one = self.connect()
                if one:
                    one.push(pdu.bind("trx", 1, tenant.name, "guess"))
                    held.append(one)
            time.sleep(PAUSE_S)
            for one in held:
                got = one.receive(0)
                if got and got[1] == pdu.ESME_ROK:
                    self.report("a guessed password was accepted")
                one.close()

    def cancels(self):
        """cancel_sm without an id, of what was never submitted."""
        def cancel(one):
            tenant = one.tenant
            return many(CHUNK, [octets.cancel_sm(9, b"", tenant.source(0),
                                                 (5, tenant.destination(0)))])
        self.flood(self.bound(4), cancel)

    def waiting(self):
        """Accounts that submit and leave, by the hundred: their receipts wait for nobody."""
        for tenant in itertools.cycle(self.absent):
            if not self.going_on():
                return
            one = self.connect(tenant)
            try:
                if one and one.bind(tenant, "tx", seconds=BIND_MAX_S) == pdu.ESME_ROK:
                    one.send(b"".join(octets.submit_sm(9, tenant.source(1),
                                                       (5, tenant.destination(1)),
                                                       tenant.quote(1), 1)
                                      for _ in range(WAITING_PER_ACCOUNT)))
                    for _ in range(WAITING_PER_ACCOUNT):
                        if self.going_on():
                            one.receive(BIND_MAX_S)
                    one.finish()
            except OSError:
                pass

    def mute(self):
        """Binds that submit, want receipts, and never answer one."""
        def submits(one):
            tenant = one.tenant
            return many(1, [octets.submit_sm(9, tenant.source(1), (5, tenant.destination(1)),
                                             tenant.quote(1), 1)])
        self.flood(self.bound(20), submits)

    def trickle(self):
        """PDUs octet by octet."""
        flood = many(1, [pdu.pdu(pdu.ENQUIRE_LINK, 0, 8)])
        held = [one for one in itertools.chain((self.connect() for _ in range(50)), self.bound(50))
                if one]
        at = 0
        while self.going_on():
            octet = flood[at % len(flood):][:1]
            at += 1
            for one in held:
                if not one.over:
                    one.at = 0
                    one.push(octet)
                    one.drain()

    def storm(self):
        """Connections that bind, submit and are gone. As fast as can be, they fill the server's
        places on a machine whose CPUs it shares with them, however fast it is.
        """
        next_at = time.monotonic()
        for tenant in itertools.cycle(self.tenants):
            if not self.going_on():
                return
            time.sleep(max(0, next_at - time.monotonic()))
            next_at += 1 / STORM_PER_S
            one = self.connect(tenant)
            if one:
                one.push(pdu.bind("trx", 1, tenant.name, tenant.password) +
                         octets.submit_sm(2, tenant.source(1), (5, tenant.destination(1)),
                                          tenant.quote(1), 1))
                one.drain()
                one.close()


KINDS = ("responses_unbound", "responses_bound", "payloads", "multi", "deaf", "halves", "silent",
         "passwords", "cancels", "waiting", "mute", "trickle", "storm")

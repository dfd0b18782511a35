"""A bind of a tenant: what it says, and what it looks for in everything that it is told."""
import collections
import socket
import struct

import client
import octets
import pdu
from tenant import NUMBERS_PER_TENANT

# orders.up: what the parent says of the server.
AWAY, SERVING, ENDING = range(3)

LATE_S = 2
OPERATIONS_MAX = 10
DROP_AT_ONCE = struct.pack("ii", 1, 0)     # SO_LINGER: a reset instead of an orderly close

Given = collections.namedtuple("Given", "tenant id number is_multi")
Asked = collections.namedtuple("Asked", "command target id")
Receipt = collections.namedtuple("Receipt", "number id stat")


class TenantBind(client.Bind):
    """Whatever the server does wrong is written down; only what breaks the stream also ends it."""

    def __init__(self, name, tenant, role, port, crowd, window):
        plan = client.Plan(tenant.name, role, window, tenant.password, tenant.address,
                           tenant.version)
        super().__init__(name, plan, port, crowd.writer(tenant), crowd.counts, None,
                         crowd.selector)
        self.tenant = tenant
        self.crowd = crowd
        self.random = crowd.random
        self.orders = crowd.orders
        self.closed_since = None

    # The connection.

    def open(self, now):
        self.leaving = False
        self.era = self.orders.era
        self.commands = {}         # sequence_number -> the submit's command_id
        self.asked = {}            # sequence_number -> Asked
        self.multis = set()        # numbers that went to several destinations
        super().open(now)
        if self.state != "closed":
            self.closed_since = None

    def serving(self):
        """The server that this connection was made to is there and meant to be."""
        return self.orders.up == SERVING and self.era == self.orders.era

    def stray(self, what):
        self.crowd.wrong(self.tenant, self.connection, what)

    def wrong(self, what):
        self.stray(what)
        self.leave()

    def leave(self):
        """Without a word, and not as a fault of the server."""
        self.leaving = True
        self.unbind_answered = True
        self.close()

    def close(self):
        if not self.leaving and self.era == self.orders.era and self.orders.up != AWAY:
            if self.state in ("bound", "unbinding") and not self.unbind_answered:
                self.stray("the session ended without an unbind")
            elif self.state == "binding" and self.serving():
                self.stray("the connection ended before its bind was answered")
        super().close()

    def drop(self):
        if self.random.random() < 0.5:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, DROP_AT_ONCE)
        self.leave()

    def check_deadlines(self, now):
        if self.serving():
            super().check_deadlines(now)

    def check_kept_out(self, now):
        """While closed: the server is there, and does not let us in."""
        if self.orders.up != SERVING or self.closed_since is None:
            self.closed_since = now
        elif now > self.closed_since + LATE_S:
            self.closed_since = now
            self.crowd.wrong(self.tenant, self.name, f"was kept out for {LATE_S} s")

    def on_bind_resp(self, status):
        if status == pdu.ESME_ROK:
            return super().on_bind_resp(status)
        if self.serving():
            self.stray(f"its bind was refused with {status:#x}")
        self.leave()

    # What we say.

    def ask(self, command, target, message_id, make, *arguments):
        sequence = self.take_sequence()
        self.asked[sequence] = Asked(command, target, message_id)
        self.output += make(sequence, message_id, *arguments)

    def submit(self, now):
        tenant = self.tenant
        number = self.crowd.next_number(tenant)
        wish = self.random.random() < 0.9
        sequence = self.take_sequence()
        self.pending[sequence] = (number, now)
        self.ledger.submitted(number, tenant.name, self.connection, wish)
        self.commands[sequence], made = self.draw_submit(sequence, number, wish)
        self.output += made

    def draw_submit(self, sequence, number, wish):
        tenant = self.tenant
        quote, kind = tenant.quote(number), self.random.random()
        source, destination = tenant.source(number), (5, tenant.destination(number))
        if tenant.version < 0x34:
            text = quote.ljust(self.random.randint(20, 160), b"x")
            return pdu.SUBMIT_SM, octets.submit_sm(sequence, source, destination, text, wish)
        # Everybody counts from the same start, so one tenant's references are another's as well.
        tlvs = octets.tlv(octets.USER_MESSAGE_REFERENCE, (number & 0xFFFF).to_bytes(2, "big"))
        if kind < 0.1:
            self.multis.add(number)
            destinations = [(5, destination[1] + letter) for letter in (b"a", b"b", b"c")]
            return octets.SUBMIT_MULTI, octets.submit_multi(sequence, source, destinations, quote,
                                                            wish, tlvs)
        text = quote.ljust(self.random.randint(20, 1500 if kind < 0.3 else 160), b"x")
        if kind < 0.2:
            return octets.DATA_SM, octets.data_sm(sequence, source, destination, text, wish, tlvs)
        return pdu.SUBMIT_SM, octets.submit_sm(sequence, source, destination, text, wish, tlvs)

    def operate(self):
        """An operation on a message of its own, on a neighbour's, or on an id between."""
        given = self.random.choice(self.crowd.book)
        if len(self.asked) >= OPERATIONS_MAX or not self.is_open_for_submits():
            return
        if given.tenant is self.tenant:
            self.operate_on_own(given)
        else:
            self.operate_on_foreign(given)

    def is_open_for_submits(self):
        return self.state == "bound" and not self.unbind_seen and self.plan.role != "rx"

    def operate_on_own(self, given):
        verb = self.random.random()
        source = self.tenant.source(given.number)
        if verb < 0.3:
            self.ask(octets.QUERY_SM, "own", given.id, octets.query_sm, source)
        elif verb < 0.6:
            near = octets.neighbour(given.id, self.random.choice((-3, -2, -1, 1, 2, 3)))
            self.ask(octets.QUERY_SM, "neighbour", near, octets.query_sm, (0, b""))
        elif verb < 0.8:
            text = self.tenant.quote(given.number) + b"once more"
            self.ask(octets.REPLACE_SM, "own", given.id, octets.replace_sm, source, text)
        elif not given.is_multi:
            # Of several destinations one may be past cancelling, and their receipts would differ.
            self.crowd.cancelled.add(given.number)
            self.ask(octets.CANCEL_SM, "own", given.id, octets.cancel_sm, source, (0, b""))

    def operate_on_foreign(self, given):
        """As if it were ours, with the victim's addresses or none, which a thief may well know."""
        victim, message_id = given.tenant, given.id
        if self.tenant.version < 0x34 <= victim.version:
            message_id = octets.short_id(message_id)
        source = self.random.choice((victim.source(given.number), (0, b"")))
        destination = (5, victim.destination(given.number))
        verb = self.random.randrange(4)
        if verb == 0:
            self.ask(octets.QUERY_SM, "foreign", message_id, octets.query_sm, source)
        elif verb == 1:
            self.ask(octets.REPLACE_SM, "foreign", message_id, octets.replace_sm, source,
                     b"stolen by " + self.tenant.secret)
        elif verb == 2:
            self.ask(octets.CANCEL_SM, "foreign", message_id, octets.cancel_sm, source,
                     self.random.choice((destination, (0, b""))))
        else:
            self.ask(octets.CANCEL_SM, "no", b"", octets.cancel_sm,
                     victim.source(given.number), destination)

    # What the server says.

    def on_pdu(self, command, status, sequence, body, now):
        found = self.tenant.strange(body)
        if found:
            self.stray(f"octets of another, {found!r}, in {command:#x} {body!r}")
        if command in (octets.QUERY_SM | pdu.RESPONSE, octets.REPLACE_SM | pdu.RESPONSE,
                       octets.CANCEL_SM | pdu.RESPONSE):
            self.on_operation_resp(command, status, sequence, body)
        elif command in (pdu.SUBMIT_SM | pdu.RESPONSE, octets.DATA_SM | pdu.RESPONSE,
                         octets.SUBMIT_MULTI | pdu.RESPONSE):
            if self.commands.pop(sequence, None) != command & ~pdu.RESPONSE:
                raise pdu.Wrong(f"{command:#x} to sequence_number {sequence}, which did not ask "
                                "for it")
            self.on_submit_sm_resp(status, sequence, body.split(b"\0", 1)[0], now)
        else:
            super().on_pdu(command, status, sequence, body, now)

    def on_submit_sm_resp(self, status, sequence, body, now):
        number = self.pending[sequence][0] if sequence in self.pending else None
        super().on_submit_sm_resp(status, sequence, body, now)
        if status == pdu.ESME_ROK:
            is_multi = number in self.multis
            self.crowd.book.append(Given(self.tenant, body, number, is_multi))

    def on_operation_resp(self, command, status, sequence, body):
        asked = self.asked.pop(sequence, None)
        if asked is None or asked.command != command & ~pdu.RESPONSE:
            raise pdu.Wrong(f"{command:#x} to sequence_number {sequence}, which did not ask for it")
        if status == pdu.ESME_ROK and asked.command == octets.QUERY_SM:
            if octets.c_string(body, 0)[0] != asked.id:
                self.stray(f"asked for {asked.id}, answered {body!r}")
            if asked.target == "neighbour":
                self.ledger.claimed(asked.id.decode())
        allowed = {"own": None, "neighbour": None,
                   "foreign": (octets.ESME_RINVMSGID,),
                   "no": (octets.ESME_RINVMSGID, octets.ESME_RCANCELFAIL),
                   }[asked.target]
        if allowed and status not in (*allowed, octets.ESME_RTHROTTLED) and not self.unbind_seen:
            self.stray(f"{octets.NAMES[asked.command]} on {asked.target} id was answered with "
                       f"status {status:#x}: {asked.id}")

    def on_deliver_sm(self, sequence, body):
        if not self.receives:
            raise pdu.Wrong("a deliver_sm for a transmitter")
        deliver = octets.Deliver(body)
        if deliver.esm_class == pdu.ESM_CLASS_RECEIPT:
            self.on_receipt(deliver)
        else:
            self.on_mo(deliver)
        self.output += pdu.pdu(pdu.DELIVER_SM | pdu.RESPONSE, 0, sequence, b"\0")

    def on_mo(self, deliver):
        tenant = self.tenant
        self.crowd.counts.mos += 1
        if (deliver.source, deliver.destination, deliver.text) != \
                (tenant.mo_source(), tenant.number.encode(), tenant.mo_text()):
            self.stray(f"a message for another's number: {deliver.source} to "
                       f"{deliver.destination}, {deliver.text}")

    def on_receipt(self, deliver):
        tenant = self.tenant
        match = pdu.RECEIPT_TEXT.fullmatch(deliver.text)
        if not match or not match.group(3)[:12].isdigit():
            return self.stray(f"a receipt of no text of its own: {deliver.text!r}")
        number = int(match.group(3)[:12])
        message_id, stat = match.group(1), match.group(2)
        if match.group(3) != tenant.quote(number) or \
                number // NUMBERS_PER_TENANT != tenant.index:
            self.stray(f"a receipt for another's message: {deliver.text!r}")
        elif deliver.destination != tenant.source(number)[1] or \
                not deliver.source.startswith(tenant.destination(number)):
            self.stray(f"a receipt with others' addresses: {deliver.source} to "
                       f"{deliver.destination}, {deliver.text!r}")
        if stat != b"DELIVRD" and not (stat == b"DELETED" and number in self.crowd.cancelled):
            self.stray(f"nobody of this account has ended {number}, whose receipt says {stat}")
        if tenant.version >= 0x34 and \
                deliver.tlvs.get(pdu.RECEIPTED_MESSAGE_ID) != message_id + b"\0":
            self.stray(f"receipted_message_id differs: {deliver.text!r} {deliver.tlvs}")
        self.counts.receipts += 1
        self.ledger.receipt(Receipt(number, message_id.decode(), stat.decode()), tenant.name,
                            self.connection)


class Churner(TenantBind):
    """Comes and goes all the time, mostly without a word."""

    LIFE_MEAN_S = 0.5
    STEADY_SHARE = 0.3

    def on_bind_resp(self, status):
        super().on_bind_resp(status)
        steady = self.random.random() < self.STEADY_SHARE
        self.life = None if steady else self.random.expovariate(1 / self.LIFE_MEAN_S)

    def turn(self, now):
        if self.state != "bound" or self.unbind_seen:
            return
        if self.life is not None and self.orders.churning:
            self.life -= self.crowd.turn_s
            if self.life < 0:
                return self.unbind(now) if self.random.random() < 0.2 else self.drop()
        if self.random.random() < self.crowd.turn_s * self.crowd.operations_per_s and \
                self.crowd.book and self.orders.submitting:
            self.operate()


class Quiet(TenantBind):
    """Sends one message after the other, answers at once, and measures."""

    PAUSE_S = 0.02

    def open(self, now):
        self.next_at = now
        super().open(now)

    def turn(self, now):
        """Nothing: it stays."""

    def room(self, now):
        return 1 if now >= self.next_at and super().room(now) > 0 else 0

    def submit(self, now):
        self.next_at = now + self.PAUSE_S
        super().submit(now)

    def draw_submit(self, sequence, number, wish):
        tenant = self.tenant
        return pdu.SUBMIT_SM, octets.submit_sm(sequence, tenant.source(number),
                                               (5, tenant.destination(number)),
                                               tenant.quote(number), wish)

    def check_deadlines(self, now):
        super().check_deadlines(now)
        if self.state == "bound" and self.pending and self.serving():
            _, sent_at = next(iter(self.pending.values()))
            if now > sent_at + LATE_S:
                self.wrong(f"a submit was not answered for {LATE_S} s")

    def on_submit_sm_resp(self, status, sequence, body, now):
        if sequence in self.pending and self.serving():
            # A slow disk is no fault by itself; Play judges how often.
            what = "throttled" if status == octets.ESME_RTHROTTLED else "submit"
            self.crowd.measured(what, self.crowd.clock() - self.pending[sequence][1])
            if status not in (pdu.ESME_ROK, octets.ESME_RTHROTTLED):
                self.stray(f"a submit was refused with {status:#x}")
        super().on_submit_sm_resp(status, sequence, body, now)


class Caller(TenantBind):
    """Binds and unbinds for ever, and measures how long it waits at the door."""

    PAUSE_S = 0.1

    def open(self, now):
        self.asked_at = now
        super().open(now)
        self.retry_at = now + self.PAUSE_S

    def room(self, now):
        return 0

    def turn(self, now):
        if self.state == "bound":
            self.unbind(now)

    def check_deadlines(self, now):
        super().check_deadlines(now)
        if self.state == "binding" and self.serving() and now > self.asked_at + LATE_S:
            self.wrong(f"its bind was not answered for {LATE_S} s")

    def on_bind_resp(self, status):
        if self.serving():
            self.crowd.measured("bind", self.crowd.clock() - self.asked_at)
        super().on_bind_resp(status)

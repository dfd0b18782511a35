"""A minimal ESME: one bind over a plain socket. It is driven by load.py, which owns many of them in
one loop; nothing here waits.
"""
import selectors
import socket

import pdu

BIND_TIMEOUT_S = 5
CONNECT_TIMEOUT_S = 0.5
RESPONSE_TIMEOUT_S = 10
RETRY_S = 0.05
REFUSED_PAUSE_S = 0.02
RECEIVE_SIZE = 1 << 18


class Plan:
    """What a bind is to be: one row of a fault's list."""

    def __init__(self, account, role, window=50, password=None, address="127.0.0.1",
                 version=0x34):
        self.account = account
        self.role = role
        self.window = window
        self.password = account if password is None else password
        self.address = address     # where its connections come from
        self.version = version


class Bind:
    """A bind that comes back whenever it is lost.

    States: closed, binding, bound, unbinding (we have asked for the end). What a Bind learns goes
    to the ledger before anything is answered, because a receipt that was answered and not written
    down would look lost.
    """

    def __init__(self, name, plan, port, ledger, counts, draw, selector):
        self.name = name
        self.plan = plan
        self.port = port
        self.ledger = ledger
        self.counts = counts
        self.draw = draw           # gives the next submit: number, wish, size of the text
        self.selector = selector   # tells when to call read()
        self.generation = 0
        self.state = "closed"
        self.retry_at = 0
        self.receives = plan.role != "tx"

    # The connection.

    def open(self, now):
        """Asks for a bind, or tries again later."""
        self.retry_at = now + RETRY_S
        one = socket.socket()
        one.settimeout(CONNECT_TIMEOUT_S)
        try:
            one.bind((self.plan.address, 0))
            one.connect(("127.0.0.1", self.port))
        except OSError:
            one.close()
            return
        if one.getsockname() == one.getpeername():
            # While nobody listens, a connection to a free port may meet itself.
            one.close()
            return
        one.setblocking(False)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = one
        self.selector.register(one, selectors.EVENT_READ, self)
        self.generation += 1
        self.connection = f"{self.name}.{self.generation}"
        self.sequence = 1
        self.pending = {}          # sequence_number -> number of the submit, when it was sent
        self.rest = b""
        self.output = bytearray()
        self.unbind_seen = False
        self.unbind_answered = False
        self.paused_until = 0
        self.deadline = now + BIND_TIMEOUT_S
        self.state = "binding"
        self.output += pdu.bind(self.plan.role, self.take_sequence(), self.plan.account,
                                self.plan.password, self.plan.version)

    def close(self):
        if self.state in ("bound", "unbinding"):
            self.counts.bound -= 1
            if not self.unbind_answered:
                self.counts.dropped += 1
                self.ledger.dropped(self.connection)
        self.state = "closed"
        self.selector.unregister(self.socket)
        self.socket.close()

    def unbind(self, now):
        if self.state == "bound" and not self.unbind_seen:
            self.state = "unbinding"
            self.deadline = now + RESPONSE_TIMEOUT_S
            self.output += pdu.pdu(pdu.UNBIND, 0, self.take_sequence())

    def take_sequence(self):
        self.sequence += 1
        return self.sequence - 1

    def check_deadlines(self, now):
        """A server that keeps the connection and says nothing is at fault."""
        if self.state in ("binding", "unbinding") and now > self.deadline:
            self.wrong(f"no answer while {self.state}")
        elif self.state == "bound" and self.unbind_seen and now > self.deadline:
            self.wrong("the connection was kept after unbind_resp")
        elif self.pending:
            number, sent_at = next(iter(self.pending.values()))
            if now > sent_at + RESPONSE_TIMEOUT_S:
                self.wrong(f"submit {number} was not answered for {RESPONSE_TIMEOUT_S} s")

    def wrong(self, what):
        self.ledger.wrong(f"{self.connection}: {what}")
        self.close()

    # What we say.

    def room(self, now):
        if self.state != "bound" or self.unbind_seen or now < self.paused_until:
            return 0
        return 0 if self.plan.role == "rx" else self.plan.window - len(self.pending)

    def submit(self, now):
        number, wishes_receipt, text_size = self.draw()
        sequence = self.take_sequence()
        self.pending[sequence] = (number, now)
        self.ledger.submitted(number, self.plan.account, self.connection, wishes_receipt)
        self.output += pdu.submit_sm(sequence, number, wishes_receipt, text_size)

    def flush(self):
        """What the socket does not take stays for the next turn of the loop."""
        if self.state == "closed" or not self.output:
            return
        try:
            del self.output[:self.socket.send(self.output)]
        except BlockingIOError:
            pass
        except OSError:
            # What the server said before its end is still to be read, and reading finds the end.
            self.output.clear()

    # What the server says.

    def read(self, now):
        if self.state == "closed":
            return
        try:
            data = self.socket.recv(RECEIVE_SIZE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            return self.close()
        try:
            self.take(self.rest + data, now)
        except (pdu.Wrong, ValueError, IndexError) as error:
            self.wrong(repr(error))

    def take(self, data, now):
        at = 0
        while len(data) - at >= pdu.HEADER.size:
            size, command, status, sequence = pdu.HEADER.unpack_from(data, at)
            if not pdu.HEADER.size <= size <= 0x10000:
                raise pdu.Wrong(f"command_length {size}")
            if len(data) - at < size:
                break
            self.on_pdu(command, status, sequence, data[at + pdu.HEADER.size:at + size], now)
            at += size
            if self.state == "closed":
                return
        self.rest = data[at:]

    def on_pdu(self, command, status, sequence, body, now):
        if command == pdu.SUBMIT_SM | pdu.RESPONSE:
            self.on_submit_sm_resp(status, sequence, body, now)
        elif command == pdu.DELIVER_SM:
            self.on_deliver_sm(sequence, body)
        elif command == pdu.ENQUIRE_LINK:
            self.output += pdu.pdu(pdu.ENQUIRE_LINK | pdu.RESPONSE, 0, sequence)
        elif command == pdu.UNBIND:
            self.on_unbind(sequence, now)
        elif command == pdu.UNBIND | pdu.RESPONSE:
            self.on_unbind_resp()
        elif command == pdu.BINDS[self.plan.role] | pdu.RESPONSE:
            self.on_bind_resp(status)
        else:
            raise pdu.Wrong(f"command_id {command:#x}, status {status:#x}")

    def on_bind_resp(self, status):
        if status == pdu.ESME_ROK:
            self.state = "bound"
            self.counts.bound += 1
        elif status == pdu.ESME_RBINDFAIL:
            self.close()
        else:
            raise pdu.Wrong(f"bind answered with {status:#x}")

    def on_submit_sm_resp(self, status, sequence, body, now):
        if sequence not in self.pending:
            raise pdu.Wrong(f"an answer to sequence_number {sequence}, which is not open")
        number, _ = self.pending.pop(sequence)
        if status == pdu.ESME_ROK:
            self.counts.acked += 1
            self.ledger.accepted(number, body.rstrip(b"\0").decode())
        else:
            self.counts.refused += 1
            self.paused_until = now + REFUSED_PAUSE_S
            self.ledger.refused(number, status, self.unbind_seen)

    def on_deliver_sm(self, sequence, body):
        if not self.receives:
            raise pdu.Wrong("a deliver_sm for a transmitter")
        receipt = pdu.Receipt(body)
        self.counts.receipts += 1
        self.ledger.receipt(receipt, self.plan.account, self.connection)
        self.output += pdu.pdu(pdu.DELIVER_SM | pdu.RESPONSE, 0, sequence, b"\0")

    def on_unbind(self, sequence, now):
        """Answered at once, but for one more submit, which is what a busy client has on its way.
        The connection is the server's to close, after its last answers.
        """
        self.unbind_seen = True
        if self.plan.role != "rx" and self.state == "bound":
            self.submit(now)
        self.unbind_answered = True
        self.counts.unbound += 1
        self.deadline = now + RESPONSE_TIMEOUT_S
        self.output += pdu.pdu(pdu.UNBIND | pdu.RESPONSE, 0, sequence)
        self.ledger.unbound(self.connection)

    def on_unbind_resp(self):
        if self.state != "unbinding":
            raise pdu.Wrong("an unbind_resp that nobody asked for")
        self.unbind_answered = True
        if self.pending:
            raise pdu.Wrong(f"unbind was answered before {len(self.pending)} submits")
        # The answers to what came just before still have somewhere to go.
        self.ledger.flush()
        self.flush()
        self.close()


def probe(port, account, timeout):
    """The command_status that a new bind gets now, or None when no server answers."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout) as one:
            one.sendall(pdu.bind("trx", 1, account, account))
            answer = one.recv(pdu.HEADER.size, socket.MSG_WAITALL)
            if len(answer) < pdu.HEADER.size:
                return None
            status = pdu.HEADER.unpack(answer)[2]
            if status == pdu.ESME_ROK:
                one.sendall(pdu.pdu(pdu.UNBIND, 0, 2))
            return status
    except OSError:
        return None

"""kill -9 between submits and the replace_sm of their texts: a receipt repeats the text that was
last acknowledged, before and after a restart; of a replace_sm that was not answered, either.
"""
import random
import socket
import tempfile
import time

import pdu
from server import Fault, Server, free_port
from stage import journal
from ledger import Verdict

ACCOUNT = "alpha"
ROUNDS_MS = (100, 700)
WINDOW = 40
REPLACE_SHARE = 0.6
SEVERAL_SHARE = 0.3
DELAY_MS = (50, 600)
SETTLE_MAX_S = 20
PATIENCE_S = 6
TICK_S = 0.002
SOURCE = b"\x01\x01447946000001\0"


class Message:
    """Texts are counted: 0 is that of the submit."""

    def __init__(self):
        self.id = None
        self.asked = 0             # the newest text that was asked for
        self.acked = 0             # the newest that was acknowledged
        self.told = []             # by receipts


class Client:
    """One transceiver on a plain socket. It outlives its connections, and knows what it is owed."""

    def __init__(self, port, draw, verdict):
        self.port = port
        self.random = draw
        self.verdict = verdict
        self.messages = []
        self.by_id = {}
        self.replaced = 0
        self.socket = None

    def connect(self):
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        self.socket.sendall(pdu.bind("trx", 1, ACCOUNT, ACCOUNT))
        self.sequence = 2
        self.pending = {}          # sequence_number -> message, text
        self.rest = b""
        self.read_one(pdu.BIND_TRANSCEIVER | pdu.RESPONSE)
        self.socket.settimeout(TICK_S)

    def read_one(self, command):
        head = self.socket.recv(pdu.HEADER.size, socket.MSG_WAITALL)
        size, got, status, _ = pdu.HEADER.unpack(head)
        self.socket.recv(size - pdu.HEADER.size, socket.MSG_WAITALL)
        if (got, status) != (command, pdu.ESME_ROK):
            raise Fault(f"a bind was answered with {got:#x}, status {status:#x}")

    def close(self):
        self.socket.close()

    def send(self, command, body, what):
        self.pending[self.sequence] = what
        self.output += pdu.pdu(command, 0, self.sequence, body)
        self.sequence += 1

    def submit(self):
        number = len(self.messages)
        self.messages.append(Message())
        text = b"%08d v0 text" % number
        self.send(pdu.SUBMIT_SM, b"\0" + SOURCE + b"\x01\x0133612345678\0\0\0\0\0\0\x01\0\0\0" +
                  bytes((len(text),)) + text, (number, 0))

    def replace(self, number):
        message = self.messages[number]
        message.asked += 1
        text = b"%08d v%d text" % (number, message.asked)
        self.send(REPLACE_SM, message.id + b"\0" + SOURCE + b"\0\0\x01\0" + bytes((len(text),)) +
                  text, (number, message.asked))

    def play(self, seconds, submitting=True):
        """False once the server is gone."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.output = b""
            for _ in range(self.random.randint(1, 8) if submitting else 0):
                if len(self.pending) < WINDOW:
                    self.submit()
            if not self.turn():
                return False
        return True

    def turn(self):
        try:
            try:
                data = self.socket.recv(1 << 18)
                if not data:
                    return False
                self.take(self.rest + data)
            except socket.timeout:
                pass
            self.socket.sendall(self.output)
            self.output = b""
        except OSError:
            return False
        return True

    def take(self, data):
        at = 0
        while len(data) - at >= pdu.HEADER.size:
            size, command, status, sequence = pdu.HEADER.unpack_from(data, at)
            if len(data) - at < size:
                break
            self.on_pdu(command, status, sequence, data[at + pdu.HEADER.size:at + size])
            at += size
        self.rest = data[at:]

    def on_pdu(self, command, status, sequence, body):
        if command == pdu.SUBMIT_SM | pdu.RESPONSE:
            number, _ = self.pending.pop(sequence)
            if status == pdu.ESME_ROK:
                self.messages[number].id = body.rstrip(b"\0")
                self.maybe_replace(number, REPLACE_SHARE)
        elif command == REPLACE_SM | pdu.RESPONSE:
            number, text = self.pending.pop(sequence)
            if status == pdu.ESME_ROK:
                self.replaced += 1
                message = self.messages[number]
                message.acked = max(message.acked, text)
                self.maybe_replace(number, SEVERAL_SHARE)
        elif command == pdu.DELIVER_SM:
            self.on_receipt(body)
            self.output += pdu.pdu(pdu.DELIVER_SM | pdu.RESPONSE, 0, sequence, b"\0")
        elif command == pdu.ENQUIRE_LINK:
            self.output += pdu.pdu(pdu.ENQUIRE_LINK | pdu.RESPONSE, 0, sequence)
        else:
            raise Fault(f"command_id {command:#x}, status {status:#x}")

    def maybe_replace(self, number, share):
        # One receipt may have come already: then the replace_sm is refused.
        if self.random.random() < share:
            self.replace(number)

    def on_receipt(self, body):
        text, _ = pdu.Receipt.parts(body)
        match = pdu.RECEIPT_TEXT.fullmatch(text)
        quoted = match.group(3).split(b" ") if match else []
        if len(quoted) < 2 or not quoted[1].startswith(b"v"):
            return self.verdict.fault("a receipt repeats no text of ours", repr(text))
        number, told = int(quoted[0]), int(quoted[1][1:])
        message = self.messages[number]
        where = (f"message {number}: told {told}, acknowledged {message.acked}, asked for "
                 f"{message.asked}")
        if not message.acked <= told <= message.asked:
            self.verdict.fault("a receipt repeats another text than the last acknowledged", where)
        if message.told and message.told[0] != told:
            self.verdict.fault("two receipts of a message repeat different texts", where)
        message.told.append(told)

    def owed(self):
        return [number for number, message in enumerate(self.messages)
                if message.id is not None and not message.told]


REPLACE_SM = 0x07


def draw_backend(draw):
    return draw.randint(1, 3), {"delay_ms": draw.randint(*DELAY_MS),
                                "delay_distribution": '"exponential"',
                                "seed": draw.randrange(1 << 32)}


def run(program, seed, rounds):
    draw = random.Random(f"{seed}/replace")
    verdict = Verdict()
    with tempfile.TemporaryDirectory(prefix="ringgate-chaos-") as directory:
        # Small segments: what is still open is copied forward again and again.
        server = Server(program, directory, free_port(), journal(16 << 20, 1 << 20))
        client = Client(server.port, draw, verdict)
        try:
            for _ in range(rounds):
                server.start(*draw_backend(draw), {})
                client.connect()
                client.play(draw.uniform(*ROUNDS_MS) / 1000)
                server.kill()
                client.close()
            server.start(*draw_backend(draw), {})
            client.connect()
            settle(client)
            client.close()
        finally:
            server.discard()
    for number in client.owed():
        verdict.fault("accepted, and no receipt came", number)
    told = sum(len(message.told) for message in client.messages)
    return verdict, f"{rounds} rounds, {client.replaced} texts replaced, {told} receipts"


def settle(client):
    """Until nothing is owed, or nothing more comes."""
    end = time.monotonic() + SETTLE_MAX_S
    came, came_at = -1, time.monotonic()
    while client.owed() and time.monotonic() < min(end, came_at + PATIENCE_S):
        client.play(0.1, submitting=False)
        now_came = len(client.owed())
        if now_came != came:
            came, came_at = now_came, time.monotonic()

"""Bursts: one client that pipelines submit_multi and payloads without reading much, and a second
one that only asks whether anybody is there.
"""
import collections
import socket
import time

import pdu

ACCOUNT = "gamma"
DESTINATIONS = 254
SIZES = (160, 1000, 20000, 60000)
IN_FLIGHT_MAX = 40
RECEIVE_SIZE = 1 << 18
ENQUIRE_GAP_S = 0.05
# The disk of a test machine is shared; a shard that waits for room would wait until there is some.
ANSWER_MAX_S = 5
ENQUIRE_LINK_RESP = pdu.ENQUIRE_LINK | pdu.RESPONSE
SUBMIT_MULTI = 0x21


def payload(size):
    return pdu.TLV.pack(pdu.MESSAGE_PAYLOAD, size) + b"x" * size


def submit_multi(sequence, count, size):
    destinations = b"".join(b"\x01\x01\x01336%08d\0" % number for number in range(count))
    body = b"\0\x01\x01447946000001\0" + bytes((count,)) + destinations + bytes(10)
    return pdu.pdu(SUBMIT_MULTI, pdu.ESME_ROK, sequence, body + payload(size))


def submit(sequence, size):
    body = b"\0\x01\x01447946000001\0\x01\x0133612345678\0" + bytes(10)
    return pdu.pdu(pdu.SUBMIT_SM, pdu.ESME_ROK, sequence, body + payload(size))


class Line:
    """One bound connection; nothing here waits once it is bound."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 5)
        self.socket.sendall(pdu.bind("tx", 1, ACCOUNT, ACCOUNT))
        self.rest = b""
        self.output = bytearray()
        answers = []
        while not answers:
            answers = self.cut(self.socket.recv(RECEIVE_SIZE))
        if answers[0][1] != pdu.ESME_ROK:
            raise OSError(f"a bind was answered with {answers[0][1]:#x}")
        self.socket.setblocking(False)

    def cut(self, octets):
        """Command and status of every PDU that is whole."""
        if not octets:
            raise OSError("the server has closed a connection")
        self.rest += octets
        answers = []
        while len(self.rest) >= pdu.HEADER.size:
            size, command, status, _ = pdu.HEADER.unpack_from(self.rest)
            if len(self.rest) < size:
                break
            answers.append((command, status))
            self.rest = self.rest[size:]
        return answers

    def write(self):
        try:
            while self.output:
                del self.output[:self.socket.send(self.output[:RECEIVE_SIZE])]
        except BlockingIOError:
            pass

    def read(self):
        try:
            return self.cut(self.socket.recv(RECEIVE_SIZE))
        except BlockingIOError:
            return []


class Burst:
    """turn() is to be called again and again."""

    def __init__(self, port, random):
        self.random = random
        self.line = Line(port)
        self.asker = Line(port)
        self.in_flight = 0
        self.sequence = 1
        self.statuses = collections.Counter()
        self.asked_at = None
        self.next_ask = 0
        self.longest_s = 0

    def turn(self):
        now = time.monotonic()
        while self.in_flight < IN_FLIGHT_MAX and not self.line.output:
            self.sequence += 1
            size = self.random.choice(SIZES)
            many = self.random.random() < 0.5
            self.line.output += (submit_multi(self.sequence, DESTINATIONS, size) if many
                                 else submit(self.sequence, size))
            self.in_flight += 1
            self.line.write()
        self.line.write()
        for _, status in self.line.read():
            self.in_flight -= 1
            self.statuses[status] += 1
        self.ask(now)

    def ask(self, now):
        if self.asked_at is None and now >= self.next_ask:
            self.asker.output += pdu.pdu(pdu.ENQUIRE_LINK, pdu.ESME_ROK, 7)
            self.asker.write()
            self.asked_at = now
        for command, _ in self.asker.read():
            if command == ENQUIRE_LINK_RESP:
                self.asked_at = None
                self.next_ask = now + ENQUIRE_GAP_S
        if self.asked_at is not None:
            self.longest_s = max(self.longest_s, now - self.asked_at)

    def judge(self, verdict):
        if self.longest_s > ANSWER_MAX_S:
            verdict.fault("an enquire_link waited for room", f"{self.longest_s:.1f} s")
        refusals = (pdu.ESME_RMSGQFUL, pdu.ESME_RTHROTTLED)
        if not any(self.statuses[status] for status in refusals):
            verdict.fault("bursts were never refused", dict(self.statuses))
        if not self.statuses[pdu.ESME_ROK]:
            verdict.fault("nothing of the bursts was taken", dict(self.statuses))
        strange = set(self.statuses) - {pdu.ESME_ROK, *refusals}
        if strange:
            verdict.fault("bursts were answered strangely", strange)

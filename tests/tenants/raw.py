"""A bare connection, for those who do not behave and for plays that go step by step."""
import select
import socket
import time

import octets
import pdu
from tenant import Watch

PATIENCE_S = 5
RECEIVE_SIZE = 1 << 16
DRAIN_MAX = 16


class Raw:
    """`report` hears of octets that belong to another. Raises OSError like its socket."""

    def __init__(self, port, address, own=b"", report=None):
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE_S)
        try:
            self.socket.bind((address, 0))
            self.socket.connect(("127.0.0.1", port))
        except OSError:
            self.socket.close()
            raise
        # With a timeout Python would wait for one in every call, MSG_DONTWAIT or not.
        self.socket.setblocking(False)
        self.watch = Watch(own)
        self.report = report
        self.rest = b""
        self.at = 0                # how much of a flood's octets has been sent
        self.sequence = 0
        self.over = False

    def close(self):
        self.over = True
        self.socket.close()

    def look(self, data):
        found = self.watch.feed(data)
        if found and self.report:
            self.report(f"octets of another, {found!r}, for {self.watch.own!r}: {data!r}")

    # Step by step.

    def send(self, data):
        if self.over:
            raise ConnectionResetError("the server has ended the connection")
        while data:
            if not select.select([], [self.socket], [], PATIENCE_S)[1]:
                raise TimeoutError("the server does not read")
            data = data[self.socket.send(data):]

    def receive(self, seconds=PATIENCE_S):
        """command_id, command_status, sequence_number, body; None at the end or after so long."""
        deadline = time.monotonic() + seconds
        while True:
            if len(self.rest) >= pdu.HEADER.size:
                size, command, status, sequence = pdu.HEADER.unpack_from(self.rest)
                if len(self.rest) >= size:
                    body, self.rest = self.rest[pdu.HEADER.size:size], self.rest[size:]
                    return command, status, sequence, body
            if self.over:
                return None
            left = max(0, deadline - time.monotonic())
            if not select.select([self.socket], [], [], left)[0]:
                return None
            try:
                data = self.socket.recv(RECEIVE_SIZE)
            except OSError:
                data = b""
            if not data:
                return None
            self.look(data)
            self.rest += data

    def ask(self, make, *arguments, seconds=PATIENCE_S):
        """Status and body of the answer to make(sequence_number, ...); deliver_sm that come in
        between are answered and left unread. None where no answer comes.
        """
        self.sequence += 1
        self.send(make(self.sequence, *arguments))
        while (got := self.receive(seconds)) is not None:
            command, status, sequence, body = got
            if command & pdu.RESPONSE and sequence == self.sequence:
                return status, body
            self.answer(command, sequence)
        return None, b""

    def answer(self, command, sequence):
        if command == pdu.DELIVER_SM:
            self.send(pdu.pdu(command | pdu.RESPONSE, 0, sequence, b"\0"))
        elif command in (pdu.ENQUIRE_LINK, pdu.UNBIND):
            self.send(pdu.pdu(command | pdu.RESPONSE, 0, sequence))

    def bind(self, tenant, role="trx", password=None, seconds=PATIENCE_S):
        """The status, or None when there was no answer."""
        status, _ = self.ask(
            lambda sequence: pdu.bind(role, sequence, tenant.name, password or tenant.password,
                                      tenant.version), seconds=seconds)
        return status

    def delivers(self, seconds, count_max=None):
        """Every deliver_sm that comes within the time, answered; without waiting for more."""
        deadline = time.monotonic() + seconds
        found = []
        while (got := self.receive(deadline - time.monotonic())) is not None:
            command, _, sequence, body = got
            if not command & pdu.RESPONSE:
                self.answer(command, sequence)
            if command == pdu.DELIVER_SM:
                found.append(octets.Deliver(body))
                if len(found) == count_max:
                    break
        return found

    def finish(self):
        """Returns when the server has let go of the connection: its place is free again."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
            while select.select([self.socket], [], [], PATIENCE_S)[0]:
                data = self.socket.recv(RECEIVE_SIZE)
                if not data:
                    break
                self.look(data)
        except OSError:
            pass
        self.close()

    # As much as it takes.

    def push(self, flood):
        """Sends on in these octets, which begin again at their end. How many went."""
        try:
            sent = self.socket.send(memoryview(flood)[self.at:])
        except BlockingIOError:
            return 0
        except OSError:
            self.close()
            return 0
        self.at = (self.at + sent) % len(flood)
        return sent

    def drain(self):
        """Reads what has come, and answers none of it."""
        try:
            for _ in range(DRAIN_MAX):
                data = self.socket.recv(RECEIVE_SIZE)
                if not data:
                    return self.close()
                self.look(data)
        except BlockingIOError:
            pass
        except OSError:
            self.close()

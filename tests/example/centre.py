"""A message centre for the tests of examples, written from the specification and sharing nothing with the client."""
import socket
import struct

SUBMIT, DELIVER, UNBIND, RESPONSE = 4, 5, 6, 0x80000000
BINDS = (1, 2, 9)


class Centre:
    """Listens; one client at a time."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(20)
        self.port = self.listener.getsockname()[1]
        self.link = None
        self.sequence = 0

    def accept(self, status=0):
        """Answers the next client's bind with that; (system_id, password)."""
        self.link, _ = self.listener.accept()
        self.link.settimeout(20)
        self.read = b""
        command, sequence, body = self.next()
        assert command in BINDS, hex(command)
        self.answer(command, sequence, status, b"centre\0" if status == 0 else b"")
        return tuple(body.split(b"\0")[:2])

    def pdu(self):
        """(command, status, sequence_number, body)"""
        while len(self.read) < 16 or len(self.read) < struct.unpack(">I", self.read[:4])[0]:
            more = self.link.recv(65536)
            if not more:
                raise EOFError
            self.read += more
        size, command, status, sequence = struct.unpack(">IIII", self.read[:16])
        body, self.read = self.read[16:size], self.read[size:]
        return command, status, sequence, body

    def next(self):
        """(command, sequence_number, body) of a request"""
        command, _, sequence, body = self.pdu()
        return command, sequence, body

    def answer(self, command, sequence, status=0, body=b""):
        self.link.sendall(struct.pack(">IIII", 16 + len(body), RESPONSE | command, status, sequence) + body)

    def submit(self):
        """(sequence_number, destination, text) of the next submit_sm."""
        command, sequence, body = self.next()
        assert command == SUBMIT, hex(command)
        rest = body.split(b"\0", 1)[1][2:].split(b"\0", 1)[1][2:]
        destination, rest = rest.split(b"\0", 1)
        rest = rest[3:].split(b"\0", 2)[2]
        return sequence, destination, rest[5:5 + rest[4]]

    def deliver(self, text, source=b"1", destination=b"2", esm_class=0):
        """The status of the client's answer."""
        self.sequence += 1
        body = (b"\0\1\1" + source + b"\0\1\1" + destination + b"\0" + bytes([esm_class]) + b"\0" * 8 + bytes([len(text)]) + text)
        self.link.sendall(struct.pack(">IIII", 16 + len(body), DELIVER, 0, self.sequence) + body)
        command, status, sequence, _ = self.pdu()
        assert (command, sequence) == (RESPONSE | DELIVER, self.sequence), hex(command)
        return status

    def unbind(self):
        """Answers the client's unbind; whether it then closes."""
        command, sequence, _ = self.next()
        assert command == UNBIND, hex(command)
        self.answer(command, sequence)
        return self.link.recv(1) == b""

"""An ESME for the tests of examples, written from the specification and sharing nothing with the server; and an example that
runs beside it."""
import socket
import struct
import subprocess
import sys

SUBMIT, DELIVER, UNBIND, BIND_TRANSCEIVER, RESPONSE = 4, 5, 6, 9, 0x80000000


class Checks:
    def __init__(self):
        self.number = 0
        self.good = True

    def check(self, name, right):
        self.number += 1
        self.good &= bool(right)
        print("ok" if right else "not ok", self.number, "-", name)

    def end(self):
        print(f"1..{self.number}")
        sys.exit(not self.good)


class Esme:
    def __init__(self, port, source="127.0.0.1"):
        self.link = socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))
        self.read = b""
        self.sequence = 0

    def send(self, command, body=b"", sequence=None):
        if sequence is None:
            self.sequence += 1
            sequence = self.sequence
        self.link.sendall(struct.pack(">IIII", 16 + len(body), command, 0, sequence) + body)

    def next(self):
        """(command, status, sequence, body)"""
        while len(self.read) < 16 or len(self.read) < struct.unpack(">I", self.read[:4])[0]:
            more = self.link.recv(4096)
            if not more:
                raise SystemExit("the server closed the connection")
            self.read += more
        size, command, status, sequence = struct.unpack(">IIII", self.read[:16])
        body, self.read = self.read[16:size], self.read[size:]
        return command, status, sequence, body

    def bind(self, system_id, password):
        """The status of the response."""
        self.send(BIND_TRANSCEIVER, f"{system_id}\0{password}\0".encode() + b"\0\x34\0\0\0")
        command, status, _, _ = self.next()
        assert command == RESPONSE | BIND_TRANSCEIVER, hex(command)
        return status

    def unbind(self):
        """Whether that was answered."""
        self.send(UNBIND)
        return self.next()[:3] == (RESPONSE | UNBIND, 0, self.sequence)

    def submit(self, text, source="447700900001", destination="447800900002", receipt=True):
        """The status of the response, and the id in it."""
        self.send(SUBMIT, f"\0\1\1{source}\0\1\1{destination}\0".encode() + b"\0\0\0\0\0" + bytes([receipt]) + b"\0\0\0"
                  + bytes([len(text)]) + text)
        command, status, _, body = self.next()
        assert command == RESPONSE | SUBMIT, hex(command)
        return status, body.rstrip(b"\0")

    def deliver(self, status=0):
        """The body of the next deliver_sm, which is answered."""
        command, _, sequence, body = self.next()
        assert command == DELIVER, hex(command)
        self.link.sendall(struct.pack(">IIII", 17, RESPONSE | DELIVER, status, sequence) + b"\0")
        return body


class Example:
    """Use with `with`: a program that prints its port and ends with Enter."""

    def __init__(self, *words):
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])

    def __enter__(self):
        return self

    def line(self):
        return self.process.stdout.readline()

    def end(self):
        """Its exit status, and what it had still to say."""
        said, _ = self.process.communicate("\n", timeout=20)
        return self.process.returncode, said

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

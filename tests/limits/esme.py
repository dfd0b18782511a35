"""A client that sends what it is told, in octets of its own, and hears what comes."""
import socket
import struct
import time

OK, RBINDFAIL, RINVSRCADR, RINVDSTADR, RMSGQFUL, RTHROTTLED = 0, 0x0D, 0x0A, 0x0B, 0x14, 0x58
RSYSERR, RX_T_APPN, RX_P_APPN, RX_R_APPN, ROUTFAIL = 0x08, 0x64, 0x65, 0x66, 0x45
RX, TX, SUBMIT, DELIVER, UNBIND, TRX, ENQUIRE_LINK, MULTI, DATA = 1, 2, 4, 5, 6, 9, 0x15, 0x21, 0x103
RESPONSE = 0x80000000
BROADCAST, RINVCMDLEN = 0x111, 0x02
UDH = 0x40
PAYLOAD, SAR_REFERENCE, SAR_TOTAL, SAR_SEQUENCE = 0x0424, 0x020C, 0x020E, 0x020F
PATIENCE_S = 30


def pdu(command, sequence, body=b"", status=0):
    return struct.pack(">IIII", 16 + len(body), command, status, sequence) + body


def tlv(tag, value):
    return struct.pack(">HH", tag, len(value)) + value


def address(text, ton=1, npi=1):
    """`text`: octets, or what is all ASCII."""
    return bytes([ton, npi]) + (text if isinstance(text, bytes) else text.encode()) + b"\0"


def part(reference, total, number):
    """The header of a part's text."""
    return bytes([5, 0, 3, reference, total, number])


def submit_sm(source, destination, text=b"hi", esm_class=0, tlvs=b""):
    return (b"\0" + source + destination + bytes([esm_class, 0, 0, 0, 0, 0, 0, 0, 0, len(text)]) + text + tlvs)


def submit_multi(source, destinations, text=b"hi", esm_class=0):
    return (b"\0" + source + bytes([len(destinations)]) + b"".join(b"\1" + one for one in destinations) +
            bytes([esm_class, 0, 0, 0, 0, 0, 0, 0, 0, len(text)]) + text)


def data_sm(source, destination, text=b"hi"):
    return b"\0" + source + destination + bytes(3) + tlv(PAYLOAD, text)


def bind_body(name, password="secret"):
    return f"{name}\0{password}\0".encode() + b"\0\x34\0\0\0"


HERE, THERE = address("447700900001"), address("447700900002")


class Client:
    """One connection. `begin`: what it says before anything else; `tls`: a context; `corked`: what it says first goes together."""

    def __init__(self, port, source="127.0.0.1", begin=b"", tls=None, corked=False):
        self.rest = b""
        self.sequence = 0
        self.answers = True     # what the server asks
        self.asked = 0          # enquire_links that came
        self.unbound = False
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE_S)
        self.socket.bind((source, 0))
        self.socket.connect(("127.0.0.1", port))
        self.port = self.socket.getsockname()[1]
        if corked:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        self.socket.sendall(begin)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname="smsc.example")
        if corked:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)

    def send(self, command, body=b""):
        self.sequence += 1
        self.socket.sendall(pdu(command, self.sequence, body))
        return self.sequence

    def more(self):
        """False: the connection has ended."""
        try:
            octets = self.socket.recv(65536)
        except (ConnectionError, ValueError):
            octets = b""
        self.rest += octets
        return octets != b""

    def fileno(self):
        return self.socket.fileno()

    def has_pdu(self):
        """A whole one that has not been read."""
        return len(self.rest) >= 4 and len(self.rest) >= struct.unpack(">I", self.rest[:4])[0]

    def read(self):
        """One PDU: command, status, sequence, body. None at the end. Raises TimeoutError."""
        while not self.has_pdu():
            if not self.more():
                return None
        size, command, status, sequence = struct.unpack(">IIII", self.rest[:16])
        body, self.rest = self.rest[16:size], self.rest[size:]
        if command == ENQUIRE_LINK:
            self.asked += 1
        if command == UNBIND:
            self.unbound = True
        if command < RESPONSE and self.answers:
            self.socket.sendall(pdu(RESPONSE | command, sequence, b"\0" if command == DELIVER else b""))
        return command, status, sequence, body

    def answer(self, sequence):
        """Status and body of the response to that one. None, b"" where the connection ends before it."""
        while (got := self.read()) is not None:
            command, status, number, body = got
            if command >= RESPONSE and number == sequence:
                return status, body
        return None, b""

    def ask(self, command, body=b""):
        try:
            return self.answer(self.send(command, body))
        except (ConnectionError, ValueError):
            return None, b""

    def bind(self, name, mode=TRX, password="secret"):
        return self.ask(mode, bind_body(name, password))[0]

    def submit(self, *arguments, **named):
        return self.ask(SUBMIT, submit_sm(*(arguments or (HERE, THERE)), **named))[0]

    def submits(self, count, **named):
        return [self.submit(**named) for _ in range(count)]

    def flood(self, count):
        """All at once; the statuses in the order of the answers."""
        first = self.sequence + 1
        self.sequence += count
        self.socket.sendall(b"".join(pdu(SUBMIT, first + i, submit_sm(HERE, THERE)) for i in range(count)))
        statuses = []
        while len(statuses) < count and (got := self.read()) is not None:
            if got[0] == RESPONSE | SUBMIT:
                statuses.append(got[1])
        return statuses

    def multi(self, count, source=HERE, destinations=None, **named):
        """The status, and the statuses of those that were refused, by their address."""
        destinations = destinations or [address(f"4477009{i:05}") for i in range(count)]
        status, body = self.ask(MULTI, submit_multi(source, destinations, **named))
        failures = {}
        if status == OK:
            at = body.index(b"\0") + 2
            for _ in range(body[at - 1]):
                end = body.index(b"\0", at + 2)
                failures[body[at + 2:end].decode()] = struct.unpack(">I", body[end + 1:end + 5])[0]
                at = end + 5
        return status, failures

    def hear(self, seconds):
        """Reads, and answers, for so long. False: the connection has ended."""
        until = time.monotonic() + seconds
        try:
            while (left := until - time.monotonic()) > 0:
                self.socket.settimeout(left)
                if self.read() is None:
                    return False
        except TimeoutError:
            pass
        finally:
            self.socket.settimeout(PATIENCE_S)
        return True

    def ended(self, seconds=PATIENCE_S):
        """Reads, and does not answer, until the connection ends; False when it does not within so long."""
        self.answers = False
        return not self.hear(seconds)

    def close(self):
        self.socket.close()


def bound(port, name, mode=TRX, source="127.0.0.1", **named):
    """A client that has bound, or None."""
    client = Client(port, source, **named)
    if client.bind(name, mode) == OK:
        return client
    client.close()
    return None

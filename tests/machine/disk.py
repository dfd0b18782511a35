"""A disk of the machine that is made here: a server of the NBD protocol, which the emulator speaks, in a
process of its own. It logs every write and every flush, is slow when it is told to, and fails.

What the log says of a flush is what a device promises: it keeps the writes that had been answered when
the flush came. A write that was still unanswered then may be lost as well as if it had come later.
"""
import ctypes
import multiprocessing
import os
import socket
import struct
import subprocess
import time

from load import die_with_parent

OPTION = struct.Struct(">8sII")
OPTION_REPLY = struct.Struct(">QIII")
REQUEST = struct.Struct(">IHHQQI")
REPLY = struct.Struct(">IIQ")
ENTRY = struct.Struct("<BQIQ")
OPTION_MAGIC, OPTION_REPLY_MAGIC = b"IHAVEOPT", 0x3E889045565A9
REQUEST_MAGIC, REPLY_MAGIC = 0x25609513, 0x67446698
FIXED_NEWSTYLE, NO_ZEROES = 1, 2
OPT_ABORT, OPT_GO = 2, 7
REP_ACK, REP_INFO, REP_UNSUPPORTED = 1, 3, 0x80000001
# Without FUA, so that all that is to be kept is asked for by a flush.
HAS_FLAGS, SEND_FLUSH = 1, 4
READ, WRITE, DISCONNECT, FLUSH = 0, 1, 2, 3
EIO, EINVAL = 5, 22
READ_SIZE = 1 << 20


def format_disk(path, size):
    with open(path, "wb") as file:
        file.truncate(size)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", path], check=True, stdin=subprocess.DEVNULL)


class Orders(ctypes.Structure):
    """What the parent wants of the disk, and how many entries its log has."""
    _fields_ = [("position", ctypes.c_int64), ("flush_ms", ctypes.c_int64), ("failing", ctypes.c_int64)]


class Entry:
    """A row of the log."""
    __slots__ = ("kind", "offset", "data", "kept")

    def __init__(self, kind, offset, data, kept):
        self.kind = kind
        self.offset = offset
        self.data = data
        self.kept = kept           # of a flush: entries before this one are kept from here on


def read_log(path):
    with open(path, "rb") as log:
        while len(head := log.read(ENTRY.size)) == ENTRY.size:
            kind, offset, size, kept = ENTRY.unpack(head)
            data = log.read(size)
            if len(data) < size:
                return
            yield Entry(kind, offset, data, kept)


class Disk:
    """The parent's side. Use with `with`."""

    def __init__(self, image, log):
        self.path = image + ".socket"
        self.orders = multiprocessing.get_context("fork").RawValue(Orders)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.process = multiprocessing.get_context("fork").Process(
            target=serve, args=(self.listener, image, log, self.orders), daemon=True)
        self.process.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()
        self.listener.close()
        os.unlink(self.path)

    def words(self):
        """For Machine(disk=...)."""
        return f"file=nbd+unix:///?socket={self.path}"


def serve(listener, image, log, orders):
    """The child: one machine after the other, on the same octets."""
    die_with_parent()
    with open(image, "rb") as file:
        octets = bytearray(file.read())
    with open(log, "wb", buffering=0) as out:
        while True:
            link, _ = listener.accept()
            try:
                Link(link, octets, out, orders).run()
            except (OSError, EOFError):
                pass
            link.close()


class Link:
    """One connection, from its first octet to its last."""

    def __init__(self, link, octets, log, orders):
        self.link = link
        self.octets = octets
        self.log = log
        self.orders = orders
        self.buffer = bytearray()

    def take(self, size):
        while len(self.buffer) < size:
            data = self.link.recv(READ_SIZE)
            if not data:
                raise EOFError
            self.buffer += data
        taken = bytes(self.buffer[:size])
        del self.buffer[:size]
        return taken

    def run(self):
        self.link.sendall(b"NBDMAGIC" + OPTION_MAGIC + struct.pack(">H", FIXED_NEWSTYLE | NO_ZEROES))
        self.take(4)
        while not self.on_option():
            pass
        while self.on_requests():
            pass

    def on_option(self):
        """True once requests follow."""
        _, option, size = OPTION.unpack(self.take(OPTION.size))
        self.take(size)
        if option == OPT_GO:
            export = struct.pack(">HQH", 0, len(self.octets), HAS_FLAGS | SEND_FLUSH)
            self.answer_option(option, REP_INFO, export)
            self.answer_option(option, REP_ACK)
            return True
        if option == OPT_ABORT:
            raise EOFError
        self.answer_option(option, REP_UNSUPPORTED)
        return False

    def answer_option(self, option, kind, data=b""):
        self.link.sendall(OPTION_REPLY.pack(OPTION_REPLY_MAGIC, option, kind, len(data)) + data)

    def on_requests(self):
        """All that has come. None of it was answered when the last of it was sent, so a flush keeps
        only what came before any of it.
        """
        requests = [self.take_request()]
        while len(self.buffer) >= REQUEST.size:
            requests.append(self.take_request())
        kept = self.orders.position
        for kind, cookie, offset, size, data in requests:
            if kind == DISCONNECT:
                return False
            error, answer = self.play(kind, offset, size, data, kept)
            self.link.sendall(REPLY.pack(REPLY_MAGIC, error, cookie) + answer)
        return True

    def take_request(self):
        _, _, kind, cookie, offset, size = REQUEST.unpack(self.take(REQUEST.size))
        return kind, cookie, offset, size, self.take(size) if kind == WRITE else b""

    def play(self, kind, offset, size, data, kept):
        if kind == READ:
            return 0, bytes(self.octets[offset:offset + size])
        if kind not in (WRITE, FLUSH):
            return EINVAL, b""
        if self.orders.failing:
            return EIO, b""
        if kind == FLUSH and self.orders.flush_ms:
            time.sleep(self.orders.flush_ms / 1000)
        self.log.write(ENTRY.pack(kind, offset, len(data), kept) + data)
        if kind == WRITE:
            self.octets[offset:offset + size] = data
        # Before the answer: whoever hears of what it led to finds it in the log.
        self.orders.position += 1
        return 0, b""

"""A reconnect storm: every client loses its server at once, and comes back at once."""
import errno
import os
import resource
import select
import socket
import struct
import time

import program
from case import ValueCase

BIND_WAIT_S = 60
TRY_AGAIN_S = 0.01  # while nobody listens
BEGUN_AT_ONCE_MAX = 64
ADDRESSES = 50  # of loopback: clients of one address would have only a share of the places before the bind
RESET_AT_CLOSE = struct.pack("ii", 1, 0)
IP_BIND_ADDRESS_NO_PORT = 24  # from <linux/in.h>: the port is chosen at the connect, so that each address has all of them
BIND_TRANSCEIVER = 0x09


def bind_pdu(system_id="test", password="test"):
    body = system_id.encode() + b"\0" + password.encode() + b"\0\0" + b"\x34\0\0\0"
    return struct.pack(">IIII", 16 + len(body), BIND_TRANSCEIVER, 0, 1) + body


class Herd:
    """`count` clients that bind, and begin again when they are refused or dropped."""

    def __init__(self, port, count):
        self.port, self.count = port, count
        self.epoll = select.epoll()
        self.clients = {}  # descriptor -> socket
        self.bound = set()
        self.greeting = bind_pdu()
        self.begun = 0
        self.turned_away = 0  # by somebody who listened

    def begin(self):
        one = socket.socket()
        one.setblocking(False)
        # Dropped by thousands, they must not use up the ports by waiting there.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
        one.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        one.bind((f"127.0.12.{self.begun % ADDRESSES + 1}", 0))
        self.begun += 1
        error = one.connect_ex(("127.0.0.1", self.port))
        if error not in (0, errno.EINPROGRESS):
            one.close()
            return False
        self.clients[one.fileno()] = one
        self.epoll.register(one.fileno(), select.EPOLLOUT)
        return True

    def drop(self, descriptor):
        self.bound.discard(descriptor)
        self.epoll.unregister(descriptor)
        self.clients.pop(descriptor).close()

    def on_event(self, descriptor, events):
        """False where nobody listens."""
        one = self.clients[descriptor]
        try:
            if events & select.EPOLLOUT and not events & (select.EPOLLERR | select.EPOLLHUP):
                one.send(self.greeting)
                self.epoll.modify(descriptor, select.EPOLLIN)
                return True
            answer = one.recv(4096)
            if answer and descriptor in self.bound:
                return True  # an enquire_link
            if len(answer) >= 16 and struct.unpack_from(">I", answer, 8)[0] == 0:
                self.bound.add(descriptor)
                return True
            self.turned_away += 1
            self.drop(descriptor)
            return True
        except OSError as error:
            self.drop(descriptor)
            self.turned_away += error.errno != errno.ECONNREFUSED
            return error.errno != errno.ECONNREFUSED

    def bind_all(self, begun):
        """Seconds from `begun` until all are bound, and until the first was."""
        first = None
        while len(self.bound) < self.count:
            if time.monotonic() - begun > BIND_WAIT_S:
                raise program.Failed(f"after {BIND_WAIT_S} s {len(self.bound):,} of {self.count:,} clients were bound")
            listens = True
            for _ in range(min(BEGUN_AT_ONCE_MAX, self.count - len(self.clients))):
                listens = self.begin() and listens
            wait = 0 if len(self.clients) < self.count else 0.1
            for descriptor, events in self.epoll.poll(wait):
                if descriptor in self.clients:
                    listens = self.on_event(descriptor, events) and listens
            if self.bound and first is None:
                first = time.monotonic() - begun
            if not listens and not self.bound:
                time.sleep(TRY_AGAIN_S)
        return time.monotonic() - begun, first

    def drop_all(self):
        for descriptor in list(self.clients):
            self.drop(descriptor)

    def end(self):
        self.drop_all()
        self.epoll.close()


class ReconnectStorm(ValueCase):
    name, group, unit, reference, each_s = "storm", "hold", "s", "floor", 5

    def __init__(self, count=5000):
        self.count = count
        self.title = f"{count:,} clients bound again"

    def why_not(self, bench):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        # The server keeps some for itself, and doubles while old connections end.
        return f"one process may have {hard:,} descriptors" if hard != resource.RLIM_INFINITY and hard < self.count + 500 else ""

    def start(self, bench, variant, build, port=None, waits=True):
        if variant == "floor":
            return program.start_floor(build, bench.server_cpu, port, waits)
        return program.start_server(build, bench.directory, bench.cpus_of(1), port=port, waits=waits)

    def value(self, bench, variant, build):
        """All are bound; kill -9; from the start of the next server to the last bind."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        before = os.sched_getaffinity(0)
        herd, server = None, None
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            server = self.start(bench, variant, build)
            os.sched_setaffinity(0, {bench.client_cpu})
            herd = Herd(server.port, self.count)
            calm_s, _ = herd.bind_all(time.monotonic())
            server.kill()
            herd.drop_all()
            herd.turned_away = 0
            # The next server would inherit this.
            os.sched_setaffinity(0, before)
            begun = time.monotonic()
            server = self.start(bench, variant, build, herd.port, waits=False)
            os.sched_setaffinity(0, {bench.client_cpu})
            took_s, first_s = herd.bind_all(begun)
            return {"value": round(took_s, 3), "first_s": round(first_s, 3), "calm_s": round(calm_s, 3), "turned_away": herd.turned_away}
        finally:
            os.sched_setaffinity(0, before)
            if herd:
                herd.end()
            if server:
                server.kill()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

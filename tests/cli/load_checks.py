"""What tests of ringgate-load share. They are called with the program and the server's."""
import contextlib
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

program, server_program = sys.argv[1:3]
number = 0
failed = 0


def check(name, right, shown=""):
    global number, failed
    number += 1
    failed += not right
    print("ok" if right else "not ok", number, "-", name)
    if not right:
        print("# " + str(shown).replace("\n", "\n# "))


def run(*arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60, check=False)


def refused(name, words, *arguments):
    done = run(*arguments)
    check(name, done.returncode == 2 and done.stderr.count("\n") == 1 and all(word in done.stderr for word in words), done)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def started_server(config):
    """A real server with this configuration; gives its port and a function that kills it, and starts it again."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        path = os.path.join(folder, "test.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(config + f"""[[listen]]
address = "127.0.0.1"
port = {port}
""")
        servers = []

        def start():
            servers.append(subprocess.Popen([server_program, "serve", "--config", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            for _ in range(200):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=5).close()
                    return
                except OSError:
                    time.sleep(0.05)

        def restart():
            servers[-1].kill()
            servers[-1].wait()
            start()

        start()
        try:
            yield port, restart
        finally:
            servers[-1].terminate()
            servers[-1].wait()


def summary():
    print(f"1..{number}")
    sys.exit(1 if failed else 0)


class ManyServer(threading.Thread):
    """Binds whoever comes. What happens then is up to `bound(server, number, body)`, and with each submit to
    `submitted(server, number, sequence)`."""

    def __init__(self, submitted, bound=lambda server, number, body: None):
        super().__init__(daemon=True)
        self.submitted, self.bound, self.links, self.peers, self.came = submitted, bound, [], [], []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.where = ("--port", str(self.listener.getsockname()[1]), "--quiet")
        self.start()

    def run(self):
        while True:
            try:
                link, peer = self.listener.accept()
            except OSError:
                return
            self.links.append(link)
            self.peers.append(peer[0])
            self.came.append(time.monotonic())
            threading.Thread(target=self.serve, args=(link, len(self.links) - 1), daemon=True).start()

    def serve(self, link, number):
        stream = link.makefile("rb")
        while head := stream.read(16):
            size, command, _, sequence = struct.unpack(">IIII", head)
            body = stream.read(size - 16)
            try:
                if command == 4:
                    self.submitted(self, number, sequence)
                elif not command & 0x80000000:
                    self.answer(number, command, sequence, b"many\0" if command == 9 else b"")
                    if command == 9:
                        self.bound(self, number, body)
            except OSError:
                return

    def answer(self, number, command, sequence, body=b"", status=0):
        self.links[number].sendall(struct.pack(">IIII", 16 + len(body), command | 0x80000000, status, sequence) + body)

    def receipt(self, number, name):
        text = b"id:" + name + b" stat:DELIVRD"
        body = b"\0" * 3 + b"1\0" + b"\0" * 2 + b"2\0" + b"\x04" + b"\0" * 8 + bytes([len(text)]) + text
        self.links[number].sendall(struct.pack(">IIII", 16 + len(body), 5, 0, 7) + body)

"""A whole machine with Debian 12's own kernel, under software emulation: its console is a shell that
is told what to do, its disk a file or a server of ours, its network one port forwarded to it.
"""
import base64
import os
import selectors
import subprocess
import time

from initramfs import READY
from load import die_with_parent
from server import Fault

BOOT_MAX_S = 60
COMMAND_MAX_S = 60
READ_SIZE = 1 << 16
GUEST_PORT = 2775
LAST_WORDS = 12


class Machine:
    """Use with `with`. Its end, however it comes, is the emulator's: a power cut."""

    def __init__(self, setting, cpus=2, memory=768, port=None, disk=None):
        """`port`: here, forwarded to the server's there. `disk`: words of the emulator for it."""
        self.port = port
        self.log = setting.path("console")
        words, self.environment = setting.packages.emulator()
        # A /dev/kvm may be there and not work, or belong to somebody else's measurement.
        self.words = words + [
            "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", str(cpus), "-m", str(memory),
            "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-monitor", "none",
            "-serial", "stdio", "-kernel", setting.packages.kernel(), "-initrd",
            setting.initramfs,
            "-append", "console=ttyS0 quiet loglevel=2 panic=-1 mitigations=off"]
        forward = f",hostfwd=tcp:127.0.0.1:{port}-:{GUEST_PORT}" if port else ""
        self.words += ["-netdev", f"user,id=net{forward}",
                       "-device", "virtio-net-pci,netdev=net,romfile="]
        if disk:
            self.words += ["-drive", f"if=virtio,format=raw,cache=none,{disk}"]
        self.process = None
        self.read = b""
        self.commands = 0

    def __enter__(self):
        self.boot()
        return self

    def __exit__(self, *_):
        self.cut_power()

    def boot(self):
        started = time.monotonic()
        self.process = subprocess.Popen(
            self.words, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, bufsize=0, preexec_fn=die_with_parent)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.until(READY.encode(), BOOT_MAX_S, "the boot")
        return time.monotonic() - started

    def cut_power(self):
        """At once, whatever it is doing; its memory is gone, and what its disk was not told to keep."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def until(self, mark, seconds, what):
        """What the console says up to this mark."""
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while mark not in self.read:
                if time.monotonic() > deadline:
                    raise Fault(f"{what} took more than {seconds} s{self.last_words()}")
                if not selector.select(0.1):
                    continue
                data = self.process.stdout.read(READ_SIZE)
                if not data:
                    raise Fault(f"the machine ended during {what}{self.last_words()}")
                self.read += data
        said, _, self.read = self.read.partition(mark)
        with open(self.log, "ab") as log:
            log.write(said + mark + b"\n")
        return said.decode(errors="replace").replace("\r", "")

    def last_words(self):
        lines = self.read.decode(errors="replace").replace("\r", "").split("\n")
        return "; its last words:\n" + "\n".join(lines[-LAST_WORDS:])

    def run(self, command, seconds=COMMAND_MAX_S):
        """The status of a command of the machine's shell, one line, and what it printed."""
        self.commands += 1
        mark = f"end-of-{self.commands}:"
        line = f"{{ {command}; }} </dev/null 2>&1; echo {mark}$?.\n"
        self.process.stdin.write(line.encode())
        said = self.until(mark.encode(), seconds, command)
        return int(self.until(b".", seconds, command)), said.lstrip("\n")

    def check(self, command, seconds=COMMAND_MAX_S):
        """What a command that must succeed printed."""
        status, said = self.run(command, seconds)
        if status != 0:
            raise Fault(f"{command}: status {status}: {said}")
        return said

    def write(self, path, text):
        octets = base64.b64encode(text.encode()).decode()
        self.check(f"echo {octets} | base64 -d > {path}")

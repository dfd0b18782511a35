"""File systems of their own for the faults that need one: small ones to fill, and one whose power
can be cut. They are mounted where no other process sees them, and vanish with this one.
"""
import ctypes
import fcntl
import os
import struct
import subprocess
import time

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
# FS_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: from now on nothing reaches the device, neither
# data nor the log. What was synced is there afterwards; what was only written is not.
FS_IOC_SHUTDOWN = 0x8004587D
NOLOGFLUSH = 2
UNMOUNT_MAX_S = 10
FILL_STEP = 1 << 20

entered = False
started_as_root = os.geteuid() == 0


class Skip(Exception):
    """This machine cannot do it. The text says why."""


def as_root():
    """Real root, not that of a namespace that enter_own_namespace() made."""
    return started_as_root


def command(*words):
    """None, or why it failed."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    except OSError as error:
        return f"{words[0]}: {error.strerror}"
    return None if done.returncode == 0 else f"{' '.join(words)}: {done.stderr.strip()}"


def require(*words):
    """A command without which the fault cannot be played here."""
    trouble = command(*words)
    if trouble:
        raise Skip(trouble)


def enter_own_namespace():
    """Mounts from now on are seen by this process and its children only. Those who are not root
    become it inside, which is enough for a tmpfs.
    """
    global entered
    if entered:
        return
    uid, gid = os.geteuid(), os.getegid()
    flags = CLONE_NEWNS if as_root() else CLONE_NEWNS | CLONE_NEWUSER
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags) != 0:
        raise Skip(f"no mount namespace of one's own: {os.strerror(ctypes.get_errno())}")
    if uid != 0:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"),
                           ("gid_map", f"0 {gid} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    require("mount", "--make-rprivate", "/")
    entered = True


class Mount:
    """What the two kinds below have in common."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "disk")
        os.mkdir(self.path)

    def unmount(self):
        """The files of a killed process stay open for a moment: its ring is taken down later."""
        deadline = time.monotonic() + UNMOUNT_MAX_S
        while trouble := command("umount", self.path):
            if time.monotonic() > deadline:
                raise OSError(trouble)
            time.sleep(0.02)


class Tmpfs(Mount):
    def __init__(self, directory, size):
        super().__init__(directory)
        self.size = size

    def mount(self):
        require("mount", "-t", "tmpfs", "-o", f"size={self.size}", "ringgate-chaos", self.path)


class Disk(Mount):
    """ext4 in a file, by a loop device."""

    def __init__(self, directory, size):
        super().__init__(directory)
        self.image = os.path.join(directory, "disk.image")
        with open(self.image, "wb") as file:
            file.truncate(size)
        # Nothing is set aside for root, so that full is full for whoever runs the server.
        require("mkfs.ext4", "-q", "-F", "-m", "0", self.image)

    def mount(self):
        require("mount", "-o", "loop", self.image, self.path)

    def cut_power(self):
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, FS_IOC_SHUTDOWN, struct.pack("I", NOLOGFLUSH))
        finally:
            os.close(descriptor)


def own_kind():
    """A disk where that can be had, or else a tmpfs, which has room or has not like any other."""
    return Disk if as_root() else Tmpfs


class Filler:
    """Somebody else's file, which takes all the room there is, until the end of its block."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "foreign")
        self.file = os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o644)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.file)
        os.unlink(self.path)

    def fill(self):
        """To be called again and again: room that the server gives back is taken as well."""
        step = FILL_STEP
        while step >= 512:
            try:
                os.write(self.file, bytes(step))
            except OSError:
                step //= 2

"""The first file system of the machine: an archive of the format "newc", which the kernel unpacks
into memory. Everything that runs there is in it, with its libraries.
"""
import os
import re
import stat
import subprocess

# The console's first words.
READY = "machine-is-ready"
# What the machine's devices and file system need; crc32c_generic is asked for by ext4 by name only.
MODULES = ("virtio_pci", "virtio_blk", "virtio_net", "crc32c_generic", "ext4")
DEPENDS = re.compile(rb"\0depends=([\w,-]*)\0")
# Every installed system has one; ids of messages are permuted with it.
MACHINE_ID = b"0123456789abcdef0123456789abcdef\n"
FOLDERS = ("bin", "proc", "sys", "dev", "tmp", "mnt", "etc", "lib", "modules")

# The emulator's own network gives this address to its only guest, and asks for none in return.
INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
{modules}
ip link set lo up
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2
ulimit -n 65536
stty -F /dev/console raw -echo
echo {ready}
# A command is a line. Read so, the shell neither prompts nor echoes.
while IFS= read -r line; do eval "$line"; done
"""


class Archive:
    """Names with what they hold, as octets."""

    def __init__(self):
        self.octets = bytearray()
        self.inode = 1

    def add(self, name, mode, data=b""):
        fields = (self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        self.inode += 1
        self.octets += b"070701" + b"".join(b"%08X" % one for one in fields)
        self.octets += name.encode() + b"\0"
        self.pad()
        self.octets += data
        self.pad()

    def pad(self):
        self.octets += bytes(-len(self.octets) % 4)

    def folder(self, name):
        self.add(name, stat.S_IFDIR | 0o755)

    def file(self, name, path):
        with open(path, "rb") as file:
            self.add(name, stat.S_IFREG | 0o755, file.read())

    def finish(self):
        self.add("TRAILER!!!", 0)
        return self.octets


def modules(packages):
    """MODULES with all that they need, in the order in which they can be loaded: name -> path."""
    found = {}

    def add(name):
        if name in found:
            return
        path = packages.module(name)
        with open(path, "rb") as file:
            depends = DEPENDS.search(file.read())
        for one in filter(None, depends[1].decode().split(",") if depends else ()):
            add(one)
        found[name] = path

    for name in MODULES:
        add(name)
    return found


def libraries(path):
    """What the program is linked with, as the loader finds it here."""
    done = subprocess.run(["ldd", path], capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        words = line.split()
        if "=>" in words and len(words) > 2 and words[2].startswith("/"):
            yield words[0], words[2]
        elif words and words[0].startswith("/"):
            yield words[0], words[0]


def write(path, packages, programs):
    """`programs`: name in /bin -> path here."""
    archive = Archive()
    for name in FOLDERS:
        archive.folder(name)
    kernel_modules = modules(packages)
    for name, module in kernel_modules.items():
        archive.file(f"modules/{name}.ko", module)
    archive.file("bin/busybox", packages.path("bin/busybox"))
    needed = {}
    for name, program in programs.items():
        archive.file(f"bin/{name}", program)
        needed.update(libraries(program))
    folders = set()
    for name, library in needed.items():
        # The loader is looked for where the program says, the others where the loader looks.
        target = name.lstrip("/") if "/" in name else f"lib/{name}"
        folder = os.path.dirname(target)
        if folder not in FOLDERS and folder not in folders:
            folders.add(folder)
            archive.folder(folder)
        archive.file(target, library)
    insert = "\n".join(f"insmod /modules/{name}.ko" for name in kernel_modules)
    archive.add("init", stat.S_IFREG | 0o755, INIT.format(modules=insert, ready=READY).encode())
    archive.add("etc/machine-id", stat.S_IFREG | 0o644, MACHINE_ID)
    with open(path, "wb") as file:
        file.write(archive.finish())

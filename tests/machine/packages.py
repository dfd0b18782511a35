"""The emulator, a kernel and a shell for it: Debian's packages, unpacked into a cache and not
installed, so that neither root is needed nor anything is left behind in the system.
"""
import fcntl
import glob
import os
import re
import shutil
import subprocess

WANTED = ("qemu-system-x86", "busybox-static")
# The kernel that every Debian 12 runs; the package says which release that is today.
KERNEL = "linux-image-amd64"
APT = ("apt-get", "-q", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20",
       "-o", "Acquire::https::Timeout=20", "-o", "APT::Sandbox::User=")
APT_MAX_S = 100
LOG_SHOWN = 3
# Of this machine: they make disks and read them.
TOOLS = ("mkfs.ext4", "e2fsck", "debugfs", "dpkg-deb", "ldd")


class Skip(Exception):
    """This machine cannot play."""


def cache_directory():
    """Outside the source tree, and kept: some 85 MB come from the mirror."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "ringgate", "machine")


def command(*words, cwd=None):
    """What it printed, or Skip."""
    try:
        done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=APT_MAX_S,
                              check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Skip(f"{words[0]}: {error}") from None
    if done.returncode != 0:
        last = " ".join(done.stderr.split("\n")[-LOG_SHOWN:]).strip()
        raise Skip(f"{words[0]} {words[-1]} failed: {last}")
    return done.stdout


class Packages:
    """Where everything is, once prepare() has been called."""

    def __init__(self, directory=None):
        self.directory = directory or cache_directory()
        self.tree = os.path.join(self.directory, "tree")

    def prepare(self):
        for tool in TOOLS:
            if not shutil.which(tool):
                raise Skip(f"no {tool} here")
        os.makedirs(self.directory, exist_ok=True)
        with open(os.path.join(self.directory, "lock"), "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not os.path.exists(os.path.join(self.tree, "complete")):
                self.fetch()
        return self

    def fetch(self):
        if not shutil.which("apt-get"):
            raise Skip("no apt-get: the emulator and the kernel come from Debian 12's packages")
        shutil.rmtree(self.tree, ignore_errors=True)
        archives = os.path.join(self.directory, "archives")
        shutil.rmtree(archives, ignore_errors=True)
        os.makedirs(archives)
        try:
            self.download(archives, ())
        except Skip:
            # Lists may be missing, or name versions that the mirror has dropped. Then new ones are
            # read, but into a directory of our own.
            own = os.path.join(self.directory, "apt")
            for name in ("lists/partial", "cache/archives/partial"):
                os.makedirs(os.path.join(own, name), exist_ok=True)
            state = ("-o", f"Dir::State::Lists={own}/lists", "-o", f"Dir::Cache={own}/cache")
            command(*APT, *state, "update")
            self.download(archives, state)
        os.makedirs(self.tree)
        for archive in glob.glob(os.path.join(archives, "*.deb")):
            command("dpkg-deb", "--extract", archive, self.tree)
        shutil.rmtree(archives)
        with open(os.path.join(self.tree, "complete"), "w", encoding="ascii"):
            pass

    @staticmethod
    def download(archives, state):
        depends = command("apt-cache", *state, "depends", KERNEL)
        image = re.search(r"Depends: (linux-image-[\w.+-]+)", depends)
        if not image:
            raise Skip(f"{KERNEL} names no kernel")
        plan = command(*APT, *state, "--simulate", "--no-install-recommends", "install", *WANTED)
        wanted = re.findall(r"^Inst (\S+) ", plan, re.MULTILINE)
        command(*APT, *state, "download", *wanted, image[1], cwd=archives)

    def path(self, pattern):
        """The one file or folder that is called so: here, or where the system has it installed."""
        for root in (self.tree, "/"):
            found = sorted(glob.glob(os.path.join(root, pattern)))
            if found:
                return found[-1]
        raise Skip(f"Debian's packages hold no {pattern}")

    def kernel(self):
        return self.path("boot/vmlinuz-6.1.*-amd64")

    def release(self):
        return os.path.basename(self.kernel()).removeprefix("vmlinuz-")

    def module(self, name):
        release = self.release()
        found = glob.glob(os.path.join(self.tree, "lib/modules", release, "kernel", "**", f"{name}.ko"),
                          recursive=True)
        if not found:
            raise Skip(f"kernel {release} has no module {name}")
        return found[0]

    def emulator(self):
        """The first words of its command line, and its environment."""
        words = [self.path("usr/bin/qemu-system-x86_64")]
        for pattern in ("usr/share/seabios", "usr/share/qemu"):
            words += ["-L", self.path(pattern)]
        libraries = [os.path.join(self.tree, one) for one in ("usr/lib/x86_64-linux-gnu",
                                                              "lib/x86_64-linux-gnu")]
        return words, {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries),
                       "QEMU_MODULE_DIR": os.path.join(libraries[0], "qemu")}

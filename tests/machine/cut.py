"""What a disk may hold after a power cut: all that was kept by a flush, and of the rest any part."""
import os
import shutil
import subprocess

from disk import FLUSH, WRITE

PAGE, SECTOR = 4096, 512
# A batch of our journal begins so (src/journal/format.h): its checksum, then this.
BATCH_MAGIC, BATCH_MAGIC_AT = b"RGJ1", 8
E2FSCK_FAILED = 4
MEMORY = "/dev/shm"


def torn(entry, draw):
    """Some of the pieces that a device writes at once. Batches may be torn anywhere; the file
    system counts on whole pages.
    """
    batch = entry.data[BATCH_MAGIC_AT:BATCH_MAGIC_AT + len(BATCH_MAGIC)] == BATCH_MAGIC
    size = SECTOR if batch else PAGE
    for at in range(0, len(entry.data), size):
        if draw.random() < 0.5:
            yield entry.offset + at, entry.data[at:at + size]


def whole(entry):
    yield entry.offset, entry.data


class Cutter:
    """Makes images of a recorded disk, at positions that only grow."""

    def __init__(self, base, log, directory):
        self.log = log
        self.base = os.path.join(directory, "kept.image")
        # In memory where that can be had: e2fsck waits for every write of it to be safe.
        self.image = os.path.join(MEMORY if os.access(MEMORY, os.W_OK) else directory,
                                  f"ringgate-cut-{os.getpid()}.image")
        self.files = os.path.join(directory, "cut.files")
        subprocess.run(["cp", "--sparse=always", base, self.base], check=True)
        self.kept = 0              # entries of the log that are in self.base
        self.seen = 0
        self.next_kept = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if os.path.exists(self.image):
            os.unlink(self.image)

    def advance(self, position):
        """To the moment after so many entries."""
        for entry in self.log[self.seen:position]:
            if entry.kind == FLUSH:
                self.next_kept = max(self.next_kept, entry.kept)
        self.seen = position
        with open(self.base, "r+b") as image:
            for entry in self.log[self.kept:self.next_kept]:
                write(image, entry, whole(entry))
        self.kept = max(self.kept, self.next_kept)

    def cut(self, draw):
        """Draws one of the states that the disk may be in now; gives its name."""
        # Most of it are holes, which cp leaves out.
        subprocess.run(["cp", "--sparse=always", self.base, self.image], check=True)
        kind = draw.choice(("none", "all", "some", "torn"))
        count = 0
        with open(self.image, "r+b") as image:
            for entry in self.log[self.kept:self.seen]:
                if entry.kind != WRITE or kind == "none" or kind in ("some", "torn") and draw.random() < 0.5:
                    continue
                count += 1
                write(image, entry, torn(entry, draw) if kind == "torn" else whole(entry))
        return f"{kind}, {count} of {self.seen - self.kept} entries behind the flush"

    def extract(self):
        """The server's files on that disk, as its next start would find them, or None."""
        shutil.rmtree(self.files, ignore_errors=True)
        os.mkdir(self.files)
        # What a mount does first. Nothing is mended beyond that.
        done = subprocess.run(["e2fsck", "-y", "-E", "journal_only", self.image], capture_output=True,
                              text=True, check=False, stdin=subprocess.DEVNULL)
        if done.returncode >= E2FSCK_FAILED:
            raise OSError(f"e2fsck: {done.stdout} {done.stderr}")
        subprocess.run(["debugfs", "-R", f"rdump /data {self.files}", self.image], capture_output=True,
                       check=True, stdin=subprocess.DEVNULL)
        data = os.path.join(self.files, "data")
        return data if os.path.isdir(data) else None


def write(image, entry, pieces):
    if entry.kind == WRITE:
        for offset, data in pieces:
            image.seek(offset)
            image.write(data)

"""What the plays share: the programs, the packages, a directory, what was asked for."""
import copy
import os
import shutil
import tempfile

import initramfs


class Setting:
    """Leaves nothing behind, except its directory when something was wrong. Use with `with`."""

    def __init__(self, packages, programs, seed, rounds):
        self.packages = packages
        self.programs = programs   # name on the machine -> path here
        self.seed = seed
        self.asked = rounds        # how often, 0: as often as each play does by itself
        self.keep = True
        self.directory = tempfile.mkdtemp(prefix="ringgate-machine-")
        self.initramfs = self.path("initramfs")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.keep:
            print(f"kept: {self.directory}", flush=True)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

    def prepare(self):
        """What every machine starts from."""
        initramfs.write(self.initramfs, self.packages, self.programs)

    def part(self, name):
        """The same with a directory of its own, for plays beside which others are played."""
        part = copy.copy(self)
        part.directory = self.path(name)
        os.mkdir(part.directory)
        return part

    def path(self, name):
        return os.path.join(self.directory, name)

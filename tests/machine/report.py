"""The output: a line per test, and the sum as the last."""
import os
import subprocess
import time
import traceback

from server import Fault

PLACES_SHOWN = 3
# What the server or this machine did; anything else is a mistake of the suite.
EXPECTED = (Fault, OSError, subprocess.SubprocessError)


def unplayed(failure):
    """The faults of a play that this ended. Of a mistake of ours it says where it was made."""
    if isinstance(failure, EXPECTED):
        return [("not played to its end", failure)]
    where = traceback.extract_tb(failure.__traceback__)[-1]
    return [("the suite itself", f"{type(failure).__name__}: {failure}, at "
                                 f"{os.path.basename(where.filename)}:{where.lineno}")]


class Plays:
    """Plays tests and hands each on, as a name, its faults and a line."""

    def __init__(self, tell):
        self.tell = tell

    def play(self, name, function, *arguments):
        """`function` gives its faults and a line. Whatever ends it, the others are still played."""
        started = time.monotonic()
        try:
            faults, line = function(*arguments)
        except Exception as failure:  # Also a mistake of ours: it is a failed play.
            faults, line = unplayed(failure), "failed"
        self.result(name, faults, f"{line} ({time.monotonic() - started:.0f} s)")

    def result(self, name, faults, line):
        # As text: an exception would have to be known where this is read.
        self.tell((name, [(what, str(where)) for what, where in faults], line))


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def result(self, name, faults, line):
        if faults:
            self.failed += 1
        else:
            self.passed += 1
        print(f"{'not ok' if faults else 'ok'} {self.passed + self.failed} - {name}")
        self.note(f"{name}: {line}")
        kinds = {}
        for what, where in faults:
            kinds.setdefault(what, []).append(where)
        for what, places in kinds.items():
            self.note(f"  fault: {what}, {len(places)} times")
            for where in places[:PLACES_SHOWN]:
                self.note(f"    {where}")

    @staticmethod
    def note(text):
        print("# " + str(text).replace("\n", "\n# "), flush=True)

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0

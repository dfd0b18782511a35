"""The output: a line per test, and the sum as the last."""
import subprocess
import time

from server import Fault

PLACES_SHOWN = 3
# What ends one play and leaves the others to be played.
FAILURES = (Fault, OSError, subprocess.SubprocessError)


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def play(self, name, function, *arguments):
        """`function` gives its faults and a line."""
        started = time.monotonic()
        try:
            faults, line = function(*arguments)
        except FAILURES as failure:
            faults, line = [("not played to its end", failure)], "failed"
        self.result(name, faults, f"{line} ({time.monotonic() - started:.0f} s)")

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

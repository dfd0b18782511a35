"""One TAP line per test, for the interop tests written in Python."""
import re
import time
import traceback

# SMPP 3.4 appendix B; dates come with or without seconds.
RECEIPT_TEXT = re.compile(
    r"id:(\S+) sub:\d{3} dlvrd:\d{3} submit date:\d{10}(?:\d\d)? done date:\d{10}(?:\d\d)? "
    r"stat:(\w{7}) err:\S{3}")


class Tap:
    """Collects tests and runs them in order; run() returns the exit status of the program."""

    def __init__(self):
        self.tests = []

    def test(self, name):
        def keep(function):
            self.tests.append((name, function))
            return function
        return keep

    def run(self):
        failed = 0
        for number, (name, function) in enumerate(self.tests, start=1):
            try:
                function()
                print(f"ok {number} - {name}", flush=True)
            except Exception:  # A test may fail in any way, and the next ones still run.
                failed += 1
                print(f"not ok {number} - {name}")
                print("# " + traceback.format_exc().rstrip().replace("\n", "\n# "), flush=True)
        return 1 if failed else 0


def wait_until(condition, seconds, what):
    """Returns what condition() gives, once that is true."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.02)

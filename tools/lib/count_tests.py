#!/usr/bin/env python3
"""Adds up the tests of one `meson test` run and prints "N passed, N failed" as its last line.

Every GoogleTest case and every TAP line counts as one test; a program that prints neither counts
as one. The lines are read from meson's log rather than from XML files, because a program that
crashes leaves no XML behind but has said which cases it had finished.
"""

import argparse
import json
import re
import sys

# The result line of a case ends with its time; the summary that repeats the failures has none.
GTEST_LINE = re.compile(r"\[\s+(OK|FAILED|SKIPPED)\s+\] (.+?) \(\d+ ms\)$", re.MULTILINE)
TAP_LINE = re.compile(r"^(not ok|ok) +\d+(?: +- +)?([^#\n]*)(# *SKIP.*)?$", re.MULTILINE)
SKIP_LINE = re.compile(r"^SKIP .*$", re.MULTILINE)

PASSED = ("OK", "EXPECTEDFAIL")


class Totals:
    def __init__(self):
        self.passed = 0
        self.skipped = []
        self.failed = []

    def add_case(self, verdict, name):
        if verdict == "passed":
            self.passed += 1
        elif verdict == "skipped":
            self.skipped.append(name)
        else:
            self.failed.append(name)

    def add_program(self, record):
        program = record["name"]
        output = record.get("stdout") or ""
        cases = list(cases_of(output))
        for verdict, name in cases:
            self.add_case(verdict, f"{program}: {name}")
        if record["result"] == "SKIP":
            reason = SKIP_LINE.search(output)
            self.skipped.append(reason.group(0) if reason else program)
        elif record["result"] not in PASSED:
            # A crash, a timeout or a leak report: something failed that no case has owned up to.
            if not any(verdict == "failed" for verdict, _ in cases):
                self.failed.append(f"{program}: {record['result']}, exit {record['returncode']}")
        elif not cases:
            self.passed += 1


def cases_of(output):
    for word, name in GTEST_LINE.findall(output):
        yield {"OK": "passed", "FAILED": "failed", "SKIPPED": "skipped"}[word], name
    for word, name, skip in TAP_LINE.findall(output):
        verdict = "skipped" if skip else "passed" if word == "ok" else "failed"
        yield verdict, name.strip() or word


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--meson-status", type=int, default=0, help="exit status of meson test")
    parser.add_argument("log", help="meson-logs/testlog.json")
    options = parser.parse_args()

    totals = Totals()
    try:
        with open(options.log, encoding="utf-8", errors="replace") as log:
            for line in log:
                totals.add_program(json.loads(line))
    except FileNotFoundError:
        totals.failed.append("meson test did not run")
    if options.meson_status != 0 and not totals.failed:
        totals.failed.append(f"meson test ended with status {options.meson_status}")
    if totals.passed == 0 and not totals.failed and not totals.skipped:
        totals.failed.append("no test ran")

    for name in totals.failed:
        print(f"FAILED {name}")
    for name in totals.skipped:
        print(name if name.startswith("SKIP ") else f"SKIP {name}")
    if totals.skipped:
        print(f"{len(totals.skipped)} skipped")
    print(f"{totals.passed} passed, {len(totals.failed)} failed")
    return 1 if totals.failed else 0


if __name__ == "__main__":
    sys.exit(main())

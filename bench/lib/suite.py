"""Runs cases one after the other, says how far it is, and keeps what was measured when it is cut short."""
import contextlib
import signal
import sys
import time

import comparison
import noise
import program
from statistic import rate_text, summary_of


class Progress:
    """On stderr: one line that changes where somebody looks at it, else a line for each case."""

    def __init__(self, cases, bench):
        self.expected = [case.seconds_expected(bench) for case in cases]
        self.count, self.bench = len(cases), bench
        self.begun = self.case_begun = time.monotonic()
        self.number = 0
        self.live = sys.stderr.isatty()

    def minutes_left(self):
        """From how long the cases so far have taken beside what was expected."""
        before, after = sum(self.expected[:self.number - 1]), sum(self.expected[self.number:])
        now = time.monotonic()
        pace = (self.case_begun - self.begun) / before if before else 1
        rest = max(0, self.expected[self.number - 1] * pace - (now - self.case_begun)) + after * pace
        return f"{rest / 60:.0f} min left" if rest >= 90 else f"{rest:.0f} s left"

    def start(self, case):
        self.number += 1
        self.case_begun = time.monotonic()
        self.head = f"[{self.number} of {self.count}] {case.name}"
        self.show(f"{self.head}, {self.minutes_left()}", not self.live)

    def show(self, text, ends):
        print(("\r\x1b[K" if self.live else "") + text, end="\n" if ends else "", file=sys.stderr, flush=True)

    def round(self, record):
        if self.live:
            bad = sum(bool(one["noise"]) for one in record["rounds"])
            text = f"{self.head}: round {len(record['rounds'])}" + (f", {bad} disturbed" if bad else "")
            self.show(f"{text}, {self.minutes_left()}", False)

    def end(self, record):
        self.show(f"{self.head}: {result_text(record)}", True)


def result_text(record):
    if "skipped" in record or "failed" in record:
        return record.get("skipped") and f"left out: {record['skipped']}" or f"failed: {record['failed']}"
    if "benches" in record:
        return f"{len(record['benches'])} benches"
    summary = summary_of(record)
    if summary is None:
        return "nothing measured"
    if record["group"] == "shards":
        text = f"{summary['subject']['server_ns_median']:.0f} ns a message, {summary['cpu_ratio']:.2f} of one shard's"
    elif record["kind"] == "load":
        text = (f"{rate_text(summary['subject']['rate'])}, ratio {summary['ratio']:.2f} (median {summary['median_ratio']:.2f}) to "
                f"{record['reference']}, {summary['subject']['server_ns']:.0f} ns a message")
    else:
        text = f"{summary['subject']['value']:,g} {record['unit']}"
        if "reference" in summary:
            text += f", {record['reference']} {summary['reference']['value']:,g}"
    disturbed = [one for one in record["rounds"] if one["noise"]]
    if disturbed:
        why = ", ".join(sorted({reason for one in disturbed for reason in one["noise"]}))
        text += f"; {len(disturbed)} of {len(record['rounds'])} rounds disturbed ({why})"
        text += ", too many to do without" if summary["noisy"] else ", discarded"
    return text + (f"; {summary['lost']:,} MESSAGES LOST" if summary["lost"] else "")


class Cut(BaseException):
    """Asked to end, by a signal."""


@contextlib.contextmanager
def cut_by_signals():
    def on_signal(number, _):
        # Another one would interrupt the ending in order.
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_IGN)
        raise Cut(signal.Signals(number).name)

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def mark_counted(record):
    """Says of every round whether figures are made of it."""
    if record["rounds"]:
        rounds, _ = noise.counted(record)
        for one in record["rounds"]:
            one["counts"] = any(one is kept for kept in rounds)


def run_case(case, bench, progress):
    record = {**case.record(bench), "wanted_rounds": bench.rounds_of(case)[0], "rounds": []}
    why = case.why_not(bench)
    if why:
        record["skipped"] = why
        return record
    pairs = []
    if bench.against and record["kind"] == "load":
        record["verdicts"] = []

    def keep(made, pair):
        record["rounds"].append(made)
        pairs.append(pair)
        progress.round(record)

    try:
        case.measure(bench, record, keep)
    except (program.Failed, OSError) as error:
        # The other cases are still worth something.
        record["failed"] = str(error)
    except Cut as cut:
        cut.record = record
        raise
    finally:
        mark_counted(record)
    if "verdicts" in record:
        kept = [pair for made, pair in zip(record["rounds"], pairs) if made["counts"]]
        record["verdicts"] = comparison.verdicts(bench.build, bench.directory, kept)
    return record


def run_all(cases, bench):
    """The records, and what has cut it short, or None."""
    progress, records = Progress(cases, bench), []
    with cut_by_signals():
        try:
            for case in cases:
                progress.start(case)
                record = run_case(case, bench, progress)
                progress.end(record)
                records.append(record)
        except Cut as cut:
            record = getattr(cut, "record", None)
            if record and record["rounds"]:
                records.append(record)
            where = f"{cut} in case {progress.number} of {len(cases)}"
            progress.show(f"bench: ended by {where}; keeping what was measured", True)
            return records, where
    return records, None

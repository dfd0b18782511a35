import datetime
import json
import os
import tempfile
import unittest

import history
import machine
from rounds import load_case, pair, run, value_case

TIME = datetime.datetime(2026, 11, 23, 15, 0, 12, tzinfo=datetime.timezone.utc)


def made(kind="full", time="2026-11-23T15:00:12Z", cut=None, cases=()):
    return {"format": 1, "time": time, "kind": kind, "cut": cut, "machine": {"id": "xeon-2cpu"}, "cases": list(cases)}


class FileNames(unittest.TestCase):
    def test_time_and_machine(self):
        self.assertEqual(history.file_name(TIME, "xeon-2cpu"), "2026-11-23T1500Z-xeon-2cpu.json")

    def test_names_are_recognized(self):
        for name in ("2026-11-23T1500Z-xeon-2cpu.json", "2026-11-23T150012Z-epyc-7763-64cpu.json"):
            self.assertTrue(history.NAME.match(name), name)
        for name in ("rounds.svg", "2026-11-23.json", "2026-11-23T1500Z-xeon-2cpu.json.new", "x2026-11-23T1500Z-xeon-2cpu.json"):
            self.assertFalse(history.NAME.match(name), name)

    def test_nothing_is_replaced(self):
        with tempfile.TemporaryDirectory() as directory:
            first, second = (history.save(directory, made()) for _ in range(2))
            self.assertEqual([os.path.basename(path) for path in (first, second)],
                             ["2026-11-23T1500Z-xeon-2cpu.json", "2026-11-23T150012Z-xeon-2cpu.json"])

    def test_machines(self):
        for model, name in (("Intel(R) Xeon(R) Processor", "xeon-2cpu"), ("AMD EPYC", "epyc-2cpu"),
                            ("AMD EPYC 7763 64-Core Processor", "epyc-7763-2cpu"), ("Neoverse-N1", "neoverse-n1-2cpu"),
                            ("Intel(R) Core(TM) i7-8700K CPU @ 3.70GHz", "core-i7-8700k-2cpu"), ("", "machine-2cpu"), ("../../x", "x-2cpu")):
            self.assertEqual(machine.short_name(model, 2), name)
            self.assertTrue(history.NAME.match(history.file_name(TIME, machine.short_name(model, 2))))


class Files(unittest.TestCase):
    def test_come_back_as_they_were_and_in_order(self):
        with tempfile.TemporaryDirectory() as directory:
            cases = [load_case([pair(run(), run()), pair(run(), run(), ["steal"])]), value_case([1]), load_case([], skipped="why")]
            later, earlier = made(cases=cases), made(time="2026-11-22T09:00:00Z")
            for one in (later, earlier):
                history.save(directory, one)
            runs, troubles = history.load_all(directory)
            self.assertEqual(troubles, [])
            self.assertEqual([{name: value for name, value in one.items() if name != "file"} for one in runs], [earlier, later])

    def test_a_broken_one_is_left_out_and_named(self):
        with tempfile.TemporaryDirectory() as directory:
            history.save(directory, made())
            for name, text in (("2026-01-01T0000Z-a-1cpu.json", "{"), ("2026-01-02T0000Z-a-1cpu.json", '{"format": 2}'),
                               ("2026-01-03T0000Z-a-1cpu.json", "[]"), ("notes.json", "not ours")):
                history.write(os.path.join(directory, name), text)
            runs, troubles = history.load_all(directory)
            self.assertEqual((len(runs), [trouble[:10] for trouble in troubles]), (1, ["2026-01-01", "2026-01-02", "2026-01-03"]))

    def test_a_round_is_a_line(self):
        text = history.run_text(made(cases=[load_case([pair(run(), run())] * 3)]))
        self.assertEqual(sum('"reference": {"rate"' in line for line in text.splitlines()), 3)
        self.assertEqual(json.loads(text)["cases"][0]["rounds"], [pair(run(), run())] * 3)
        self.assertTrue(text.endswith("\n"))

    def test_no_folder_is_no_run(self):
        self.assertEqual(history.load_all("/nonexistent"), ([], []))


class Shown(unittest.TestCase):
    def test_the_newest_whole_run(self):
        full, quick, cut, against = made(), made("quick"), made(cut="SIGINT"), made("against")
        self.assertIs(history.shown([made(), full, quick, cut, against]), full)
        self.assertIs(history.shown([quick, cut, against]), cut)
        self.assertIsNone(history.shown([against]))
        self.assertIsNone(history.shown([]))

import json
import os
import shutil
import tempfile
import unittest
import xml.etree.ElementTree

import chart
import history
import page
import section

FIXTURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixture.json")
NAME = "2026-11-23T1500Z-xeon-2cpu.json"


class Page(unittest.TestCase):
    """Of a folder that has the fixture in it."""

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.output = os.path.join(self.folder, "benchmarks")
        os.mkdir(self.output)
        with open(FIXTURE, encoding="utf-8") as file:
            self.run_of_fixture = json.load(file)
        shutil.copy(FIXTURE, os.path.join(self.output, NAME))

    def made(self):
        path = os.path.join(self.folder, "benchmarks.md")
        page.write_page(path, self.output, history.load_all(self.output)[0])
        with open(path, encoding="utf-8") as file:
            return file.read()

    def add(self, name, **changes):
        history.write(os.path.join(self.output, name), history.run_text({**self.run_of_fixture, **changes}))

    def test_figures_and_marks(self):
        text = self.made()
        self.assertIn("| 8 binds x window 64 | 4.00 M/s | 2.00 M/s | **0.50** | 0.50 | ≥ 0.65 **no** | 100 | 200 | 140 | 60 / 120 | 110 / 220 |", text)
        self.assertIn("| 1 x 1 ~ |", text)
        self.assertIn("| 8 x 64, TLS † **2 lost** |", text)
        self.assertIn("**1,100 octets**", text)
        self.assertIn("> recovery failed: ringgate did not start", text)
        self.assertIn("- 3 of 9 rounds were disturbed (steal in all: 1.5 %); **~ marks 1 case** with", text)

    def test_every_table_is_even(self):
        text = self.made()
        for block in text.split("\n\n"):
            widths = {line.count("|") for line in block.splitlines() if line.startswith("|")}
            self.assertLessEqual(len(widths), 1, block)

    def test_pictures_that_are_named_are_there_and_are_svg(self):
        text = self.made()
        named = [line.split("(")[1].rstrip(")") for line in text.splitlines() if line.startswith("![")]
        self.assertEqual(sorted(named), [f"benchmarks/{name}.svg" for name in ("cpu", "curve", "history", "rounds")])
        for name in named:
            root = xml.etree.ElementTree.parse(os.path.join(self.folder, name)).getroot()
            self.assertTrue(root.tag.endswith("svg"))
        self.assertEqual(sorted(os.listdir(self.output)), sorted([NAME, "cpu.svg", "curve.svg", "history.svg", "rounds.svg"]))

    def test_is_the_same_each_time(self):
        self.assertEqual(self.made(), self.made())

    def test_a_part_measured_later_is_only_a_line(self):
        before = self.made()
        self.add("2026-11-24T1500Z-xeon-2cpu.json", time="2026-11-24T15:00:12Z", kind="part", cases=self.run_of_fixture["cases"][1:2])
        after = self.made()
        self.assertEqual(before.split("## History")[0], after.split("## History")[0])
        self.assertIn("| [2026-11-24 15:00](benchmarks/2026-11-24T1500Z-xeon-2cpu.json) | abc1234 | xeon-2cpu | part |", after)

    def test_a_curve_is_shown_until_there_is_a_newer_one(self):
        self.add("2026-11-24T1500Z-xeon-2cpu.json", time="2026-11-24T15:00:12Z", cases=self.run_of_fixture["cases"][:1])
        text = self.made()
        self.assertIn("## Window x binds\n\nOf 2026-11-23, commit abc1234", text)
        self.assertIn("- 2026-11-24 15:00:12 UTC", text)

    def test_a_cut_run_says_so(self):
        os.remove(os.path.join(self.output, NAME))
        self.add(NAME, cut="SIGINT in case 3 of 14")
        self.assertIn("> Cut short by SIGINT in case 3 of 14.", self.made())

    def test_two_builds(self):
        told = {"metric": "server_ns", "pairs": 12, "a": {"best": 200, "median": 210}, "b": {"best": 190.0, "median": 199.5}, "ratio_best": 0.95,
                "ratio": 0.95, "low": 0.93, "high": 0.97, "noise": 1.02, "verdict": "B is faster"}
        case = {**self.run_of_fixture["cases"][0], "verdicts": [told]}
        self.add("2026-11-24T1500Z-xeon-2cpu.json", time="2026-11-24T15:00:12Z", kind="against", cases=[case],
                 against={"version": "0.0.9", "build": []})
        text = self.made()
        self.assertIn("A is 0.0.9, B is 0.1.0, commit abc1234", text)
        self.assertIn("| CPU ns | 210 | 200 | 200 | 190 | 0.950 | -5.0 % | -7.0 to -3.0 % | 12 | **B is faster** |", text)
        self.assertNotIn("| against |", text)
        self.assertEqual(section.verdict_text(told), "A 210 (best 200), B 200 (best 190), B to A -5.0 % (-7.0 to -3.0 %), 12 pairs: B is faster")

    def test_without_runs(self):
        os.remove(os.path.join(self.output, NAME))
        history.write(os.path.join(self.output, "curve.svg"), "of a run that is gone")
        self.assertIn("No run is there yet.", self.made())
        self.assertEqual(os.listdir(self.output), [])


class Chart(unittest.TestCase):
    def test_ticks(self):
        self.assertEqual(chart.ticks(1), [0, 0.2, 0.4, 0.6, 0.8, 1.0])
        self.assertEqual(chart.ticks(42_000), [0, 10_000, 20_000, 30_000, 40_000])

    def test_gaps_and_breaks_begin_a_new_line(self):
        text = chart.lines("t", ["a", "b", "c", "d", "e"], [("s", [1, 1, None, 1, 1])], breaks={4})
        path = text.split('d="')[1].split('"')[0]
        self.assertEqual("".join(letter for letter in path if letter in "ML"), "MLMM")

    def test_text_is_escaped(self):
        xml.etree.ElementTree.fromstring(chart.dots('<a & "b">', [("<1>", [(0.5, True)])]))

    def test_nothing_to_show(self):
        self.assertIsNone(chart.lines("t", ["a"], [("s", [None])]))
        self.assertIsNone(chart.bars("t", [], "ns", ("a", "b")))
        self.assertIsNone(chart.dots("t", []))

    def test_both_colour_schemes_have_every_class(self):
        light, _, dark = chart.STYLE.partition("@media")
        classes = {word[:3] for word in light.split(".")[1:] if word[:1] in "lf"}
        self.assertEqual(classes, {word[:3] for word in dark.split(".")[1:] if word[:1] in "lf"})

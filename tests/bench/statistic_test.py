import unittest

import statistic
from rounds import load_case, pair, run, value_case


class LoadSummary(unittest.TestCase):
    def test_best_median_and_ratios(self):
        rounds = [pair(run(2_000_000, 100), run(1_000_000, 200)), pair(run(1_000_000, 120), run(900_000, 240)),
                  pair(run(1_500_000, 110), run(600_000, 330))]
        summary = statistic.load_summary(load_case(rounds))
        self.assertEqual(summary["ratio"], 0.5)
        self.assertEqual(summary["median_ratio"], 0.5)
        self.assertEqual(summary["cpu_ratio"], 2)
        self.assertEqual(summary["subject"]["rate"], 1_000_000)
        self.assertEqual(summary["subject"]["rate_median"], 900_000)
        self.assertEqual(summary["subject"]["server_ns"], 200)
        self.assertEqual(summary["subject"]["server_ns_median"], 240)
        self.assertEqual((summary["count"], summary["discarded"], summary["noisy"]), (3, 0, False))

    def test_a_discarded_round_has_no_part_but_in_what_was_lost(self):
        rounds = [pair(run(100), run(50)), pair(run(100), run(40)), pair(run(900), run(800, lost=3), ["steal"], 9)]
        summary = statistic.load_summary(load_case(rounds))
        self.assertEqual((summary["ratio"], summary["discarded"], summary["lost"]), (0.5, 1, 3))

    def test_a_client_whose_cpu_is_full_more_often_than_not(self):
        full, free = run(signs=["CPU full"]), run()
        summary = statistic.load_summary(load_case([pair(full, free), pair(full, full), pair(free, free)]))
        self.assertTrue(summary["reference"]["client_limited"])
        self.assertFalse(summary["subject"]["client_limited"])

    def test_nothing_measured(self):
        self.assertIsNone(statistic.summary_of(load_case([])))
        self.assertIsNone(statistic.summary_of({"kind": "micro", "rounds": []}))

    def test_a_reference_that_did_nothing_breaks_nothing(self):
        self.assertGreater(statistic.load_summary(load_case([pair(run(0, 0), run())]))["ratio"], 1)


class ValueSummary(unittest.TestCase):
    def test_least_is_best(self):
        summary = statistic.value_summary(value_case([3, 1, 2]))
        self.assertEqual(summary["subject"], {"value": 1, "median": 2, "max": 3})
        self.assertNotIn("ratio", summary)

    def test_ratio_to_the_reference(self):
        case = value_case([2, 3])
        for one, value in zip(case["rounds"], (1, 2)):
            one["reference"] = {"value": value}
        summary = statistic.value_summary(case)
        self.assertEqual((summary["ratio"], summary["median_ratio"]), (2, 1.75))


class Reached(unittest.TestCase):
    def judged(self, bound, noise=()):
        case = load_case([pair(run(100, 100), run(60, 120), noise, 9)], 1, wanted=bound)
        return statistic.reached(case, statistic.summary_of(case))

    def test_least_and_most(self):
        self.assertTrue(self.judged({"figure": "ratio", "least": 0.6}))
        self.assertFalse(self.judged({"figure": "ratio", "least": 0.7}))
        self.assertFalse(self.judged({"figure": "cpu_ratio", "most": 1.15}))
        self.assertTrue(statistic.reached(value_case([4]) | {"wanted": {"figure": "value", "most": 4}}, statistic.summary_of(value_case([4]))))

    def test_noise_judges_nobody(self):
        self.assertIsNone(self.judged({"figure": "ratio", "least": 0.7}, ["steal"]))

    def test_nothing_wanted(self):
        self.assertIsNone(self.judged(None))

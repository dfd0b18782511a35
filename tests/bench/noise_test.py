import unittest

import noise
from rounds import load_case, pair, run

STAT = """cpu  1000 0 1000 8000 0 0 0 60 0 0
cpu0 500 0 500 4000 0 0 0 {0} 0 0
cpu1 500 0 500 4000 0 0 0 {1} 7 7
intr 1 2 3
"""


def result(signs=(), cpu_wait=0.0, server_wait_ns=0, size=1.0):
    return {"series": [{"limited_by": list(signs), "cpu_wait": cpu_wait, "size_s": size}], "duration_s": 1.0, "server_wait_ns": server_wait_ns}


class Steal(unittest.TestCase):
    def test_is_of_the_cpu_that_suffered_most(self):
        before, after = (noise.stat_ticks(STAT.format(*ticks), {0, 1}) for ticks in ((10, 10), (10, 20)))
        after[0] = (after[0][0], after[0][1] + 100)
        self.assertEqual(noise.steal_share(before, after), 100.0)
        after[1] = (after[1][0], after[1][1] + 990)
        self.assertAlmostEqual(noise.steal_share(before, after), 1.0)

    def test_of_other_cpus_does_not_matter(self):
        before, after = (noise.stat_ticks(STAT.format(*ticks), {0}) for ticks in ((10, 10), (10, 20)))
        self.assertEqual(noise.steal_share(before, after), 0.0)

    def test_is_zero_where_nothing_is_known(self):
        self.assertEqual(noise.steal_share({}, {}), 0.0)

    def test_guests_are_counted_once(self):
        self.assertEqual(noise.stat_ticks(STAT.format(10, 10), {1}), {1: (10, 5010)})


def reasons(steal, *results, own=False, steal_max=1.0):
    return noise.reasons(steal, [(one, own) for one in results], steal_max)


class Reasons(unittest.TestCase):
    def test_calm(self):
        self.assertEqual(reasons(1.0, result(), result(["CPU full", "late sends"])), [])

    def test_steal(self):
        self.assertEqual(reasons(1.1, result()), ["steal"])
        self.assertEqual(reasons(0, result(["steal"])), ["steal"])

    def test_a_higher_limit_of_steal_holds_for_the_load_tool_too(self):
        self.assertEqual(reasons(4, result(["steal"]), steal_max=5), [])
        self.assertEqual(reasons(6, result(["steal"]), steal_max=5), ["steal"])

    def test_what_the_load_tool_marks(self):
        self.assertEqual(reasons(0, result(["throttled"]), result(["paused"])), ["paused", "throttled"])

    def test_a_server_that_waits_for_its_cpu(self):
        self.assertEqual(reasons(0, result(server_wait_ns=40_000_000)), ["CPU taken"])
        self.assertEqual(reasons(0, result(cpu_wait=0.04)), ["CPU taken"])

    def test_a_cpu_that_is_taken_by_what_belongs_to_a_run(self):
        self.assertEqual(reasons(0, result(["CPU taken"], 0.5), own=True), [])
        self.assertEqual(reasons(2, result(["CPU taken"], 0.5), own=True), ["steal"])
        # A journal's disk is no excuse for the run without a journal.
        self.assertEqual(noise.reasons(0, [(result(["CPU taken"], 0.5), False), (result(), True)]), ["CPU taken"])

    def test_a_short_rest_is_no_second(self):
        self.assertEqual(noise.taken_percent(result(cpu_wait=1.0, size=0.01)), 0.0)


class Repeated(unittest.TestCase):
    def made(self, sound, wanted, repeats):
        kept = []
        noise.repeated(lambda i: {"number": i, "noise": [] if sound(i) else ["steal"]}, wanted, repeats, kept.append)
        return [one["number"] for one in kept]

    def test_no_more_than_wanted_where_all_are_sound(self):
        self.assertEqual(self.made(lambda i: True, 3, 5), [0, 1, 2])

    def test_a_disturbed_one_is_made_again(self):
        self.assertEqual(self.made(lambda i: i != 1, 3, 5), [0, 1, 2, 3])

    def test_it_ends(self):
        self.assertEqual(len(self.made(lambda i: False, 3, 2)), 5)
        self.assertEqual(len(self.made(lambda i: False, 3, 0)), 3)

    def test_an_interrupt_keeps_what_was_there(self):
        kept = []

        def one(i):
            if i == 2:
                raise KeyboardInterrupt
            return {"noise": []}

        with self.assertRaises(KeyboardInterrupt):
            noise.repeated(one, 5, 5, kept.append)
        self.assertEqual(len(kept), 2)


class Counted(unittest.TestCase):
    def test_disturbed_rounds_do_not_count(self):
        rounds = [pair(run(), run()), pair(run(), run(), ["steal"], 5), pair(run(), run())]
        self.assertEqual(noise.counted(load_case(rounds, 3)), ([rounds[0], rounds[2]], False))

    def test_the_calmest_where_too_few_are_sound(self):
        rounds = [pair(run(i), run(i), ["steal"], steal) for i, steal in enumerate((9, 2, 7, 3, 8))]
        self.assertEqual(noise.counted(load_case(rounds, 3)), ([rounds[1], rounds[3]], True))

    def test_equal_rounds_are_not_mixed_up(self):
        rounds = [pair(run(), run(), ["steal"], 2) for _ in range(4)]
        self.assertEqual(len(noise.counted(load_case(rounds, 3))[0]), 2)

    def test_a_pause_is_worse_than_any_steal(self):
        rounds = [pair(run(1), run(1), ["paused"], 0), pair(run(2), run(2), ["steal"], 50)]
        self.assertEqual(noise.counted(load_case(rounds, 1)), ([rounds[1]], True))

    def test_a_verdict_wants_six(self):
        rounds = [pair(run(), run()) for _ in range(5)] + [pair(run(), run(), ["steal"], 2) for _ in range(3)]
        self.assertFalse(noise.counted(load_case(rounds, 8))[1])
        kept, noisy = noise.counted(load_case(rounds, 8, verdicts=[]))
        self.assertEqual((len(kept), noisy), (6, True))

    def test_nothing(self):
        self.assertEqual(noise.counted(load_case([])), ([], False))

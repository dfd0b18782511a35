import contextlib
import io
import unittest

import command
import machine
import disk
import plan


def names(cases):
    return [case.name for case in cases]


class Plan(unittest.TestCase):
    def test_names_are_there_once(self):
        for cpus in (1, 2, 16):
            found = names(plan.all_cases(cpus))
            self.assertEqual(len(found), len(set(found)))

    def test_shards_as_many_as_cpus_allow(self):
        self.assertEqual([plan.shard_counts(cpus) for cpus in (1, 2, 3, 4, 5, 8, 9, 64)],
                         [[], [2], [2], [2], [2, 4], [2, 4], [2, 4, 8], [2, 4, 8, 16, 32]])

    def test_the_curve(self):
        self.assertEqual(len(plan.curve_cases()), 20)
        cases = plan.all_cases(2)
        self.assertFalse(any(name.startswith("curve") for name in names(plan.chosen(cases, None, False, False))))
        self.assertEqual(len(plan.matching("curve", cases)), 20)
        self.assertIn("curve-1000x100", names(plan.chosen(cases, None, True, False)))

    def test_only(self):
        cases = plan.all_cases(2)
        self.assertEqual(names(plan.chosen(cases, ["journal"], False, False)), ["journal-8x64", "journal-64x64", "journal-receipts"])
        self.assertEqual(names(plan.chosen(cases, ["memory", "memory"], False, False)), ["memory"])
        with self.assertRaisesRegex(plan.Unknown, "did you mean journal"):
            plan.chosen(cases, ["jornal"], False, False)

    def test_quick(self):
        self.assertEqual(names(plan.chosen(plan.all_cases(2), None, False, True)), list(plan.QUICK))

    def test_kinds(self):
        self.assertEqual([plan.kind_of(*one) for one in ((None, False, None), (["tls"], False, None), (None, True, None), (None, True, "x"))],
                         ["full", "part", "quick", "against"])


class Mistakes(unittest.TestCase):
    def said(self, *arguments):
        err = io.StringIO()
        with contextlib.redirect_stderr(err), self.assertRaises(SystemExit) as ended:
            command.parser().parse_args(arguments)
        self.assertEqual(ended.exception.code, 2)
        self.assertEqual(err.getvalue().count("\n"), 1)
        return err.getvalue()

    def test_are_one_line(self):
        self.assertIn("unknown option --quik; did you mean --quick?", self.said("--quik"))
        self.assertIn("unknown option --secnds; did you mean --seconds?", self.said("--secnds=3"))
        self.assertIn("expected a number, not 'x'", self.said("--rounds", "x"))
        self.assertIn("expected 1 to 1000, not 0", self.said("--rounds", "0"))
        self.assertIn("--only", self.said("--only"))
        self.assertIn("8x64", self.said("8x64"))
        self.assertIn("--seconds", self.said("--seconds", "nan"))


class Machine(unittest.TestCase):
    def test_sets_of_cpus(self):
        self.assertEqual(machine.cpu_set("0-2,5"), {0, 1, 2, 5})
        self.assertEqual(machine.cpu_set(""), set())

    def test_one_cpu_for_both_is_warned_of(self):
        text, warns = machine.sharing(0, 0)
        self.assertTrue(warns and "one CPU for both" in text)

    def test_the_mount_that_a_path_is_in(self):
        table = ("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:5 / /tmp rw shared:1 - tmpfs tmpfs rw\n"
                 "3 1 8:2 / /data\\040x rw - xfs /dev/sdb rw\n4 1 8:3 / /tm rw - btrfs /dev/sdc rw\n")
        self.assertEqual(disk.mount_of("/tmp/x", table), ("tmpfs", "tmpfs"))
        self.assertEqual(disk.mount_of("/data x/y", table), ("xfs", "/dev/sdb"))
        self.assertEqual(disk.mount_of("/tmpfoo", table), ("ext4", "/dev/sda1"))

#!/usr/bin/env python3
"""The runner's arithmetic, its gate and its page, with numbers worked out by hand; and that the committed page is the
one its JSON makes."""
import json
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import record  # noqa: E402
from figure import ROOT, Figure  # noqa: E402


def figure(name="speed", **more):
    return Figure(**{"id": name, "what": "What it is.", "against": "its ceiling", "unit": "times", "open": None,
                     "measure": None, **more})


def runs(*pairs):
    return [{"ours": ours, "ceiling": ceiling} for ours, ceiling in pairs]


class Record(unittest.TestCase):
    def test_each_ratio_is_of_one_run_and_the_median_is_of_ratios(self):
        # 0.5, 0.9, 0.8: the median of the ratios is 0.8; the ratio of the medians would be 80 / 160.
        one = record.entry(figure(at_least=0.7), runs((50, 100), (180, 200), (128, 160), ), "command")
        self.assertEqual((one["median"], one["min"], one["max"], one["runs"]), (0.8, 0.5, 0.9, 3))
        self.assertEqual(one["ratio"], 0.8)
        self.assertEqual(one["spread"], 0.5)  # (0.9 - 0.5) / 0.8
        self.assertEqual(one["parts"], {"ceiling": 160, "ours": 128})
        self.assertTrue(one["ok"])

    def test_an_even_number_of_runs_has_the_mean_of_the_middle_two(self):
        self.assertEqual(record.summary([1, 4, 2, 10])["median"], 3)

    def test_no_runs_and_no_ceiling_are_no_figure(self):
        with self.assertRaises(ValueError):
            record.summary([])
        with self.assertRaises(ValueError):
            record.number_of(figure(), {"ours": 1, "ceiling": 0})

    def test_a_value_is_no_ratio(self):
        one = record.entry(figure(kind="value", at_most=20), [{"value": 21}, {"value": 19}, {"value": 22}], "command")
        self.assertEqual((one["value"], one["ok"]), (21, False))
        self.assertNotIn("ratio", one)

    def test_both_directions_of_a_bound(self):
        for bound, ratio, holds in (({"at_least": 0.7}, 0.7, True), ({"at_least": 0.7}, 0.69, False),
                                    ({"at_most": 1.5}, 1.5, True), ({"at_most": 1.5}, 1.51, False)):
            one = record.entry(figure(**bound), runs((ratio * 100, 100)), "command")
            self.assertEqual(one["ok"], holds, f"{bound} and {ratio}")

    def test_a_limit_of_a_part_counts_too(self):
        limited = figure(at_most=1.3, limits={"ours": 50})
        self.assertTrue(record.entry(limited, runs((50, 45)), "command")["ok"])
        self.assertFalse(record.entry(limited, runs((51, 50)), "command")["ok"])
        self.assertEqual(record.bound_text(limited), "at most 1.3, ours at most 50")

    def test_merging_replaces_what_was_measured_and_keeps_the_rest(self):
        old = {"figures": [{"id": "b", "ok": False, "median": 1}, {"id": "a", "ok": False, "median": 1}],
               "notes": {"a": "why a", "b": "why b"}}
        new = record.merged(old, "machine", {}, "abc", [{"id": "a", "ok": True, "median": 2}], ("a", "b"))
        self.assertEqual([(one["id"], one["median"]) for one in new["figures"]], [("a", 2), ("b", 1)])
        self.assertEqual(new["figures"][0]["commit"], "abc")
        self.assertEqual(new["notes"], {"b": "why b"})  # a holds now: nothing to excuse


class Gate(unittest.TestCase):
    def gate(self, at, now, kind="ratio", old=None):
        figures = {"speed": figure(kind=kind, **at)}
        before = {"figures": [{"id": "speed", "min": 0.8, "max": 1.0, "median": 0.9, **(old or {})}]}
        return record.regressions(figures, before, [{"id": "speed", "median": now}])

    def test_worse_than_spread_and_tolerance_fails(self):
        # 10 % below the lowest committed run, 0.8, is 0.72; 10 % above the highest, 1.0, is 1.1.
        for at, now, count in (({"at_least": 0.7}, 0.73, 0), ({"at_least": 0.7}, 0.71, 1), ({"at_least": 0.7}, 9, 0),
                               ({"at_most": 1.5}, 1.09, 0), ({"at_most": 1.5}, 1.11, 1), ({"at_most": 1.5}, 0.1, 0)):
            failed, compared = self.gate(at, now)
            self.assertEqual((len(failed), compared), (count, ["speed"]), f"{at} and {now}: {failed}")

    def test_absolute_values_and_what_was_never_measured_are_not_compared(self):
        self.assertEqual(self.gate({"at_most": 1}, 100, kind="value"), ([], []))
        self.assertEqual(self.gate({"at_most": 1}, 100, old={"id": "another"}), ([], []))


class Page(unittest.TestCase):
    def test_what_falls_short_says_why(self):
        one = record.entry(figure(at_least=0.7), runs((50, 100)), "tests/bench/run speed")
        page = record.page(record.merged({"notes": {"speed": "because."}}, "a machine", {"Kafka": "4"}, "abc", [one],
                                         ("speed",)))
        self.assertIn("| `speed` | 0.5 times | 0.5 to 0.5 | 1 | at least 0.7 | falls short |", page)
        self.assertIn("- `speed`: because.", page)
        self.assertIn("Machine: a machine.", page)

    def test_the_committed_page_is_what_the_committed_json_makes(self):
        folder = os.path.join(ROOT, "docs")
        with open(os.path.join(folder, "performance.json"), encoding="utf-8") as file:
            committed = json.load(file)
        with open(os.path.join(folder, "performance.md"), encoding="utf-8") as file:
            self.assertEqual(file.read(), record.page(committed), "run tests/bench/run --page")


if __name__ == "__main__":
    unittest.main()

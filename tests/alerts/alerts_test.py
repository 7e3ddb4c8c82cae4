#!/usr/bin/env python3
"""Prometheus' own tool takes the alerts, raises each where it has to and not where it must not; what they ask for is
what the code counts.

  alerts_test.py REPOSITORY    promtool on the PATH
"""
import glob
import os
import re
import subprocess
import sys
import unittest

ROOT = os.path.abspath(sys.argv.pop(1))
ALERTS = os.path.join(ROOT, "deploy/prometheus/alerts.yml")
CASES = os.path.join(ROOT, "tests/alerts/alerts_test.yml")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def promtool(*arguments):
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


class Alerts(unittest.TestCase):
    def test_the_files_are_prometheus_files(self):
        status, output = promtool("check", "config", os.path.join(ROOT, "deploy/prometheus/prometheus.yml"))
        self.assertEqual(status, 0, output)

    def test_each_is_raised_when_it_has_to_be(self):
        status, output = promtool("test", "rules", CASES)
        self.assertEqual(status, 0, output)

    def test_each_has_a_case_for_and_one_against(self):
        named = re.findall(r"alert: (\S+)", read(ALERTS))
        self.assertGreater(len(named), 5)
        cases = read(CASES)
        for alert in named:
            with self.subTest(alert):
                self.assertRegex(cases, rf"alertname: {alert}, exp_alerts: \[\]")
                self.assertRegex(cases, rf"alertname: {alert}\n +exp_alerts:\n +- exp_labels")

    def test_every_metric_is_counted_by_the_code(self):
        code = "".join(read(path) for path in glob.glob(os.path.join(ROOT, "services/**/*.cc"), recursive=True)
                       if not path.endswith("_test.cc"))
        asked = set(re.findall(r"\byokoten_\w+", read(ALERTS)))
        self.assertTrue(asked)
        self.assertEqual(sorted(name for name in asked if f'"{name}"' not in code), [])


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""Imports the four files of real origin and compares every figure that deploy/examples/real/expected.map names with the
one computed independently. Says "not present" (and is skipped) where the files are not beside the project.

Then it shows that it can fail: every figure changed by a little, and every line of expected.map left out, must be
found.

  real_data_test.py BINARY [DATA]      DATA: ../shared/data beside the repository, or $YOKOTEN_REAL_DATA
"""
import copy
import json
import math
import os
import re
import shlex
import sys
from datetime import datetime, timedelta

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(ROOT, "tests/support"))
from product import Product  # noqa: E402

EXAMPLES = os.path.join(ROOT, "deploy/examples/real")
# Only the last one's figures are KPIs: it alone waits for them; counts need no more than the facts.
IMPORTS = [("incidents", "incidents_425.csv"), ("revisions", "revisions_1223.csv"), ("proposals", "proposals_271.csv"),
           ("us_300a", "us_300a_by_year.csv")]
# What must be answered, whatever expected.map says about the others.
REQUIRED = re.compile(r"incidents_425\.csv/(rows|by_month|by_site|by_type)|"
                      r"us_300a_by_year\.csv/.*/(trir|dart|ltifr_1e6)|"
                      r"revisions_1223\.csv/by_year_utc_committed|proposals_271\.csv/(accepted|lead_days_.*)")
SKIPPED = 77


def read_expected_map(path):
    """(key, arguments, renames) of the answered keys, (key, reason) of the others."""
    answered, others = [], []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("- "):
                key, reason = line[2:].split(" : ", 1)
                others.append((key.strip(), reason))
                continue
            # A group's name may hold a "|" too: only one with blanks around it parts the columns.
            parts = line.split(" | ")
            renames = dict(pair.strip().split("=>") for pair in parts[2].split(";")) if len(parts) > 2 else {}
            answered.append((parts[0].strip(), shlex.split(parts[1]), renames))
    return answered, others


def leaves(expected):
    """Every key of the expected figures: file/name, and file/year/rate where a file's figures are nested by year."""
    for file, figures in expected.items():
        for name, value in figures.items():
            if isinstance(value, dict) and file.startswith("us_300a"):
                for part in value:
                    yield f"{file}/{name}/{part}"
            else:
                yield f"{file}/{name}"


def value_at(expected, key):
    value = expected
    for part in key.split("/"):
        value = value[part]
    return value


def as_time(text):
    if isinstance(text, str) and re.match(r"\d{4}-\d\d-\d\d[ T]\d\d:", text):
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    return None


def same(want, got):
    if isinstance(want, float) or isinstance(got, float):
        return isinstance(got, (int, float)) and math.isclose(want, got, rel_tol=0, abs_tol=1e-4)
    if isinstance(want, dict):
        return isinstance(got, dict) and want.keys() == got.keys() and all(same(want[k], got[k]) for k in want)
    if isinstance(want, list):
        return isinstance(got, list) and len(want) == len(got) and all(same(w, g) for w, g in zip(want, got))
    if as_time(want) and as_time(got):
        return as_time(want) == as_time(got)
    return want == got


def ask(product, answered):
    """What each line's command prints, its groups renamed; a command that stands on several lines runs once."""
    printed, answers = {}, {}
    for key, arguments, renames in answered:
        command = tuple(arguments)
        if command not in printed:
            printed[command] = json.loads(product.yokoten(*arguments))
        got = printed[command]
        answers[key] = {renames.get(name, name): value for name, value in got.items()} if isinstance(got, dict) else got
    return answers


def judge(expected, answers, reasons):
    """({key: None, or what is wrong}, complaints about expected.map itself)."""
    results, complaints = {}, []
    every = list(leaves(expected))
    for key, got in answers.items():
        pattern = re.compile(re.escape(key).replace(r"\*", r"([^/]+)"))
        matches = [match for match in map(pattern.fullmatch, every) if match and "pooled" not in match.groups()]
        if not matches:
            complaints.append(f"{key} is no key of the expected figures")
        for match in matches:
            leaf = match.group(0)
            one = got.get(match.group(1)) if match.groups() and isinstance(got, dict) else got
            want = value_at(expected, leaf)
            results[leaf] = None if same(want, one) else f"expected {want}, got {one}"
    for leaf in every:
        if leaf in results:
            continue
        if leaf not in reasons:
            complaints.append(f"{leaf} is neither answered nor is it said why")
        elif REQUIRED.fullmatch(leaf):
            complaints.append(f"{leaf} must be answered")
    return results, complaints


def changed(value):
    """Another value of the same kind, as little another as is worth noticing."""
    if isinstance(value, dict):
        name = next(reversed(value))
        return {**value, name: changed(value[name])}
    if isinstance(value, list):
        return value[:-1]
    if isinstance(value, float):
        return value + 2e-4
    if isinstance(value, int):
        return value + 1
    if as_time(value):
        return (as_time(value) + timedelta(seconds=1)).isoformat()
    return value + "x"


def show_it_can_fail(expected, answers, reasons):
    """Number of wrong figures and missing lines that the comparison does not find."""
    results, _ = judge(expected, answers, reasons)
    unseen = 0
    for leaf in results:
        other = copy.deepcopy(expected)
        *path, last = leaf.split("/")
        place = value_at(other, "/".join(path))
        place[last] = changed(place[last])
        wrong = [key for key, fault in judge(other, answers, reasons)[0].items() if fault]
        if wrong != [leaf]:
            unseen += 1
            print(f"FAILED  a changed {leaf} is reported as {wrong}")
    for key in answers:
        if not judge(expected, {k: v for k, v in answers.items() if k != key}, reasons)[1]:
            unseen += 1
            print(f"FAILED  nobody misses {key}")
        if not judge(expected, {**answers, key + "x": answers[key]}, reasons)[1]:
            unseen += 1
            print(f"FAILED  nobody notices {key}x")
    for key in reasons:
        if not judge(expected, answers, {k: v for k, v in reasons.items() if k != key})[1]:
            unseen += 1
            print(f"FAILED  nobody misses the reason of {key}")
    print(f"{'ok     ' if not unseen else 'FAILED '} {len(results)} changed figures and "
          f"{2 * len(answers) + len(reasons)} changed lines of expected.map are found")
    return unseen


def main():
    binary = sys.argv[1]
    data = sys.argv[2] if len(sys.argv) > 2 else os.environ.get(
        "YOKOTEN_REAL_DATA", os.path.join(ROOT, "../shared/data"))
    if not os.path.exists(os.path.join(data, "expected.json")):
        print(f"not present: {os.path.relpath(data, ROOT)}/expected.json; nothing is compared")
        return SKIPPED
    with open(os.path.join(data, "expected.json"), encoding="utf-8") as file:
        expected = json.load(file)
    answered, others = read_expected_map(os.path.join(EXAMPLES, "expected.map"))
    failures = 0
    with Product(binary) as product:
        for mapping, file in IMPORTS:
            arguments = ["import", "--map", os.path.join(EXAMPLES, mapping + ".map"),
                         "--file", os.path.join(data, file), "--json"]
            wait = ["--wait"] if mapping == "us_300a" else []
            first = json.loads(product.yokoten(*arguments, *wait, timeout=400))
            again = json.loads(product.yokoten(*arguments))
            fine = first["errors"] == 0 and first["new"] > 0 and again["new"] == 0 and again["same"] == first["new"]
            failures += not fine
            print(f"{'ok     ' if fine else 'FAILED '} import {file}: first {first}, again {again}")
        answers = ask(product, answered)
    reasons = dict(others)
    results, complaints = judge(expected, answers, reasons)
    for leaf, fault in results.items():
        print(f"ok      {leaf}" if fault is None else f"FAILED  {leaf}: {fault}")
    for complaint in complaints:
        print(f"FAILED  expected.map: {complaint}")
    failures += sum(fault is not None for fault in results.values()) + len(complaints)
    if not failures:
        failures += show_it_can_fail(expected, answers, reasons)
    print("\nKeys that are not answered:")
    for leaf in leaves(expected):
        if leaf not in results:
            print(f"  {leaf}: {reasons.get(leaf, 'NO REASON GIVEN in expected.map')}")
    print(f"\n{len(results)} keys compared, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

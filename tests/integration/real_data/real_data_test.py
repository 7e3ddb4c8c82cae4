#!/usr/bin/env python3
"""Imports the four files of real origin and compares every figure that deploy/examples/real/expected.map names with the
one computed independently. Says "not present" (and passes) where the files are not beside the project.

  real_data_test.py BINARY [DATA]      DATA: ../shared/data beside the repository, or $YOKOTEN_REAL_DATA
"""
import json
import math
import os
import re
import shlex
import sys
from datetime import datetime

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(ROOT, "tests/support"))
from product import Product  # noqa: E402

EXAMPLES = os.path.join(ROOT, "deploy/examples/real")
# Only the last one's figures are KPIs: it alone waits for them; counts need no more than the facts.
IMPORTS = [("incidents", "incidents_425.csv"), ("revisions", "revisions_1223.csv"), ("proposals", "proposals_271.csv"),
           ("us_300a", "us_300a_by_year.csv")]
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


def compare(product, expected, answered):
    covered, failures = set(), 0
    for key, arguments, renames in answered:
        got = json.loads(product.yokoten(*arguments))
        if isinstance(got, dict):
            got = {renames.get(name, name): value for name, value in got.items()}
        pattern = re.compile(re.escape(key).replace(r"\*", r"([^/]+)"))
        for leaf in leaves(expected):
            match = pattern.fullmatch(leaf)
            if not match or leaf in covered:
                continue
            if match.groups() and match.group(1) == "pooled":
                continue
            one = got.get(match.group(1)) if match.groups() else got
            want = value_at(expected, leaf)
            covered.add(leaf)
            if same(want, one):
                print(f"ok      {leaf}")
            else:
                failures += 1
                print(f"FAILED  {leaf}\n        expected {want}\n        got      {one}")
                print(f"        yokoten {shlex.join(arguments)}")
    return covered, failures


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
        covered, wrong = compare(product, expected, answered)
        failures += wrong
    reasons = dict(others)
    print("\nKeys that are not answered:")
    for leaf in leaves(expected):
        if leaf in covered:
            continue
        if leaf not in reasons:
            failures += 1
        print(f"  {leaf}: {reasons.get(leaf, 'NO REASON GIVEN in expected.map')}")
    print(f"\n{len(covered)} keys compared, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

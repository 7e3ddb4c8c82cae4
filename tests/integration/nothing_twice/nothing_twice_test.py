#!/usr/bin/env python3
"""Nothing counts twice, and a change changes what it should and nothing else: files imported again, batches sent three
times and shuffled, ids used again, equal ids of two sources, one incident reported twice, corrections, moves and voids.

After every step all stored cells of all KPIs are compared with those before it: the KPIs that read what is sent
must be, cell by cell, what a few lines of Python make of the facts that count, and no other cell may differ. The
figures are read through GetKpiSeries as well, and the findings with `yokoten findings`. At the end all cells are thrown
away and computed anew from the facts: they must be the same.

  nothing_twice_test.py BINARY
"""
import itertools
import json
import os
import random
import sys
from collections import defaultdict
from datetime import date, timedelta

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(ROOT, "tests/support"))
from product import Product, wait_until  # noqa: E402

TODAY = date.today()
BASE = TODAY - timedelta(days=70)
PLANTS = ("TA", "TB")
INGEST = "/yokoten.operations.v1.OperationsIngestService/IngestEvents"
INSIGHT = "/yokoten.insight.v1.InsightService/"
KPIS = ("first_pass_yield", "operation_error_rate", "rework_ratio", "scrap_ratio")
KINDS = ("id_conflict", "business_key", "no_target")
MES = "/test/mes"
MAPPING = """
source: "/test/outputs" key_columns: "no" replaces: REPLACES_ALL_OF_SOURCE
events {
  type: "operations.ShiftOutputReported"
  fields { field: "context.plant_id" column: "plant" }
  fields { field: "context.workshop_id" column: "workshop" }
  fields { field: "context.line_id" column: "line" }
  fields { field: "context.occurred_on" column: "day" }
  fields { field: "product" constant: "P" }
  fields { field: "production_day" column: "day" }
  fields { field: "shift_code" constant: "D" }
  fields { field: "produced_qty" column: "inspected" }
  fields { field: "good_qty" column: "inspected" }
  fields { field: "scrap_qty" constant: "0" }
  fields { field: "rework_qty" constant: "0" }
  fields { field: "inspected_qty" column: "inspected" }
  fields { field: "good_first_time_qty" column: "good" }
  fields { field: "snapshot_version" constant: "1" }
}
"""


def day(n):
    return str(BASE + timedelta(days=n))


class Facts:
    """The facts that count, by a name of the test's own: lists of (KPI, plant, workshop, line, day, numerator,
    denominator)."""

    def __init__(self):
        self.live = {}

    def output(self, name, plant, workshop, line, n, inspected, good):
        self.live[name] = [(kpi, plant, workshop, line, day(n), numerator, inspected) for kpi, numerator in
                           (("first_pass_yield", good), ("rework_ratio", 0), ("scrap_ratio", 0))]

    def error(self, name, plant, workshop, line, n):
        self.live[name] = [("operation_error_rate", plant, workshop, line, day(n), 1, 0)]

    def cells(self):
        """{(grain, level, KPI, plant, workshop, line, day): [numerator, denominator]} of cells that are not zero."""
        cells = defaultdict(lambda: [0, 0])
        for kpi, plant, workshop, line, when, numerator, denominator in itertools.chain(*self.live.values()):
            for grain, start in (("d", when), ("m", when[:8] + "01")):
                for level, unit in (("plant", ("", "")), ("workshop", (workshop, "")), ("line", (workshop, line))):
                    cell = cells[(grain, level, kpi, plant, *unit, start)]
                    cell[0] += numerator
                    cell[1] += denominator
        return {key: value for key, value in cells.items() if value != [0, 0]}


class World:
    def __init__(self, product):
        self.product = product
        self.facts = Facts()
        self.findings = {}
        self.failures = 0
        self.before = {}
        self.wanted_before = {}
        self.sentinels = 0
        self.tokens = []
        self.map = os.path.join(product.folder, "outputs.map")
        self.file = os.path.join(product.folder, "outputs.csv")
        with open(self.map, "w", encoding="utf-8") as file:
            file.write(MAPPING)

    def check(self, good, what, detail=""):
        print(f"{'ok     ' if good else 'FAILED '} {what}", flush=True)
        if not good:
            self.failures += 1
            print(f"        {detail}", flush=True)

    # In.
    def send(self, *events):
        answer = self.product.post(INGEST, {"events": list(events)}, timeout=60)
        taken = [result.get("status") for result in answer["results"]]
        assert taken == ["EVENT_STATUS_ACCEPTED"] * len(events), answer
        self.tokens.append(answer["token"])

    def import_file(self, rows, *arguments):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write("no,plant,workshop,line,day,inspected,good\n")
            file.writelines(",".join(map(str, row)) + "\n" for row in rows)
        return json.loads(self.product.yokoten("import", "--map", self.map, "--file", self.file, "--json", "--wait",
                                               *arguments))

    # Out.
    def cells(self):
        """All cells that count and do not depend on the hour the test runs in: up to yesterday, without this month."""
        rows = self.product.sql(
            "SELECT grain, level, kpi, toString(plant), workshop, line, toString(day), dim, toString(numerator), "
            "toString(denominator), toString((numerator_days, denominator_days, observations, sum_squares, samples, "
            "open_since, days)) "
            f"FROM kpi_cell FINAL WHERE plant IN {PLANTS} AND day < '{TODAY - timedelta(days=1)}' "
            f"AND NOT (grain = 'm' AND day >= '{(TODAY - timedelta(days=1)).replace(day=1)}') "
            "AND (grain, kpi, plant, day, version) IN (SELECT grain, kpi, plant, day, version FROM kpi_cell FINAL "
            "WHERE level = 'plant' AND dim = '')")
        return {tuple(row[:8]): tuple(row[8:]) for row in rows}

    def series(self, kpi, plant, workshop="", line=""):
        answer = self.product.post(INSIGHT + "GetKpiSeries", {
            "kpiId": kpi, "unit": {"plantId": plant, "workshopId": workshop, "lineId": line}, "grain": "GRAIN_DAY",
            "from": day(0), "to": day(60), "token": self.tokens[-1] if self.tokens else {}}, timeout=60)
        return {value["periodStart"]: [float(value.get(side, "0") or 0) for side in ("numerator", "denominator")]
                for value in answer["values"]}

    def settle(self):
        """Until everything sent is in the figures and every verdict on it is: a sentinel sent last is judged last."""
        self.sentinels += 1
        name = f"sentinel-{self.sentinels}"
        self.send(output(name, "TZ", "W1", f"LZ{self.sentinels}", 0, 10, 10))
        self.send(output(name, "TZ", "W1", f"LZ{self.sentinels}", 0, 10, 9))
        for token in self.tokens:
            wait_until(240, "the token",
                       lambda: self.product.post(INSIGHT + "GetFreshness", {"token": token}, timeout=60))
        self.tokens = self.tokens[-1:]
        wait_until(60, f"the finding of {name}", lambda: self.product.sql(
            f"SELECT count() FROM finding FINAL WHERE active = 1 AND plant = 'TZ' AND event_id = '{name}'") == [[1]])
        wait_until(60, "all verdicts told", lambda: self.product.sql(
            "SELECT count() FROM inert_fact FINAL WHERE told = 0") == [[0]])
        wait_until(60, "the rollup level", lambda: int(
            (self.product.freshness() or {"rollupLag": 1}).get("rollupLag", 0)) == 0)

    def found(self):
        """{(kind, plant, source, id): recorded time}."""
        rest = self.product.yokoten("findings", "--json", "--plant", *PLANTS, "--kind", *KINDS).lstrip()
        found = {}
        while rest:
            one, end = json.JSONDecoder().raw_decode(rest)
            rest = rest[end:].lstrip()
            found[one["kind"], one["plant_id"], one["source"], one["id"]] = one["recorded_at"]
        return found

    def holds(self, what):
        """The step `what` is done: cells, figures and findings are those of the facts and findings that are expected,
        and cells changed if, and only if, something of what counts did."""
        self.settle()
        now, want = self.cells(), self.facts.cells()
        wrong, others = self.compare(now, want)
        self.check(not wrong, f"{what}: the {len(want)} cells are right", f"(expected, got): {wrong}")
        self.check(not others, f"{what}: no other cell changed", f"{len(others)}: {sorted(others)[:6]}")
        changed = {key[:7] for key in self.before.keys() | now.keys() if self.before.get(key) != now.get(key)}
        due = {key for key in self.wanted_before.keys() | want.keys() if self.wanted_before.get(key) != want.get(key)}
        # A month may hold as much as before, on other days.
        self.check(not self.before or (due <= changed and bool(due) == bool(changed)),
                   f"{what}: {len(due)} cells changed", sorted(changed ^ due)[:6])
        figures = {unit: self.series(*unit) for unit in self.units()}
        wrong = {}
        for (kpi, *unit), values in figures.items():
            level = "line" if unit[2] else "workshop" if unit[1] else "plant"
            for when, value in values.items():
                expected = want.get(("d", level, kpi, *unit, when), [0, 0])
                if value != expected:
                    wrong[(kpi, *unit, when)] = (expected, value)
        self.check(not wrong and all(figures.values()), f"{what}: GetKpiSeries says the same of {len(figures)} units",
                   wrong)
        found = self.found()
        self.check(set(found) == set(self.findings), f"{what}: findings {sorted(k for k, *_ in self.findings)}",
                   f"expected {sorted(self.findings)}, got {sorted(found)}")
        self.check_recorded(what, found)
        self.before, self.wanted_before = now, want

    def compare(self, now, want):
        """Cells of the KPIs that read what is sent which are not as they should be; others that are not as before."""
        got = {key[:7]: [float(value[0]), float(value[1])] for key, value in now.items()
               if key[2] in KPIS and (float(value[0]) or float(value[1]))}
        wrong = {key: (want.get(key), got.get(key)) for key in want.keys() | got.keys()
                 if want.get(key) != got.get(key)}
        others = [key for key in self.before.keys() | now.keys()
                  if self.before and key[2] not in KPIS and self.before.get(key) != now.get(key)]
        return wrong, others

    def shows_it_can_fail(self):
        """A fact too much in the expectation, and a cell of any other KPI that changed, must be found."""
        self.facts.output("ghost", "TA", "W1", "L1", 3, 7, 7)
        wrong, others = self.compare(self.before, self.facts.cells())
        self.check(len(wrong) == 18 and not others, "a fact that was expected and never sent is missed in 18 cells",
                   wrong)
        del self.facts.live["ghost"]
        trir = next(key for key in self.before if key[2] == "trir")
        wrong, others = self.compare({**self.before, trir: ("1",) + self.before[trir][1:]}, self.facts.cells())
        self.check(not wrong and others == [trir], "a changed cell of another KPI is found", others)

    def units(self):
        return [(kpi, plant, workshop, line)
                for kpi in KPIS for plant in PLANTS
                for workshop, line in (("", ""), ("W1", ""), ("W1", "L1"), ("W2", "L9"))]

    def check_recorded(self, what, found):
        """A finding bears the time the broker recorded the event it is about, as the archive has it."""
        for (kind, plant, source, event_id), at in found.items():
            recorded = [row[0] for row in self.product.sql(
                "SELECT toString(recorded_at) FROM archive WHERE headers[indexOf(headers, 'ce_id') + 1] = "
                f"'{event_id}' AND headers[indexOf(headers, 'ce_source') + 1] = '{source}' AND "
                f"headers[indexOf(headers, 'ce_plantid') + 1] = '{plant}' ORDER BY recorded_at")]
            # Of one id with two contents, the later is meant.
            of = recorded[self.findings.get((kind, plant, source, event_id), 0)]
            if as_ms(at) != as_ms(of):
                self.check(False, f"{what}: the {kind} of {event_id} bears its recorded time",
                           f"{at}, recorded {recorded}")


def as_ms(text):
    head, _, fraction = text.rstrip("Z").replace("T", " ").partition(".")
    return head + "." + fraction.ljust(3, "0")[:3]


def output(event_id, plant, workshop, line, n, inspected, good, source=MES, **context):
    return {"shift_output_reported": {
        "context": {"source": source, "id": event_id, "plant_id": plant, "workshop_id": workshop, "line_id": line,
                    "occurred_on": day(n), **context},
        "product": "P", "production_day": day(n), "shift_code": "D", "produced_qty": inspected, "good_qty": inspected,
        "scrap_qty": 0, "rework_qty": 0, "inspected_qty": inspected, "good_first_time_qty": good,
        "snapshot_version": 1}}


def error(event_id, plant, workshop, line, n, error_id, source=MES):
    return {"operation_error_recorded": {
        "context": {"source": source, "id": event_id, "plant_id": plant, "workshop_id": workshop, "line_id": line,
                    "occurred_on": day(n)},
        "error_id": error_id, "job_id": "J1", "error_class": "ERROR_CLASS_OTHER", "method_related": True}}


def reference(event_id, plant, entity, source=MES):
    return {"source": source, "id": event_id, "plant_id": plant, "entity": entity}


def corrects(event_id, plant, entity, source=MES):
    return {"corrects": reference(event_id, plant, entity, source), "reason_code": "CORRECTION_REASON_DATA_ENTRY"}


def voided(void_id, event_id, plant, entity, source=MES):
    return {"voided": {"context": {"source": source, "id": void_id, "plant_id": plant, "occurred_on": day(1)},
                       "voids": reference(event_id, plant, entity, source), "reason": "VOID_REASON_NOT_OCCURRED"}}


def files(world):
    rows = [(1, "TA", "W1", "L1", day(0), 100, 90), (2, "TA", "W1", "L1", day(1), 100, 80),
            (3, "TA", "W1", "L2", day(1), 50, 49), (4, "TA", "W2", "L3", day(5), 20, 11),
            (5, "TB", "W1", "L1", day(0), 70, 70), (6, "TB", "W2", "L9", day(4), 30, 29)]

    def expect(rows):
        for name in [name for name in world.facts.live if name.startswith("row")]:
            del world.facts.live[name]
        for number, plant, workshop, line, when, inspected, good in rows:
            n = (date.fromisoformat(when) - BASE).days
            world.facts.output(f"row{number}", plant, workshop, line, n, inspected, good)

    summary = world.import_file(rows)
    world.check(summary["new"] == len(rows), "a file is imported", summary)
    expect(rows)
    world.holds("a file")
    summary = world.import_file(rows)
    unchanged = {"new": 0, "same": len(rows), "changed": 0, "gone": 0}
    world.check(summary.items() >= unchanged.items(), "the same file again: nothing new", summary)
    other = os.path.join(world.product.folder, "other.journal")
    summary = world.import_file(random.Random(7).sample(rows, len(rows)), "--journal", other)
    world.check(summary.items() >= unchanged.items(), "shuffled, and nothing remembered of it: nothing new", summary)
    world.holds("the same file three times")
    # A figure mended, a row moved to another day, another moved to another plant, one gone.
    rows[1] = (2, "TA", "W1", "L1", day(1), 100, 85)
    rows[2] = (3, "TA", "W1", "L2", day(35), 50, 49)
    rows[3] = (4, "TB", "W2", "L3", day(5), 20, 11)
    del rows[5]
    summary = world.import_file(rows)
    world.check((summary["changed"], summary["gone"], summary["new"]) == (3, 1, 0),
                "a mended file sends three corrections and a void", summary)
    expect(rows)
    world.holds("a mended file")


def batches(world):
    batch = [output(f"b{i}", "TA", "W1", "L1", 10 + i, 40 + i, 30 + i) for i in range(5)]
    batch += [error("e1", "TB", "W2", "L9", 3, "E-1"), error("e2", "TB", "W2", "L9", 3, "E-2")]
    world.send(*batch)
    for i in range(5):
        world.facts.output(f"b{i}", "TA", "W1", "L1", 10 + i, 40 + i, 30 + i)
    world.facts.error("e1", "TB", "W2", "L9", 3)
    world.facts.error("e2", "TB", "W2", "L9", 3)
    world.holds("a batch")
    world.send(*batch)
    world.send(*batch[::-1])
    world.send(*random.Random(3).sample(batch, len(batch)), batch[0], batch[0])
    world.holds("the batch three more times, backwards, shuffled, with copies in it")


def ids(world):
    world.send(output("b0", "TB", "W1", "L1", 10, 40, 30))
    world.findings["id_conflict", "TB", MES, "b0"] = 0
    world.holds("an id once more for another plant")
    world.send(output("b1", "TA", "W1", "L1", 11, 41, 2))
    world.findings["id_conflict", "TA", MES, "b1"] = -1
    world.holds("an id once more with other content")
    world.send(output("b2", "TA", "W1", "L5", 12, 33, 22, source="/test/other"))
    world.facts.output("other b2", "TA", "W1", "L5", 12, 33, 22)
    world.holds("two sources with one id: both count")
    world.send(error("e1-again", "TB", "W2", "L9", 6, "E-1", source="/test/other"))
    world.findings["business_key", "TB", "/test/other", "e1-again"] = 0
    world.holds("one error reported by two sources")
    world.send(voided("v-e1", "e1", "TB", "error/E-1"))
    del world.facts.live["e1"], world.findings["business_key", "TB", "/test/other", "e1-again"]
    world.facts.error("e1-again", "TB", "W2", "L9", 6)
    world.holds("the first of the two is voided: the second counts")


def amendments(world):
    def correct(name, correction, *fact):
        """A correction of `name`, which was first sent for line L1 of plant TA, makes it `fact`."""
        world.send(output(correction, *fact, **corrects(name, "TA", "line/L1")))
        world.facts.output(name, *fact)

    def void(event_id, plant="TA", line="L1"):
        world.send(voided(f"v-{event_id}", event_id, plant, f"line/{line}"))

    correct("b0", "b0-c1", "TA", "W1", "L1", 10, 40, 39)
    world.holds("a correction")
    correct("b1", "b1-c1", "TA", "W1", "L1", 41, 41, 31)
    world.holds("a move to another day")
    correct("b2", "b2-c1", "TB", "W1", "L1", 12, 42, 32)
    world.holds("a move to another plant")
    correct("b2", "b2-c2", "TB", "W2", "L9", 13, 42, 32)
    world.holds("a second correction, of line and day")
    void("b2-c2", "TB", "L9")
    world.facts.output("b2", "TB", "W1", "L1", 12, 42, 32)
    world.holds("the second correction is voided: the first holds")
    void("b2")
    del world.facts.live["b2"]
    world.holds("its root is voided: nothing of it is left")
    correct("b4", "b4-c1", "TB", "W1", "L1", 14, 44, 34)
    correct("b4", "b4-c2", "TA", "W2", "L3", 15, 44, 34)
    world.holds("to another plant and back")
    void("b4-c2", "TA", "L3")
    world.facts.output("b4", "TB", "W1", "L1", 14, 44, 34)
    world.holds("the way back is voided: it is in the other plant")
    void("b4-c1", "TB")
    world.facts.output("b4", "TA", "W1", "L1", 14, 44, 34)
    world.holds("the way there is voided: it is where it was")
    void("b3")
    del world.facts.live["b3"]
    world.holds("a void")
    world.send(output("lost-c1", "TA", "W1", "L1", 20, 9, 9, **corrects("never-sent", "TA", "line/L1")))
    world.findings["no_target", "TA", MES, "lost-c1"] = 0
    world.holds("a correction of nothing")
    world.send(output("never-sent", "TA", "W1", "L1", 21, 9, 8))
    world.facts.output("never-sent", "TA", "W1", "L1", 20, 9, 9)
    del world.findings["no_target", "TA", MES, "lost-c1"]
    world.holds("what it corrects comes later")


def anew(world):
    """All cells once more, in one run over the facts."""
    product = world.product
    product.stop_target("all")
    product.sql("TRUNCATE TABLE kpi_cell")
    product.start_all()
    world.holds("all cells made anew")
    world.shows_it_can_fail()


def main():
    with Product(sys.argv[1], settings=["aggregator.identity_interval_ms=200"]) as product:
        world = World(product)
        for step in (files, batches, ids, amendments, anew):
            step(world)
    print(f"\n{world.failures} failures")
    return 1 if world.failures else 0


if __name__ == "__main__":
    sys.exit(main())

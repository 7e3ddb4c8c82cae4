#!/usr/bin/env python3
"""Generations and backups under a running product. Events are sent all the time, each until it is acknowledged, copies
and corrections among them, while facts and figures are built anew, compared, switched to and back. What is damaged by
hand is found, and only that. Then the warehouse is lost and restored from a backup made under load.

  rebuild_test.py BINARY
"""
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from datetime import date, timedelta

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "support"))
from product import ROOT, Product, wait_until  # noqa: E402

INGEST = "/yokoten.operations.v1.OperationsIngestService/IngestEvents"
ADMIN = "/yokoten.admin.v1.AdminService/"
SETTINGS = ("aggregator.identity_interval_ms=1000", "rollup.sweep_interval_ms=3000", "kafka.session_timeout_ms=2500")
KAFKA = ("group.min.session.timeout.ms=500", "group.initial.rebalance.delay.ms=0")
SOURCE = "/test/mes"
PLANTS = ("TA", "TB")
BASE = date.today() - timedelta(days=50)
OUTPUTS = "fact_operations_shift_output_reported"


class Sender:
    """Sends until it is told to stop; `acknowledged` has the ids of the events that were."""

    def __init__(self, product):
        self.product = product
        self.random = random.Random(5)
        self.sent = 0
        self.acknowledged = set()
        self.thread = None
        self.stopping = threading.Event()

    def event(self):
        number = self.sent
        self.sent += 1
        plant, day = self.random.choice(PLANTS), str(BASE + timedelta(days=self.random.randrange(48)))
        context = {"source": SOURCE, "id": f"e{number}", "plant_id": plant, "workshop_id": "W1",
                   "line_id": f"L{number % 3}", "occurred_on": day}
        if number > 20 and number % 7 == 0:  # an id used again, at another plant: the earliest counts
            context["id"] = f"e{self.random.randrange(number)}"
        if number % 3 == 0:
            return {"operation_error_recorded": {"context": context, "error_id": f"x{number}", "job_id": "J1",
                                                 "error_class": "ERROR_CLASS_OTHER", "method_related": True}}
        if number > 20 and number % 5 == 0:
            target = f"e{self.random.randrange(number)}"
            context["corrects"] = {"source": SOURCE, "id": target, "plant_id": plant, "entity": f"line/L{number % 3}"}
            context["reason_code"] = "CORRECTION_REASON_DATA_ENTRY"
        good = self.random.randrange(60, 101)
        return {"shift_output_reported": {
            "context": context, "product": "P", "production_day": day, "shift_code": "D", "produced_qty": 100,
            "good_qty": 100, "scrap_qty": 0, "rework_qty": 0, "inspected_qty": 100, "good_first_time_qty": good,
            "snapshot_version": number + 1}}

    def send(self, count):
        events = [self.event() for _ in range(count)]
        answer = None
        while answer is None or any(result.get("status") not in ("EVENT_STATUS_ACCEPTED", "EVENT_STATUS_INVALID")
                                    for result in answer["results"]):
            answer = self.product.post(INGEST, {"events": events}, timeout=20)
            if answer is None:
                time.sleep(0.2)
        for event, result in zip(events, answer["results"]):
            if result["status"] == "EVENT_STATUS_ACCEPTED":
                self.acknowledged.add(next(iter(event.values()))["context"]["id"])

    def start(self):
        self.stopping.clear()

        def run():
            while not self.stopping.is_set():
                self.send(3)
                self.stopping.wait(3)
        self.thread = threading.Thread(target=run)
        self.thread.start()

    def stop(self):
        self.stopping.set()
        self.thread.join()


class Bench:
    def __init__(self, product):
        self.product = product
        self.sender = Sender(product)
        self.failures = 0
        self.begun = time.monotonic()
        self.mark = 0

    def check(self, what, good, detail=""):
        self.failures += not good
        print(f"{time.monotonic() - self.begun:6.1f} s  {'ok     ' if good else 'FAILED '} {what}"
              f"{'' if good else f': {detail}'}", flush=True)

    def operator(self, *arguments, want=0):
        command = [self.product.binary, *arguments, *[f"--set={setting}" for setting in self.product.settings()]]
        done = subprocess.run(command, env=self.product.environment, capture_output=True, text=True, timeout=900,
                              stdin=subprocess.DEVNULL)
        self.check(f"yokoten {' '.join(arguments)} ends with {want}", done.returncode == want,
                   f"{done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def generations(self):
        """Their numbers, below a header of two lines."""
        return [int(line.split()[0]) for line in self.operator("rebuild", "--list").splitlines()[2:]]

    def current(self):
        rows = self.product.sql("SELECT database FROM yokoten.current_generation ORDER BY generation DESC LIMIT 1")
        return rows[0][0] if rows else "yokoten"

    def missing(self, acknowledged):
        """Ids that are no fact."""
        keys = [row[0] for row in self.product.sql("SELECT DISTINCT event_id FROM event_key", self.current())]
        return sorted(acknowledged - set(keys))[:5]

    def holes(self):
        """Partitions whose archive is not contiguous."""
        return self.product.sql("SELECT topic, partition FROM archive GROUP BY topic, epoch, partition HAVING "
                                "max(offset) - min(offset) + 1 != uniqExact(offset)", self.current())

    def nothing_lost(self, when):
        acknowledged = set(self.sender.acknowledged)
        self.product.wait_level(300)
        lost, holes = self.missing(acknowledged), self.holes()
        self.check(f"{when}: each of {len(acknowledged)} acknowledged events is there, and the archive has no hole",
                   not lost and not holes, f"{lost} {holes}")

    def quiet(self):
        """Until no touch waits, as Kafka itself says: services that are stopped then leave nothing undone."""
        self.product.wait_level(300)
        group = "yokoten-rollup" + self.current()[len("yokoten"):].replace("_", "-")

        def answered():
            done = subprocess.run([os.path.join(ROOT, "deploy/kafka/kafka"), "groups", "--describe", "--group", group],
                                  env=self.product.environment, capture_output=True, text=True, check=False)
            lags = [line.split()[5] for line in done.stdout.splitlines() if line.startswith(group)]
            return "0" in lags and set(lags) <= {"0", "-"}  # "-": nothing was ever there
        wait_until(120, f"all touches answered by {group}", answered)

    def archived(self, database):
        return self.product.sql("SELECT toInt64(count()) FROM archive", database)[0][0]


def built_while_sending(bench):
    out = bench.operator("rebuild")
    bench.check("a new generation is equal to the current one while events come in", ": equal" in out, out)
    bench.check("nothing was switched by that", bench.current() == "yokoten", bench.current())


def switched(bench, number, database):
    bench.mark = len(bench.product.log_lines("all"))
    before = bench.archived(database)
    out = bench.operator("rebuild", f"--switch={number}")
    bench.check(f"switched to generation {number}", bench.current() == database, out)
    wait_until(60, "the services' change", lambda: any(
        f"generation {number} (database {database}) is current now" in line
        for line in bench.product.log_lines("all")[bench.mark:]))
    wait_until(60, "records in the new generation", lambda: bench.archived(database) > before + 4)
    bench.sender.stop()
    bench.nothing_lost(f"after the switch to {number}")
    bench.sender.start()


def damaged(bench):
    """A cell and a fact put wrong by hand are found, and nothing else."""
    database = bench.current()
    bench.product.stop_target("all")
    cell = bench.product.sql("SELECT toString(kpi), toString(plant), toString(day) FROM kpi_cell FINAL WHERE kpi = "
                             "'scrap_ratio' AND grain = 'd' AND level = 'line' AND denominator > 0 ORDER BY day "
                             "LIMIT 1", database)[0]
    bench.product.sql("INSERT INTO kpi_cell SELECT * REPLACE (numerator + 1 AS numerator) FROM kpi_cell FINAL WHERE "
                      f"kpi = '{cell[0]}' AND plant = '{cell[1]}' AND day = '{cell[2]}' AND grain = 'd' AND "
                      "level = 'line' LIMIT 1", database)
    fact = bench.product.sql(f"SELECT toString(fact_key) FROM {OUTPUTS} FINAL ORDER BY fact_key LIMIT 1",
                             database)[0][0]
    bench.product.sql(f"INSERT INTO {OUTPUTS} SELECT * REPLACE (good_qty - 1 AS good_qty) FROM {OUTPUTS} FINAL WHERE "
                      f"fact_key = '{fact}' LIMIT 1", database)
    out = bench.operator("rebuild", "--verify", "--keep", want=1)
    lines = [line for line in out.splitlines() if line.startswith(("kpi_cell", "fact_", "event_", "archive"))]
    bench.check("the damaged cell is named, with its plant and day", any(
        line.startswith("kpi_cell") and all(part in line for part in cell) for line in lines), out)
    bench.check("the damaged fact is named", any(line.startswith(OUTPUTS) and fact in line for line in lines), out)
    bench.check("nothing else is", len(lines) == 2, out)


def made_good(bench):
    """What was built makes it good; it differs, so it is switched to only when that is accepted."""
    before = bench.current()
    number = bench.generations()[-1]
    out = bench.operator("rebuild", f"--switch={number}", want=1)
    bench.check("a generation that differs is not switched to",
                bench.current() == before and "not switched" in out, out)
    bench.operator("rebuild", f"--switch={number}", "--accept-differences")
    bench.check("then it is switched to", bench.current() == f"yokoten_g{number}", bench.current())


def changed_definition(bench):
    """The current generation has figures of another definition than the program."""
    database, before = bench.current(), bench.generations()
    bench.product.sql("INSERT INTO kpi_cell SELECT * REPLACE (definition + 1 AS definition, numerator * 2 AS "
                      "numerator) FROM kpi_cell FINAL WHERE kpi = 'first_pass_yield'", database)
    bench.product.sql("ALTER TABLE kpi_cell DELETE WHERE kpi = 'first_pass_yield' AND definition = (SELECT "
                      "min(definition) FROM kpi_cell WHERE kpi = 'first_pass_yield') "
                      "SETTINGS mutations_sync = 2", database)
    out = bench.operator("rebuild", "--verify", want=1)
    lines = [line for line in out.splitlines() if line.startswith("kpi_cell")]
    bench.check("a changed definition is said, with the figures that differ by it and no others",
                "first_pass_yield: the current generation has figures of another definition" in out and
                lines and all(" first_pass_yield " in line for line in lines), out)
    bench.check("what --verify made is gone", bench.generations() == before, f"{before} {bench.generations()}")
    bench.product.start_all()
    bench.nothing_lost("after a start on a generation that was switched to while services stood still")


def names_stay(bench, when):
    answer = bench.product.post(ADMIN + "GetPersons", {"plant_id": "TA", "person_refs": ["p1"]})
    bench.check(f"{when}: names are where they were",
                [person["displayName"] for person in answer.get("persons", [])] == ["Ann"], answer)


def lost_and_restored(bench):
    folder = os.path.join(bench.product.folder, "backup")
    bench.sender.start()
    bench.operator("backup", folder)
    bench.operator("backup", folder, want=1)
    backed_up = len(bench.sender.acknowledged)
    wait_until(30, "more events after the backup", lambda: len(bench.sender.acknowledged) > backed_up + 10)
    bench.sender.stop()
    bench.operator("restore", folder, want=1)  # there is something in the warehouse
    bench.product.kill("all")
    bench.product.kill("warehouse")
    shutil.rmtree(os.path.join(bench.product.folder, "warehouse"))
    bench.product.start_warehouse()
    bench.operator("restore", folder)
    restored = bench.missing(bench.sender.acknowledged)
    bench.check("what came after the backup is not in it", bool(restored), restored)
    bench.product.start_all()
    bench.nothing_lost("after the restore")
    out = bench.operator("rebuild", "--verify")
    bench.check("after the restore figures are those of the facts", ": equal" in out, out)
    names_stay(bench, "after the restore")


def main():
    with Product(sys.argv[1], settings=SETTINGS, kafka=KAFKA) as product:
        bench = Bench(product)
        bench.sender.send(60)
        product.post(ADMIN + "PutPersons", {"plant_id": "TA", "persons": [{"person_ref": "p1", "display_name": "Ann"}]})
        bench.nothing_lost("at the beginning")
        bench.check("an event that was never sent is missed", bench.missing({"never"}) == ["never"])
        bench.sender.start()
        try:
            built_while_sending(bench)
            switched(bench, 2, "yokoten_g2")
            names_stay(bench, "after the switch")
            switched(bench, 1, "yokoten")
            bench.sender.stop()
            bench.quiet()
            damaged(bench)
            made_good(bench)
            changed_definition(bench)
            lost_and_restored(bench)
        finally:
            if bench.sender.thread.is_alive():
                bench.sender.stop()
        print(json.dumps({"acknowledged": len(bench.sender.acknowledged), "failures": bench.failures}))
        return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())

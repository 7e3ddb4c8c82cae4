"""The whole plane as the quickstart starts it: Kafka, the warehouse, and all other targets in one process."""
import contextlib
import itertools
import json
import os
import re
import subprocess
import threading
import time

from figure import Figure, Wrong, cpu_seconds, drive
from product import Product, wait_until

PLANTS, MONTHS = 6, 3


class Plane:
    def __init__(self, options):
        self.options = options
        self.binary = os.path.join(options.bin, "yokoten")
        self.turn = itertools.count()


@contextlib.contextmanager
def each_run_its_own(options):
    yield Plane(options)


def number(text, pattern):
    found = re.search(pattern, text)
    if not found:
        raise Wrong(f"no '{pattern}' in: {text}")
    return int(found.group(1).replace(",", ""))


def check(product, sent):
    """Everything that was acknowledged is stored once, none of it as a dead letter, and the audit finds nothing."""
    (archived, apart, dead), = product.sql(
        "SELECT uniqExact(topic, epoch, partition, offset), count(), countIf(verdict LIKE 'dead:%') FROM archive FINAL")
    if (archived, apart, dead) != (sent, sent, 0):
        raise Wrong(f"{sent} events were acknowledged; the archive has {apart} rows of {archived} records, "
                    f"{dead} of them dead letters")
    product.yokoten("audit")  # its exit code says whether log, archive and facts are the same


def sum_of_cpu(plane, _order):
    """Sends a group's history to a plane of its own and waits until the cells have it all."""
    with Product(plane.binary) as product:
        pids = {"kafka": product.kafka_pid(), "clickhouse": product.processes["warehouse"].pid,
                "services": product.processes["all"].pid}
        before = {name: cpu_seconds(pid) for name, pid in pids.items()}
        months = max(1, round(MONTHS * plane.options.scale))
        text = product.yokoten("simulate", f"--plants={PLANTS}", f"--months={months}", f"--seed={next(plane.turn) + 1}",
                               "--wait", timeout=900)
        product.wait_level()
        spent = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
        sent = number(text, r"accepted ([\d,]+)")
        check(product, sent)
        (cells,), = product.sql("SELECT count() FROM kpi_cell FINAL")
        if cells == 0:
            raise Wrong("no KPI cell")
    return {"value": sum(spent.values()) * 1e6 / sent, "events": sent, "kpi_cells": cells,
            **{f"{name}_s": seconds * 1e6 / sent for name, seconds in spent.items()}}


def visible(plane, _order):
    with Product(plane.binary) as product:
        found = drive(os.path.join(plane.options.bin, "visible_bench"), f"127.0.0.1:{product.grpc_port}",
                      20 * plane.options.scale, timeout=900)
        product.yokoten("audit")
    return found


@contextlib.contextmanager
def with_history(options):
    """A plane with a simulated group's history, and who is asked about: everybody on a roster and each job."""
    plane = Plane(options)
    with Product(plane.binary) as product:
        product.yokoten("simulate", f"--plants={PLANTS}", "--months=3", "--seed=1", "--wait", timeout=900)
        product.wait_level()
        plane.product = product
        asked = product.sql(
            "SELECT p.plant, p.person_ref, j.job_id FROM (SELECT DISTINCT plant, person_ref FROM "
            "fact_training_session_completed) AS p INNER JOIN (SELECT DISTINCT plant, job_id FROM "
            "fact_training_session_completed) AS j ON j.plant = p.plant ORDER BY cityHash64(p.person_ref, j.job_id) "
            "LIMIT 5000")
        plane.asked = "".join(f"{plant}\t{person}\t{job}\n" for plant, person, job in asked)
        for plant, person, job in {row[0]: row for row in asked}.values():
            question = {"plantId": plant, "personRef": person, "jobId": job}
            wait_until(60, f"the gate knows {plant}",
                       lambda question=question: product.post("/yokoten.gate.v1.GateService/CanPerform", question))
        yield plane


def gate(plane, _order):
    found = drive(os.path.join(plane.options.bin, "gate_bench"), f"127.0.0.1:{plane.product.grpc_port}",
                  round(20_000 * plane.options.scale), given=plane.asked)
    if not 0 < found["allowed"] < found["asked_about"]:
        raise Wrong(f"some have to be allowed and some not: {found}")
    return found


SESSION_TIMEOUT_S = 6.0  # kafka.session_timeout_ms
SETTLED_S = 0.5


class Trickle(threading.Thread):
    """One event every tenth of a second; one that is not acknowledged is sent again with the same id."""

    def __init__(self, product):
        super().__init__(daemon=True)
        self.product, self.acknowledged, self.ending = product, 0, threading.Event()
        self.day = time.strftime("%Y-%m-%d", time.gmtime())

    def run(self):
        while not self.ending.wait(0.1):
            name = f"trickle-{self.acknowledged}"
            quantities = {field: 1 for field in ("producedQty", "goodQty", "inspectedQty", "goodFirstTimeQty")}
            context = {"source": "/bench", "id": name, "plantId": "PL1", "lineId": "L1", "occurredOn": self.day}
            event = {"context": context, "product": name, "productionDay": self.day, "shiftCode": "A", "scrapQty": 0,
                     "reworkQty": 0, "snapshotVersion": 1, **quantities}
            answer = self.product.post("/yokoten.operations.v1.OperationsIngestService/IngestEvents",
                                       {"events": [{"shiftOutputReported": event}]}) or {}
            results = answer.get("results", [])
            self.acknowledged += [result.get("status") for result in results] == ["EVENT_STATUS_ACCEPTED"]

    def end(self):
        self.ending.set()
        self.join(30)


@contextlib.contextmanager
def apart(options):
    """Every target a process of its own, and a trickle of events that never ends."""
    plane = Plane(options)
    with Product(plane.binary, apart=True) as plane.product:
        plane.product.start_apart()
        plane.trickle = Trickle(plane.product)
        plane.trickle.start()
        try:
            yield plane
        finally:
            plane.trickle.end()
        plane.product.wait_level()
        check(plane.product, plane.trickle.acknowledged)


def first_commit(plane, part, group, topic):
    """Kills the part, starts its successor at once, and tells the seconds from the kill to the successor's first
    commit. What the killed one had asked for is answered within SETTLED_S; a successor cannot be that soon."""
    watch = subprocess.Popen([os.path.join(plane.options.bin, "commits_bench"),
                              f"127.0.0.1:{plane.product.kafka_port}", group, topic], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    try:
        json.loads(watch.stdout.readline())
        before = json.loads(watch.stdout.readline())["sum"]  # it commits
        killed = time.monotonic()
        plane.product.kill(part)
        plane.product.start(part)
        for line in watch.stdout:
            change = json.loads(line)
            if change["sum"] < before:
                raise Wrong(f"{part}: committed offsets went back from {before} to {change['sum']}")
            if change["at"] > killed + SETTLED_S:
                return change["at"] - killed
        raise Wrong(f"{part}: its positions could not be read")
    finally:
        watch.stdin.close()
        watch.wait(20)
        watch.stdout.close()


def recovery(plane, _order):
    found = {"aggregator_s": first_commit(plane, "aggregator", "yokoten-aggregator", "yokoten.operations.v1"),
             "rollup_s": first_commit(plane, "rollup", "yokoten-rollup", "yokoten.dirty.v1")}
    return {"value": max(found.values()), **found}


FIGURES = [
    Figure(id="cpu_s_per_million", kind="value",
           what=f"CPU seconds (user and system) of all processes for a million events of a simulated group of {PLANTS} "
                f"plants and {MONTHS} months, from gRPC to all cells of all KPIs; by process beside it. Without the "
                "sender.",
           against="nothing: a sum", unit="CPU s per million events", at_most=20, open=each_run_its_own,
           measure=sum_of_cpu),
    Figure(id="visible_p99_ms", kind="value",
           what="99th percentile of the time from a probe's acknowledgement to a KPI answer that has it, while the "
                "last days of a simulated group of 60 plants are sent at half of the rate that reaches the cells; all "
                "KPIs are computed. Ten probes a second, by the clock.",
           against="nothing: a time", unit="ms", at_most=2000, open=each_run_its_own, measure=visible),
    Figure(id="can_perform_p99_ms", kind="value",
           what="99th percentile of a machine's wait for CanPerform, on two connections one call after the other; "
                f"{PLANTS} plants with 3 months of history.",
           against="nothing: a time", unit="ms", at_most=5, open=with_history, measure=gate),
    Figure(id="recovery_s", kind="value",
           what="Seconds from kill -9 of the aggregator, and of the rollup, to the first commit of a successor started "
                "at once; the longer of the two.",
           against=f"the session timeout, {SESSION_TIMEOUT_S:g} s, and 2 s", unit="s", at_most=SESSION_TIMEOUT_S + 2,
           open=apart, measure=recovery),
]

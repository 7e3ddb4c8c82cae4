#!/usr/bin/env python3
"""One import, during which every process is killed three times at random points (kill -9): each target as a process of
its own, Kafka, the warehouse and the importer itself. The cells, the facts and the archive must be those of the same
import undisturbed.

  kill_matrix_test.py BINARY         YOKOTEN_TEST_SEED repeats a run; YOKOTEN_KILLS kills of each process, default 3
"""
import copy
import datetime
import os
import random
import secrets
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "support"))
sys.path.insert(0, HERE)
from product import INGEST, TARGETS, Product, wait_until  # noqa: E402
from scenario import MAPPING, Scenario  # noqa: E402
from state import collect, differences  # noqa: E402
from valve import Valve  # noqa: E402

IMPORTER = "importer"
VICTIMS = (*TARGETS, "kafka", "warehouse", IMPORTER)
# Short sessions, so that the place of a killed consumer is soon another's and a killed broker is soon itself again.
KAFKA = ("group.min.session.timeout.ms=500", "broker.session.timeout.ms=1500", "broker.heartbeat.interval.ms=200")
SETTINGS = ("kafka.session_timeout_ms=2500", "aggregator.identity_interval_ms=1000", "rollup.sweep_interval_ms=3000")
POSTED = 120
INGEST_SAFETY = "/yokoten.safety.v1.SafetyIngestService/IngestEvents"
# How long the import takes where nothing is killed: a file of this size would pass in seconds.
IMPORT_SECONDS = 35
LEVEL_SECONDS = 150


def clock(text):
    print(f"{time.monotonic() - BEGUN:6.1f} s  {text}", flush=True)


def importing(file, journal):
    return ["import", "--map", MAPPING, "--file", file, "--journal", journal, "--json"]


def through(valve, insight_port):
    """The importer's way to the services: events pass the valve, questions do not."""
    ports = {**valve.ports, "insight": insight_port}
    return [f"--server={target}=127.0.0.1:{port}" for target, port in ports.items()]


class Importer:
    """`yokoten import` as a process that can be killed."""

    def __init__(self, product, journal, file, servers):
        self.product = product
        self.command = [product.binary, *importing(file, journal), *servers]
        self.output = os.path.join(product.folder, "importer.log")
        self.process = None
        self.starts = 0

    def start(self):
        self.starts += 1
        with open(self.output, "ab") as log:
            self.process = subprocess.Popen(self.command, env=self.product.environment, stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, start_new_session=True)

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def finished(self):
        """True at its end; an importer that found a service away is started again, as its message says."""
        code = self.process.poll()
        if code is None:
            return False
        if code == 0:
            return True
        if code != 3:
            with open(self.output, encoding="utf-8") as log:
                raise RuntimeError(f"the import ended with {code}: {log.read()[-2000:]}")
        time.sleep(0.1)
        self.start()
        return False


class Poster(threading.Thread):
    """Sends events over the gateway, each until it is acknowledged, one for each step of the import's progress."""

    def __init__(self, product, today):
        super().__init__(daemon=True)
        self.product = product
        self.at = datetime.datetime.combine(today - datetime.timedelta(days=3), datetime.time(9))
        self.due = 0
        self.tries = 0

    def run(self):
        for number in range(POSTED):
            while self.due <= number:
                time.sleep(0.02)
            when = (self.at + datetime.timedelta(seconds=number)).isoformat() + "Z"
            event = {"hazardIdentified": {
                "context": {"source": "/kill-matrix/gateway", "id": f"posted-{number}", "plantId": "K1",
                            "workshopId": "W1", "lineId": "L1", "occurredAt": when, "reportedAt": when},
                "hazardId": f"posted-{number}", "grade": "HAZARD_GRADE_GENERAL", "cause": "HAZARD_CAUSE_PERSON"}}
            accepted = False
            while not accepted:
                self.tries += 1
                answer = self.product.post(INGEST_SAFETY, {"events": [event]}, 5)
                accepted = bool(answer) and answer["results"][0].get("status") == "EVENT_STATUS_ACCEPTED"
                if not accepted:
                    time.sleep(0.05)


def undisturbed(product, base, full, today):
    """Returns the state, and how many bytes the second file's events are on their way to the services."""
    product.extra = [*SETTINGS, "deployment.topic_prefix=calm.", "clickhouse.database=calm"]
    product.start_all()
    journal = os.path.join(product.folder, "calm.journal")
    first = product.yokoten(*importing(base, journal))
    clock(f"first file:  {first.strip()}")
    poster = Poster(product, today)
    poster.due = POSTED
    poster.start()
    begun = time.monotonic()
    valve = Valve({target: product.grpc_port for target in INGEST}, 1e12)
    second = product.yokoten(*importing(full, journal), *through(valve, product.grpc_port), server=False)
    valve.close()
    clock(f"second file: {second.strip()} in {time.monotonic() - begun:.1f} s")
    poster.join(60)
    state = settle(product, "calm", None)
    product.stop_target("all")
    return state, valve.passed


def settle(product, database, want):
    """The state once nothing waits any more; with `want`, as soon as it is that: a sweep of the rollup may yet mend
    what a killed one has left."""
    state = None

    def settled():
        nonlocal state
        product.wait_level(LEVEL_SECONDS)
        state = collect(product, database)
        return want is None or not differences(want, state)
    try:
        wait_until(LEVEL_SECONDS, "the state that is wanted", settled)
    except TimeoutError:
        print("the state that is wanted was not reached", flush=True)
    return state


class Matrix:
    """The disturbed import."""

    def __init__(self, product, base, full, seed, today, size, kills):
        self.product, self.random, self.size = product, random.Random(seed + 1), size
        journal = os.path.join(product.folder, "killed.journal")
        product.extra = [*SETTINGS, "deployment.topic_prefix=killed.", "clickhouse.database=killed"]
        product.start_apart()
        product.yokoten(*importing(base, journal))
        self.valve = Valve({target: product.grpc_ports[target] for target in INGEST}, size / IMPORT_SECONDS)
        self.importer = Importer(product, journal, full, through(self.valve, product.grpc_ports["insight"]))
        self.poster = Poster(product, today)
        points = [(self.random.uniform(0.01, 0.93), victim) for victim in VICTIMS for _ in range(kills)]
        self.plan = sorted(points)
        self.held = 0.0
        self.failure = None

    def progress(self):
        """By bytes on their way; what is sent again counts again: the import is never nearer to its end than this."""
        return min(1.0, self.valve.passed / self.size)

    def run(self):
        self.importer.start()
        self.poster.start()
        for number, (point, victim) in enumerate(self.plan):
            self._wait_progress(point)
            reached = self.progress()
            begun = time.monotonic()
            after = self.plan[number + 1][0] if number + 1 < len(self.plan) else 1.0
            self._kill(victim, after)
            clock(f"kill {number + 1} of {len(self.plan)} at {reached:5.1%} (due at {point:5.1%}): {victim}, "
                  f"ready after {time.monotonic() - begun:.1f} s")
        self.valve.rate *= 10
        wait_until(300, "the import's end", self._step_to_end)
        self.valve.close()
        self.poster.due = POSTED
        self.poster.join(60)
        if self.poster.is_alive():
            raise TimeoutError("an event posted to the gateway was never acknowledged")

    def _wait_progress(self, point):
        end = time.monotonic() + 120
        while self.progress() < point:
            self.poster.due = int(POSTED * self.progress())
            if self.importer.finished():
                raise RuntimeError(f"the import ended at {self.progress():.1%}, before the kill due at {point:.1%}: "
                                   "make the scenario larger")
            if time.monotonic() > end:
                raise TimeoutError(f"the import stands at {self.progress():.1%}")
            time.sleep(0.005)

    def _step_to_end(self):
        self.poster.due = int(POSTED * self.progress())
        return self.importer.finished()

    def _kill(self, victim, after):
        if victim == IMPORTER:
            self.importer.kill()
            self.importer.start()
            return
        self.product.kill(victim)
        away = self.random.uniform(0, 0.4)
        starter = threading.Thread(target=self._restart, args=(victim, away))
        starter.start()
        # The import goes on meanwhile, but not far beyond the next kill's point: that one shall find it at work.
        held = False
        end = time.monotonic() + 90
        while starter.is_alive() or self.failure or not self.product.is_ready(victim):
            if self.failure:
                raise RuntimeError(f"{victim} did not start again") from self.failure
            if time.monotonic() > end:
                raise TimeoutError(f"{victim} is not ready again")
            if not held and self.progress() > after:
                self.valve.open.clear()
                held = time.monotonic()
            self.importer.finished()
            time.sleep(0.02)
        if held:
            self.held += time.monotonic() - held
            self.valve.open.set()

    def _restart(self, victim, away):
        time.sleep(away)
        try:
            self.product.start(victim)
        except (OSError, subprocess.SubprocessError) as failure:
            self.failure = failure


def controls(product, want, state):
    """The comparison can fail: on changed copies of what was read, and on what is read once the tables are changed."""
    missed = []

    def expect(name, changed):
        if not differences(want, changed):
            missed.append(name)

    some_cell, some_fact = sorted(state.cells)[len(state.cells) // 2], sorted(state.facts)[len(state.facts) // 2]
    changed = copy.deepcopy(state)
    changed.cells[some_cell] = ("altered",) + changed.cells[some_cell][1:]
    expect("one cell altered", changed)
    changed = copy.deepcopy(state)
    del changed.cells[some_cell]
    expect("one cell dropped", changed)
    changed = copy.deepcopy(state)
    del changed.facts[some_fact]
    expect("one fact dropped", changed)
    changed = copy.deepcopy(state)
    changed.facts[some_fact] += 1
    expect("one fact doubled", changed)

    table, plant, entity, key = some_fact[:4]
    for name, statement in (
            ("one cell altered in the table",
             "INSERT INTO kpi_cell SELECT * REPLACE (numerator + 1 AS numerator) FROM kpi_cell FINAL "
             f"WHERE kpi = '{some_cell[2]}' AND plant = '{some_cell[4]}' AND grain = '{some_cell[0]}' "
             f"AND level = 'plant' AND dim = '' AND day <= '{state.days[some_cell[4]][1]}' ORDER BY day DESC LIMIT 1"),
            ("one fact doubled in the table",
             f"INSERT INTO {table} SELECT * REPLACE (generateUUIDv4() AS fact_key) FROM (SELECT * FROM {table} FINAL "
             f"WHERE plant = '{plant}' AND entity = '{entity}' AND fact_key = '{key}')"),
            ("one fact dropped from the table",
             f"ALTER TABLE {table} DELETE WHERE fact_key = '{key}' SETTINGS mutations_sync = 2"),
            ("one record dropped from the archive",
             "ALTER TABLE archive DELETE WHERE topic = 'yokoten.safety.v1' AND partition = 1 AND offset = 5 "
             "SETTINGS mutations_sync = 2")):
        before = differences(want, collect(product, "killed"))
        product.sql(statement, "killed")
        if differences(want, collect(product, "killed")) == before:
            missed.append(name)
    return missed


def main():
    seed = int(os.environ.get("YOKOTEN_TEST_SEED") or secrets.randbits(32))
    kills = int(os.environ.get("YOKOTEN_KILLS", "3"))
    print(f"YOKOTEN_TEST_SEED={seed} repeats this run", flush=True)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    scenario = Scenario(seed, today)
    with Product(sys.argv[1], kafka=KAFKA, apart=True) as product:
        base, full = scenario.write(product.folder)
        want, size = undisturbed(product, base, full, today)
        clock(f"undisturbed: {size} bytes, {len(want.cells)} cells {want.digest()}, {sum(want.facts.values())} facts, "
              f"{want.records} records, {len(want.inert)} inert, {len(want.findings)} findings, {want.copies()} copies")
        matrix = Matrix(product, base, full, seed, today, size, kills)
        matrix.run()
        clock(f"import done; started {matrix.importer.starts} times, held back for {matrix.held:.1f} s, "
              f"{matrix.poster.tries} posts for {POSTED} events")
        got = settle(product, "killed", want)
        wrong = differences(want, got)
        clock(f"killed:      {len(got.cells)} cells {got.digest()}, {sum(got.facts.values())} facts, "
              f"{got.records} records, {got.copies()} copies")
        for line in wrong:
            print(f"DIFFERS  {line}")
        if wrong:
            return 1
        missed = controls(product, want, got)
        for name in missed:
            print(f"CONTROL  not seen: {name}")
        clock(f"{len(matrix.plan)} kills, equal; {8 - len(missed)} of 8 controls seen")
        return 1 if missed else 0


BEGUN = time.monotonic()
if __name__ == "__main__":
    sys.exit(main())

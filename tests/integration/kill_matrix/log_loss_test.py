#!/usr/bin/env python3
"""Logs that are gone, under the real processes: a stop longer than Kafka keeps a group's offsets, a topic that lost its
tail, one that was made anew or got more partitions. Each either goes on where it stood or stops with one line naming
the command; the command brings the same figures back. (aggregator_kafka_clickhouse_test holds the cases of one
aggregator alone.)

  log_loss_test.py BINARY
"""
import csv
import datetime
import glob
import os
import random
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "support"))
sys.path.insert(0, HERE)
from product import ROOT, Product, wait_until  # noqa: E402
from scenario import COLUMNS, MAPPING  # noqa: E402
from state import collect, differences  # noqa: E402

KAFKA = ("group.min.session.timeout.ms=500", "broker.session.timeout.ms=1500", "broker.heartbeat.interval.ms=200")
SETTINGS = ("kafka.session_timeout_ms=2500", "aggregator.identity_interval_ms=1000", "rollup.sweep_interval_ms=2000",
            "clickhouse.database=lossy", "deployment.topic_prefix=lossy.")
SAFETY, DIRTY = "lossy.yokoten.safety.v1", "lossy.yokoten.dirty.v1"
NEW_EPOCH = "`yokoten rebuild --new-epoch=yokoten.safety.v1`"
NEW_DIRTY_EPOCH = "'yokoten rebuild --new-dirty-epoch'"


class Bench:
    def __init__(self, product):
        self.product = product
        self.rows = []
        self.random = random.Random(7)
        self.failures = 0
        self.marks = {}
        self.begun = time.monotonic()

    def check(self, what, good, detail=""):
        self.failures += not good
        print(f"{time.monotonic() - self.begun:6.1f} s  {'ok     ' if good else 'FAILED '} {what}"
              f"{'' if good else f': {detail}'}", flush=True)

    def report(self, count):
        """`count` more hazards, some of the earlier ones changed."""
        day = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) - datetime.timedelta(days=20)
        for _ in range(count):
            number = len(self.rows)
            self.rows.append({"no": f"hazard-{number}", "kind": "hazard", "plant": f"P{number % 3}", "workshop": "W1",
                              "line": f"L{number % 4}", "id": f"H{number}", "text": "general",
                              "at": (day + datetime.timedelta(hours=number % 300)).isoformat(timespec="seconds") + "Z"})
        for row in self.random.sample(self.rows, 5):
            row["text"] = "major"
        path = os.path.join(self.product.folder, "hazards.csv")
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, restval="")
            writer.writeheader()
            writer.writerows(self.rows)
        self.product.yokoten("import", "--map", MAPPING, "--file", path)

    def level(self):
        def settled():
            fresh = self.product.freshness()
            return bool(fresh and fresh.get("domains")) and not int(fresh.get("rollupLag", 0)) and not any(
                int(domain.get("lag", 0)) for domain in fresh["domains"])
        wait_until(90, "everything stored and computed", settled)

    def facts(self):
        return self.product.sql("SELECT toInt64(uniqExact(root_key)) FROM fact_safety_hazard_identified FINAL",
                                "lossy")[0][0]

    def kafka(self, *arguments):
        subprocess.run([os.path.join(ROOT, "deploy/kafka/kafka"), *arguments], env=self.product.environment, check=True,
                       stdout=subprocess.DEVNULL)

    def restart(self, *targets):
        for target in targets:
            self.mark(target)
            self.product.start(target)
        for target in targets:
            self.product.wait_ready(target)

    def stop(self, *targets):
        for target in targets:
            self.product.stop_target(target)

    def mark(self, target):
        self.marks[target] = len(self.product.log_lines(target))

    def errors(self, target):
        return [line for line in self.product.log_lines(target)[self.marks[target]:] if " error [" in line]

    def lose_tail(self, topic):
        """The broker dies and comes back without the end of a partition's log, as from a disk that lied."""
        logs = glob.glob(os.path.join(self.product.folder, f"kafka/log/{topic}-*/*.log"))
        longest = max(logs, key=os.path.getsize)
        self.product.kill("kafka")
        os.truncate(longest, os.path.getsize(longest) // 2)
        self.product.start("kafka")
        return int(os.path.basename(os.path.dirname(longest)).rpartition("-")[2])

    def operator(self, *arguments):
        self.product.yokoten(*arguments, *[f"--set={setting}" for setting in self.product.settings()], server=False)

    def new_dirty_epoch(self, cause, want):
        """The stopped rollup said why and what to do; doing it brings the figures back."""
        process = self.product.processes["rollup"]
        wait_until(60, f"the rollup's stop ({cause})", lambda: process.poll() is not None)
        errors = self.errors("rollup")
        self.check(f"{cause}: the rollup stops with one line that names the command",
                   process.returncode != 0 and len(errors) == 1 and NEW_DIRTY_EPOCH in errors[0], errors)
        self.stop("rollup")
        self.operator("rebuild", "--new-dirty-epoch")
        self.restart("rollup")
        self.level()
        self.same(f"{cause}: after the command the figures are as before", want)
        self.report(20)
        self.level()
        self.check(f"{cause}: and go on", self.facts() == len(self.rows), f"{self.facts()} of {len(self.rows)}")
        return collect(self.product, "lossy")

    def new_epoch(self, cause):
        self.stop("aggregator")
        self.operator("rebuild", "--new-epoch=yokoten.safety.v1")
        self.restart("aggregator")
        self.report(20)
        self.level()
        self.check(f"{cause}: after the command nothing is missing", self.facts() == len(self.rows),
                   f"{self.facts()} of {len(self.rows)}")
        self.check(f"{cause}: after the command nothing complains", not self.errors("aggregator"),
                   self.errors("aggregator"))

    def same(self, what, want):
        got = collect(self.product, "lossy")
        self.check(what, not differences(want, got), differences(want, got))


def expired_offsets(bench):
    bench.stop("aggregator", "rollup")
    bench.report(60)
    bench.kafka("groups", "--delete", "--group", "lossy.yokoten-aggregator", "--group", "lossy.yokoten-rollup")
    bench.restart("aggregator", "rollup")
    bench.level()
    went_on = [line for line in bench.product.log_lines("aggregator")[bench.marks["aggregator"]:]
               if "yokoten.safety.v1" in line and "goes on at offset" in line]
    bench.check("offsets expired: the aggregator goes on at the archive's end",
                any("offset 0 " not in line for line in went_on), went_on)
    twice = bench.product.sql("SELECT toInt64(count() - uniqExact(topic, epoch, partition, offset)) FROM archive",
                              "lossy")
    bench.check("offsets expired: no record is read twice", twice == [[0]], twice)
    bench.check("offsets expired: every fact is there", bench.facts() == len(bench.rows), bench.facts())
    bench.check("offsets expired: nothing complains", not bench.errors("aggregator") + bench.errors("rollup"),
                bench.errors("aggregator") + bench.errors("rollup"))


def lost_tail(bench):
    want = collect(bench.product, "lossy")
    bench.mark("aggregator")
    partition = bench.lose_tail(SAFETY)
    wait_until(60, "the aggregator's halt", lambda: any(NEW_EPOCH in line for line in bench.errors("aggregator")))
    errors = bench.errors("aggregator")
    bench.check("a domain topic lost its tail: that partition halts with one line that names the command",
                len(errors) == 1 and f"yokoten.safety.v1/{partition} halts" in errors[0], errors)
    bench.same("a domain topic lost its tail: the figures stand", want)
    archived = ("SELECT toInt64(countIf(partition = {p})), toInt64(countIf(partition != {p})) FROM archive FINAL "
                "WHERE topic = 'yokoten.safety.v1'").format(p=partition)
    before = bench.product.sql(archived, "lossy")[0]
    bench.report(60)
    wait_until(60, "the other partitions' records", lambda: bench.product.sql(archived, "lossy")[0][1] > before[1])
    after = bench.product.sql(archived, "lossy")[0]
    bench.check("a domain topic lost its tail: the other partitions go on, that one stands", after[0] == before[0],
                f"{before} {after}")
    bench.new_epoch("a domain topic lost its tail")


def made_anew(bench):
    """Under a running aggregator; the case of a stopped one is in aggregator_kafka_clickhouse_test."""
    want = collect(bench.product, "lossy")
    used = bench.product.sql("SELECT toInt64(uniqExact(partition)) FROM archive WHERE topic = 'yokoten.safety.v1' AND "
                             "epoch = (SELECT max(epoch) FROM topic_epoch WHERE topic = 'yokoten.safety.v1')", "lossy")
    bench.mark("aggregator")
    bench.kafka("topics", "--delete", "--topic", SAFETY)
    bench.kafka("topics", "--create", "--topic", SAFETY, "--partitions", "4")
    wait_until(60, "the aggregator's halts", lambda: len(bench.errors("aggregator")) >= used[0][0])
    errors = bench.errors("aggregator")
    bench.check("a domain topic was made anew: each partition halts with one line that names the command",
                len(errors) == used[0][0] and all(NEW_EPOCH in line for line in errors), errors)
    bench.same("a domain topic was made anew: the figures stand", want)
    bench.new_epoch("a domain topic was made anew")


def main():
    with Product(sys.argv[1], settings=SETTINGS, kafka=KAFKA, apart=True) as product:
        bench = Bench(product)
        product.start_apart()
        bench.report(150)
        bench.level()
        expired_offsets(bench)
        lost_tail(bench)
        made_anew(bench)
        want = collect(product, "lossy")

        bench.mark("rollup")
        bench.lose_tail(DIRTY)
        want = bench.new_dirty_epoch("the dirty topic lost its tail", want)

        bench.stop("rollup")
        bench.kafka("topics", "--delete", "--topic", DIRTY)
        bench.mark("rollup")
        product.start("rollup")
        want = bench.new_dirty_epoch("the dirty topic was made anew", want)

        bench.stop("rollup")
        bench.kafka("topics", "--alter", "--topic", DIRTY, "--partitions", "6")
        bench.mark("rollup")
        product.start("rollup")
        bench.new_dirty_epoch("the dirty topic has more partitions", want)
        print(f"{bench.failures} failures")
        return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())

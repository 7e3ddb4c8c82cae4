#!/usr/bin/env python3
"""A cluster of three brokers under the real product: with one killed, events go on being acknowledged and nothing
acknowledged is lost; with two killed, writes are refused with an error that says so and how to go on; when they are
back, everything recovers by itself.

  kafka_cluster_test.py BINARY
"""
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "support"))
from product import ROOT, Product, wait_until  # noqa: E402

CLUSTER = os.path.join(ROOT, "deploy/kafka/cluster")
SETTINGS = ("kafka.replication_factor=3", "rollup.sweep_interval_ms=2000")


class ThreeBrokers(Product):
    addresses = ""

    @property
    def cluster_folder(self):
        return os.path.join(self.folder, "cluster")

    def cluster(self, verb, *arguments):
        return subprocess.run([CLUSTER, verb, "--dir", self.cluster_folder, *arguments], env=self.environment,
                              check=True, capture_output=True, text=True).stdout.strip()

    def start_kafka(self):
        self.addresses = self.cluster("start", "--port", "0", "--heap", "256m", "--wait", "150",
                                      "--set", "broker.session.timeout.ms=2000",
                                      "--set", "broker.heartbeat.interval.ms=300")

    def stop_kafka(self):
        self.cluster("stop")

    def settings(self):
        return [*super().settings(), f"kafka.bootstrap_servers={self.addresses}"]

    def kill_node(self, node):
        with open(os.path.join(self.cluster_folder, str(node), "kafka.pid"), encoding="ascii") as file:
            os.kill(int(file.read()), signal.SIGKILL)

    def start_node(self, node):
        self.cluster("start", "--node", str(node), "--heap", "256m", "--wait", "150")


class Bench:
    def __init__(self, product):
        self.product = product
        self.acknowledged = set()
        self.failures = 0
        self.begun = time.monotonic()
        self.sent = 0

    def check(self, what, good, detail=""):
        self.failures += not good
        print(f"{time.monotonic() - self.begun:6.1f} s  {'ok     ' if good else 'FAILED '} {what}"
              f"{'' if good else f': {detail}'}", flush=True)

    def report(self, key=None):
        """One hazard as a CloudEvent; the answer's status and text. Whoever is told to retry sends the same again."""
        if key is None:
            self.sent += 1
            key = f"H{self.sent}"
        event = {"specversion": "1.0", "id": key, "source": "/cluster", "type": "yokoten.safety.v1.HazardIdentified",
                 "datacontenttype": "application/json",
                 "data": {"context": {"source": "/cluster", "id": key, "plantId": "P1", "workshopId": "W1",
                                      "occurredAt": "2026-03-02T03:00:00Z", "reportedAt": "2026-03-02T03:00:00Z"},
                          "hazardId": key, "grade": "HAZARD_GRADE_GENERAL", "cause": "HAZARD_CAUSE_THING",
                          "foundBy": "HAZARD_SOURCE_JSB"}}
        request = urllib.request.Request(f"http://127.0.0.1:{self.product.http_port}/v1/events",
                                         json.dumps(event).encode(),
                                         {"Content-Type": "application/cloudevents+json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                self.acknowledged.add(key)
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")

    def stored(self):
        rows = self.product.sql("SELECT DISTINCT hazard_id FROM fact_safety_hazard_identified FINAL")
        return {row[0] for row in rows}

    def settled(self):
        """Whether insight knows where every log ends, and all of it is computed."""
        fresh = self.product.freshness()
        return bool(fresh and fresh.get("domains")) and not int(fresh.get("rollupLag", 0)) and not any(
            int(domain.get("lag", 0)) for domain in fresh["domains"])

    def all_there(self, when):
        wait_until(90, f"every acknowledged event stored ({when})", lambda: self.acknowledged <= self.stored())
        wait_until(90, f"figures level with the logs ({when})", self.settled)
        twice = self.product.sql("SELECT count() - uniqExact(hazard_id) FROM "
                                 "fact_safety_hazard_identified FINAL")[0][0]
        self.check(f"{when}: {len(self.acknowledged)} acknowledged, 0 lost, {twice} doubled", twice == 0)


def main():
    binary = sys.argv[1]
    with ThreeBrokers(binary, SETTINGS) as product:
        bench = Bench(product)
        answers = [bench.report() for _ in range(100)]
        bench.check("three brokers: all acknowledged", all(status < 300 for status, _ in answers), answers[-1])
        topics = subprocess.run([os.path.join(ROOT, "deploy/kafka/kafka"), "topics", "--describe", "--topic",
                                 "yokoten.safety.v1"], check=True, capture_output=True, text=True,
                                env={**product.environment,
                                     "YOKOTEN_KAFKA_DIR": os.path.join(product.cluster_folder, "1")}).stdout
        bench.check("each partition is on three brokers", "ReplicationFactor: 3" in topics, topics)

        product.kill_node(1)
        answers = [bench.report() for _ in range(200)]
        refused = [answer for answer in answers if answer[0] >= 300]
        bench.check("one killed: all acknowledged", not refused, refused[:2])
        bench.all_there("one killed")

        product.kill_node(2)
        status, text = bench.report()
        lonely = f"H{bench.sent}"
        bench.check("two killed: a write is refused as one to send again", status == 503, (status, text))
        bench.check("two killed: the error says that Kafka did not take it", "Kafka" in text, text)
        bench.check("two killed: figures are still answered", product.freshness() is not None)

        product.start_node(1)
        product.start_node(2)

        def taken():
            return bench.report(lonely)[0] < 300
        wait_until(120, "writes are taken again", taken)
        answers = [bench.report() for _ in range(50)]
        bench.check("all back: all acknowledged", all(status < 300 for status, _ in answers), answers[-1])
        bench.all_there("all back")
        print(f"{len(bench.acknowledged)} acknowledged, {bench.failures} failures")
        return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())

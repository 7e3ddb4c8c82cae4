"""A backlog drained from Kafka by the aggregator, beside what the engine does with the same records."""
import os

from driver import Driver
from figure import Figure

RECORDS = 400_000
OURS = "Events a second of a backlog of simulated plants, drained by the aggregator from Kafka into archive, " \
       "event_key, the fact tables and the dirty topic."


def world(value_bytes=0):
    return lambda options: Driver(os.path.join(options.bin, "drain_bench"), "--records",
                                  max(20_000, int(RECORDS * options.scale)), "--value_bytes", value_bytes)


def against(ceiling):
    def measure(driver, order):
        sides = {name: driver.ask({"ours": "ours", "ceiling": ceiling}[name]) for name in order}
        return {"ours": sides["ours"]["events_per_s"], "ceiling": sides["ceiling"]["events_per_s"],
                "ours_cpu_s": sides["ours"]["cpu_s"], "ceiling_cpu_s": sides["ceiling"]["cpu_s"]}
    return measure


def alone(driver, order):
    sides = {name: driver.ask({"ours": "ours", "ceiling": "kafka_engine"}[name]) for name in order}
    return {"value": sides["ours"]["events_per_s"], "mib_per_s": sides["ours"]["mib_per_s"],
            "kafka_engine": sides["ceiling"]["events_per_s"]}


FIGURES = [
    Figure(id="drain_vs_file_insert", what=OURS,
           against="INSERT ... SELECT FROM file(Native) of the rows that gives, all tables, four at once",
           unit="of the ceiling", open=world(), measure=against("file"), at_least=0.60),
    Figure(id="drain_vs_kafka_engine", what=OURS,
           against="ClickHouse's own Kafka engine: the same topics' keys, headers and undecoded values through a "
                   "materialized view into one MergeTree table",
           unit="times", open=world(), measure=against("kafka_engine"), at_least=2),
    Figure(id="drain_754_bytes", kind="value", unit="events/s",
           what="Events a second of the same drain, with events of 754 bytes (Protobuf: "
                "the log has no JSON, the gateway reads that).",
           against="published figures for 754-byte JSON; kafka_engine is ClickHouse's own beside it",
           open=world(754), measure=alone),
    Figure(id="drain_1500_bytes", kind="value", unit="events/s",
           what="Events a second of the same drain, with events of 1.5 kB (Protobuf: "
                "the log has no JSON, the gateway reads that).",
           against="published figures for 1.5-kB JSON; kafka_engine is ClickHouse's own beside it",
           open=world(1500), measure=alone),
]

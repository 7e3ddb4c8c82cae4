"""Answers about figures in a large group, beside the same ClickHouse query by hand, idle and under ingest."""
import os

from driver import Driver
from figure import Figure

PLANTS, MONTHS, FACTS = 60, 36, 100_000_000
GROUP = f"{PLANTS} plants, {MONTHS} months, 100 million facts"


def world(options):
    """The group, its facts and cells made in the engine; a smaller scale has fewer facts, not fewer cells."""
    return Driver(os.path.join(options.bin, "answers_bench"), "--plants", PLANTS, "--months", MONTHS, "--facts",
                  int(FACTS * options.scale), world_timeout=2400)


def beside_hand(what, times):
    def measure(driver, order):
        sides = {name: driver.ask(f"{what} {'ours' if name == 'ours' else 'hand'} {times}") for name in order}
        return {"ours": sides["ours"]["p99_ms"], "ceiling": sides["ceiling"]["p99_ms"],
                "ours_p50_ms": sides["ours"]["p50_ms"], "ceiling_p50_ms": sides["ceiling"]["p50_ms"]}
    return measure


def under_ingest(driver, order):
    sides = {name: driver.ask("loaded snapshot ours 60" if name == "ours" else "snapshot ours 60") for name in order}
    return {"ours": sides["ours"]["p99_ms"], "ceiling": sides["ceiling"]["p99_ms"],
            "ours_p50_ms": sides["ours"]["p50_ms"], "ceiling_p50_ms": sides["ceiling"]["p50_ms"],
            "drain_events_per_s": sides["ours"]["drain_events_per_s"],
            "ingest_events_per_s": sides["ours"]["ingest_events_per_s"]}


FIGURES = [
    Figure(id="heatmap_p99_ms", unit="times the p99 by hand", at_most=1.3, limits={"ours": 50}, open=world,
           what=f"Map of every plant's KPIs by month over gRPC, one GetKpiSnapshot a plant, as many at once as there "
                f"are cores; ms at p99 ({GROUP}).",
           against="one query over kpi_cell by hand over HTTP that reads the same month cells",
           measure=beside_hand("map", 10)),
    Figure(id="snapshot_p99_ms", unit="times the p99 by hand", at_most=1.3, limits={"ours": 50}, open=world,
           what=f"The board's GetKpiSnapshot of one plant, whole catalogue with {MONTHS} months, over gRPC; ms at p99 "
                f"({GROUP}).",
           against="one query over kpi_cell by hand over HTTP that reads the same month cells",
           measure=beside_hand("snapshot", 100)),
    Figure(id="query_under_ingest_vs_idle", unit="times the idle p99", at_most=2, open=world,
           what=f"GetKpiSnapshot of one plant while the aggregator stores events at half of the rate at which it "
                f"drains a backlog beside the same data; ms at p99 ({GROUP}).",
           against="the same question without ingest", measure=under_ingest),
]

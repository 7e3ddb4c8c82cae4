"""One late correction beside a full recompute: the rollup's engine over facts in a real ClickHouse, no broker."""
import os

from driver import Driver
from figure import Figure

PLANTS, MONTHS = 60, 25  # as many plants as the heat map has


def world(options):
    return Driver(os.path.join(options.bin, "late_bench"), "--plants", max(2, round(PLANTS * options.scale)),
                  "--months", MONTHS, world_timeout=2400, timeout=1800)


def correction(driver, order):
    sides = {name: driver.ask({"ours": "late", "ceiling": "full"}[name]) for name in order}
    return {"ours": sides["ours"]["cpu_s"], "ceiling": sides["ceiling"]["cpu_s"], "ours_s": sides["ours"]["seconds"],
            "ceiling_s": sides["ceiling"]["seconds"], "full_plant_days": sides["ceiling"]["plant_days"]}


FIGURES = [
    Figure(id="late_correction_vs_full", unit="of its CPU seconds", at_most=0.01, open=world,
           what=f"CPU seconds, of the rollup and the engine, until the cells have one correction of a shift's "
                f"output of two years ago, all KPIs that read it; a group of {PLANTS} plants with {MONTHS} months.",
           against="computing all KPIs of all days of all plants", measure=correction),
]

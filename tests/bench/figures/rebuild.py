"""A rebuild from the archive beside the drain of the same records from Kafka, each into a generation of its own that is
compared with the one in use and dropped."""
import contextlib
import os
import subprocess
import time

from figure import Figure, Wrong
from product import Product

PLANTS, MONTHS = 6, 12


@contextlib.contextmanager
def with_history(options):
    with Product(os.path.join(options.bin, "yokoten")) as product:
        months = max(1, round(MONTHS * options.scale))
        product.yokoten("simulate", f"--plants={PLANTS}", f"--months={months}", "--seed=1", "--wait", timeout=3000)
        product.wait_level()
        yield product


def timed(product, *flags):
    """Seconds until all records are stored as facts, and until all figures are computed; raises Wrong unless the
    rebuilt generation is equal to the one in use."""
    began = {"begins": None, "computing figures": None, "is level": None}
    command = [product.binary, "rebuild", "--verify", *flags, *[f"--set={one}" for one in product.settings()]]
    with subprocess.Popen(command, env=product.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as process:
        said = []
        for line in process.stdout:
            said.append(line)
            for words in began:
                if words in line and began[words] is None:
                    began[words] = time.monotonic()
    if process.returncode != 0 or None in began.values():
        raise Wrong(f"yokoten rebuild {' '.join(flags)} ended with {process.returncode}: {''.join(said)[-2000:]}")
    begins, stored, level = began.values()
    return stored - begins, level - begins


def rebuilds(product, order):
    (events,), = product.sql("SELECT count() FROM archive FINAL")
    sides = {name: timed(product, *([] if name == "ours" else ["--from-kafka"])) for name in order}
    return {"ours": events / sides["ours"][0], "ceiling": events / sides["ceiling"][0], "events": events,
            "ours_with_figures_s": sides["ours"][1], "ceiling_with_figures_s": sides["ceiling"][1]}


FIGURES = [
    Figure(id="rebuild_vs_drain", unit="of the drain", at_least=0.8, open=with_history,
           what=f"Events a second of `yokoten rebuild` from the archive until all facts are in a new generation, "
                f"which is then compared, figures included; a simulated group of {PLANTS} plants with {MONTHS} months.",
           against="`yokoten rebuild --from-kafka`: the aggregator's drain of the same records into another generation",
           measure=rebuilds),
]

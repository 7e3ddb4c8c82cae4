"""Which faults are injected when: the same seed and chapter give the same plan."""
import random
import sys
import os
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "support"))
from product import INGEST, TARGETS  # noqa: E402
from network import HOPS  # noqa: E402

# Each chapter kills all of them once; those in the way of the data more often.
KILLED = (*TARGETS, "warehouse", "kafka", "aggregator", "aggregator", "rollup", "rollup")
STOPPED = ("aggregator", "aggregator", "rollup", "warehouse", "kafka", "ingest", "insight")
JOINING = ("aggregator", "rollup", "aggregator", "rollup")
# Toxiproxy's toxics, by what they are to the two ends: (name, attributes of a random generator).
TOXICS = {
    "black hole": ("timeout", lambda pick: {"timeout": 0}),
    "delay": ("latency", lambda pick: {"latency": pick.randrange(50, 400), "jitter": 40}),
    "reset": ("reset_peer", lambda pick: {"timeout": pick.randrange(0, 300)}),
    "slicing": ("slicer", lambda pick: {"average_size": 700, "size_variation": 600, "delay": 200}),
    "broken off": ("limit_data", lambda pick: {"bytes": pick.randrange(300, 20000)}),
}
CUTS = 5
# In the way of the data; others now and then.
HOPS_FIRST = ("gateway", "kafka-INGEST", "kafka-AGGREGATOR", "kafka-ROLLUP", "aggregator-warehouse", "rollup-warehouse")


@dataclass(frozen=True)
class Fault:
    """At `at` (share of the chapter's time), in `lane` (whose faults wait for one another), `kind` befalls `what`."""
    at: float
    lane: str
    kind: str
    what: str
    seconds: float = 0.0
    more: dict = field(default_factory=dict)

    def __str__(self):
        text = f"{self.kind} {self.what}" + (f" for {self.seconds:.1f} s" if self.seconds else "")
        return text + (f" {self.more}" if self.more else "")


def make(seed, chapter):
    pick = random.Random(f"{seed}/{chapter}/faults")
    lanes = {"processes": [], "network": [], "members": [], "records": [], "resources": []}

    def ingest(name):
        return pick.choice(INGEST) if name == "ingest" else name
    for victim in KILLED:
        lanes["processes"].append(("kill", victim, pick.uniform(0, 0.4), {}))
    for victim in STOPPED:
        lanes["processes"].append(("stop", ingest(victim), pick.uniform(1, 5), {}))
    for number in range(CUTS):
        lanes["network"].append(("cut", _hop(pick, number), pick.uniform(0.3, 4), {}))
    for number, (name, (toxic, attributes)) in enumerate(TOXICS.items()):
        for again in range(2):
            stream = pick.choice(("upstream", "downstream"))
            lanes["network"].append((name, _hop(pick, number + 2 * again), pick.uniform(1, 5),
                                     {"toxic": toxic, "stream": stream, "attributes": attributes(pick)}))
    for target in JOINING:
        lanes["members"].append(("join", target, pick.uniform(2, 6), {"leaves": pick.choice(("ends", "killed"))}))
    for kind, what in (("poison", "storm"), ("skew", "newer fields"), ("poison", "storm"), ("skew", "unknown type")):
        lanes["records"].append((kind, what, 0.0, {"seed": pick.randrange(1 << 30)}))
    for kind, what, more in (("memory", "warehouse", {}), ("disk full", "warehouse", {}),
                             ("clock", "rollup", {"hours": pick.choice((-30, -2, 3, 20))}),
                             ("clock", "aggregator", {"hours": pick.choice((-30, -2, 3, 20))}),
                             ("clock", "improvement", {"hours": pick.choice((-2, 3))})):
        lanes["resources"].append((kind, what, pick.uniform(2, 5), more))
    faults = []
    for lane, entries in lanes.items():
        pick.shuffle(entries)
        points = sorted(pick.uniform(0.02, 0.95) for _ in entries)
        faults += [Fault(at, lane, *entry) for at, entry in zip(points, entries)]
    return sorted(faults, key=lambda fault: fault.at)


def _hop(pick, number):
    return HOPS_FIRST[number % len(HOPS_FIRST)] if pick.random() < 0.8 else pick.choice(HOPS)

"""What a figure is, and what its measurement needs: a driver's JSON line, CPU seconds, the exception of a wrong run."""
import dataclasses
import json
import os
import subprocess
import sys
import typing

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests/support"))


class Wrong(Exception):
    """What arrived is not what was sent: the run says nothing."""


@dataclasses.dataclass(frozen=True)
class Options:
    """`scale` multiplies what a figure sends, or how long; `bin` is where the built programs are."""
    bin: str
    scale: float = 1.0


@dataclasses.dataclass(frozen=True)
class Figure:
    """`open` is a context manager over Options: neighbours that all runs share. `measure(world, order)` is one run and
    gives numbers by name: "ours" and "ceiling" for a ratio, measured in the order of `order`, "value" for a value, and
    whatever else is worth reading. It raises Wrong unless exactly what was sent arrived. `limits` are upper bounds of
    medians of further numbers."""
    id: str
    what: str
    against: str
    unit: str
    open: typing.Callable
    measure: typing.Callable
    kind: str = "ratio"
    at_least: typing.Optional[float] = None
    at_most: typing.Optional[float] = None
    limits: typing.Mapping[str, float] = dataclasses.field(default_factory=dict)


def drive(program, *arguments, timeout=300, given=""):
    """What a driver measured: the JSON object it printed as its last line. Raises Wrong with its own words when it
    ended otherwise. `given` is what it reads from standard input."""
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                          input=given)
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        raise Wrong(f"{os.path.basename(program)} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    return json.loads(lines[-1])


def cpu_seconds(pid):
    """User and system time of a process so far, and of the children it waited for."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")

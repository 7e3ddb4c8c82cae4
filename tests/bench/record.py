"""What measured figures come to: their sums, the file they are committed in, the page made of it, and the gate that
compares. Pure arithmetic on numbers and texts; nothing is measured here.

docs/performance.json: {"machine", "versions", "commit", "figures": [...], "notes": {id: why a figure falls short}}.
"""
import statistics

# How much worse than the worst committed run a median may be before the gate calls it a regression.
TOLERANCE = 0.10


def rounded(number):
    """Four significant digits: what is beyond them is noise."""
    return float(f"{number:.4g}")


def summary(numbers):
    """Median, lowest, highest and spread (highest less lowest, as a share of the median) of a figure's runs."""
    if not numbers:
        raise ValueError("no runs")
    middle, low, high = statistics.median(numbers), min(numbers), max(numbers)
    spread = (high - low) / abs(middle) if middle else 0.0
    return {"median": rounded(middle), "min": rounded(low), "max": rounded(high), "spread": rounded(spread),
            "runs": len(numbers)}


def number_of(figure, parts):
    """The figure's number in one run, of what that run measured: ours over the ceiling, or the value."""
    if figure.kind == "value":
        return parts["value"]
    if parts["ceiling"] <= 0:
        raise ValueError(f"{figure.id}: the ceiling measured {parts['ceiling']}")
    return parts["ours"] / parts["ceiling"]


def bound_text(figure):
    texts = []
    if figure.at_least is not None:
        texts.append(f"at least {figure.at_least:g}")
    if figure.at_most is not None:
        texts.append(f"at most {figure.at_most:g}")
    texts += [f"{part} at most {most:g}" for part, most in figure.limits.items()]
    return ", ".join(texts)


def entry(figure, runs, command):
    """The committed entry of a figure, of what each run measured (a mapping of names to numbers)."""
    numbers = [number_of(figure, parts) for parts in runs]
    out = {"id": figure.id, "what": figure.what, **summary(numbers)}
    out["ratio" if figure.kind == "ratio" else "value"] = out["median"]
    names = sorted(name for name in runs[0] if name != "value")
    out["parts"] = {name: rounded(statistics.median(parts[name] for parts in runs)) for name in names}
    out.update(unit=figure.unit, against=figure.against, bound=bound_text(figure), command=command)
    out["ok"] = (figure.at_least is None or out["median"] >= figure.at_least) and \
        (figure.at_most is None or out["median"] <= figure.at_most) and \
        all(out["parts"][part] <= most for part, most in figure.limits.items())
    return out


def merged(committed, machine, versions, commit, entries, order):
    """The file with these entries in place of their older ones, in the table's order; notes stay, but for a figure
    that holds now."""
    fresh = {one["id"]: {**one, "commit": commit} for one in entries}
    figures = {**{one["id"]: one for one in committed.get("figures", ())}, **fresh}
    rank = {name: place for place, name in enumerate(order)}
    sequence = sorted(figures.values(), key=lambda one: (rank.get(one["id"], len(rank)), one["id"]))
    notes = {name: text for name, text in committed.get("notes", {}).items()
             if not (name in fresh and fresh[name]["ok"])}
    return {"machine": machine, "versions": versions, "commit": commit, "figures": sequence, "notes": notes}


def regressions(figures, committed, entries):
    """(what fails, ids compared): medians of ratios against the worst committed run, TOLERANCE beyond it. Absolute
    values are another machine's business and are never compared."""
    before = {one["id"]: one for one in committed.get("figures", ())}
    failed, compared = [], []
    for one in entries:
        figure, old = figures[one["id"]], before.get(one["id"])
        if figure.kind != "ratio" or old is None:
            continue
        compared.append(figure.id)
        if figure.at_least is not None and one["median"] < old["min"] * (1 - TOLERANCE):
            failed.append(f"{figure.id}: {one['median']:g} is more than {TOLERANCE:.0%} below the committed "
                          f"{old['min']:g} to {old['max']:g}")
        if figure.at_most is not None and one["median"] > old["max"] * (1 + TOLERANCE):
            failed.append(f"{figure.id}: {one['median']:g} is more than {TOLERANCE:.0%} above the committed "
                          f"{old['min']:g} to {old['max']:g}")
    return failed, compared


def page(committed):
    """docs/performance.md."""
    lines = [
        "# Performance", "",
        "Made by `tests/bench/run --write` from [performance.json](performance.json); do not edit. Each figure is the",
        "median of runs in which ours and its ceiling take turns on the same machine, with everything on it. Every run",
        "compares what arrived with what was sent: by bytes on the way in, by count, key and audit elsewhere. How:",
        "[tests/bench](../tests/bench/README.md).", "",
        "Machine: " + committed["machine"] + ".",
        "Versions: " + ", ".join(f"{name} {version}" for name, version in committed["versions"].items()) + ".", "",
        "| figure | measured | lowest to highest | runs | bound | holds |", "|---|---|---|---|---|---|"]
    for one in committed["figures"]:
        lines.append(f"| `{one['id']}` | {one['median']:g} {one['unit']} | {one['min']:g} to {one['max']:g} | "
                     f"{one['runs']} | {one['bound']} | {'holds' if one['ok'] else 'falls short'} |")
    short = [one for one in committed["figures"] if not one["ok"]]
    if short:
        lines += ["", "## What falls short", ""]
        lines += [f"- `{one['id']}`: {committed['notes'].get(one['id'], 'the reason is not known yet.')}"
                  for one in short]
    lines += ["", "## What each figure is", ""]
    for one in committed["figures"]:
        lines.append(f"### {one['id']}")
        lines += ["", f"{one['what']} Against: {one['against']}.", ""]
        if one["parts"]:
            lines += ["Medians: " + ", ".join(f"{name} {number:g}" for name, number in one["parts"].items()) + ".", ""]
        lines += [f"    {one['command']}    # commit {one['commit']}", ""]
    return "\n".join(lines).rstrip() + "\n"

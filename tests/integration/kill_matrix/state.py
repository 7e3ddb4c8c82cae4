"""What a deployment came to: cells, facts, keys and the archive, read from its database as insight and rollup read it,
in a form that does not depend on the order of arrival, on copies or on when anything was computed."""
import hashlib
from collections import Counter
from dataclasses import dataclass, field

KEY = ("grain", "level", "kpi", "definition", "plant", "workshop", "line", "dim", "day")
# A finer cell counts only in its generation, the plant's own row (services/lib/kpi/README.md).
CELLS = """
SELECT toString(grain), toString(level), toString(kpi), toString(definition), toString(plant), toString(workshop),
  toString(line), dim, toString(day), toString(tuple(* EXCEPT (grain, level, kpi, definition, plant, workshop, line,
  dim, day, version, samples, open_since))), toString(arraySort(samples)), toString(arraySort(open_since))
FROM kpi_cell FINAL WHERE (grain, kpi, definition, plant, day, version) IN (
  SELECT grain, kpi, definition, plant, day, version FROM kpi_cell FINAL
  WHERE level = 'plant' AND workshop = '' AND line = '' AND dim = '')"""
HEADER = "headers[indexOf(headers, '{}') + 1]"


@dataclass
class State:
    cells: dict = field(default_factory=dict)      # key -> value
    facts: Counter = field(default_factory=Counter)
    events: Counter = field(default_factory=Counter)  # (topic, source, id) in the archive, each once
    inert: Counter = field(default_factory=Counter)
    findings: Counter = field(default_factory=Counter)
    days: dict = field(default_factory=dict)       # plant -> (first, current day)
    records: int = 0                               # archived, copies included
    dead: int = 0
    faults: list = field(default_factory=list)     # what is wrong whatever the other run says

    def copies(self):
        return self.records - self.dead - sum(self.events.values())

    def digest(self):
        """Of all cells up to each plant's day."""
        text = "\n".join(f"{key}{value}" for key, value in sorted(self.cells.items()) if _comparable(key, self, self))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def collect(product, database):
    state = State()
    for row in product.sql(CELLS, database):
        key, value = tuple(row[:9]), tuple(row[9:])
        if key in state.cells:
            state.faults.append(f"two cells {dict(zip(KEY, key))}")
        state.cells[key] = value
    tables = [row[0] for row in product.sql(
        f"SELECT name FROM system.tables WHERE database = '{database}' AND startsWith(name, 'fact_') ORDER BY name",
        database)]
    for table in tables:
        # A void's time is that of its import.
        content = "''" if table == "fact_event_voided" else "hex(content_hash)"
        for row in product.sql(f"SELECT toString(plant), entity, toString(fact_key), toString(root_key), {content} "
                               f"FROM {table} FINAL", database):
            state.facts[(table, *row)] += 1
    for topic, epoch, partition, last, offsets in product.sql(
            "SELECT toString(topic), epoch, partition, toInt64(max(offset)), toInt64(uniqExact(offset)) FROM archive "
            "GROUP BY ALL", database):
        state.records += offsets
        if offsets != last + 1:
            state.faults.append(f"archive of {topic}/{partition} epoch {epoch}: {offsets} of {last + 1} records")
    for topic, source, event, dead in product.sql(
            f"SELECT toString(topic), {HEADER.format('ce_source')}, {HEADER.format('ce_id')}, "
            "toInt64(uniqExactIf((epoch, partition, offset), verdict LIKE 'dead:%')) FROM archive GROUP BY ALL",
            database):
        state.dead += dead
        state.events[(topic, source, event)] += 1
    if state.dead:
        state.faults.append(f"{state.dead} dead letters")
    for row in product.sql("SELECT toString(plant), toString(event_type), entity, toString(fact_key), toString(reason) "
                           "FROM inert_fact FINAL WHERE inert = 1", database):
        state.inert[tuple(row)] += 1
    for row in product.sql("SELECT toString(plant), toString(kind), toString(event_type), entity, toString(fact_key) "
                           "FROM finding FINAL WHERE active = 1", database):
        state.findings[tuple(row)] += 1
    for plant, first, current in product.sql(
            "SELECT toString(plant), toString(first_day), toString(current_day) FROM plant_state FINAL", database):
        state.days[plant] = (first, current)
    return state


def differences(want, got, shown=6):
    """Lines that say how `got` differs; none where nothing does."""
    lines = list(got.faults) + [f"undisturbed run: {fault}" for fault in want.faults]
    if {plant: days[0] for plant, days in want.days.items()} != {plant: days[0] for plant, days in got.days.items()}:
        lines.append(f"first days: {want.days} / {got.days}")
    cells = [(key, want.cells.get(key), got.cells.get(key)) for key in want.cells.keys() | got.cells.keys()
             if want.cells.get(key) != got.cells.get(key) and _comparable(key, want, got)]
    for key, left, right in sorted(cells, key=lambda cell: cell[0])[:shown]:
        grain, level, kpi, _, plant, workshop, line, dim, day = key
        lines.append(f"cell {plant} {day} {kpi} ({grain} {level} {workshop} {line} {dim}): {left} / {right}")
    if cells:
        lines.append(f"{len(cells)} of {len(want.cells)} cells differ")
    for name in ("facts", "events", "inert", "findings"):
        left, right = getattr(want, name), getattr(got, name)
        for what, difference in (("missing", left - right), ("too many", right - left)):
            if difference:
                lines.append(f"{name}: {sum(difference.values())} {what}, such as "
                             f"{sorted(difference.items(), key=str)[:shown // 2]}")
    return lines


def _comparable(key, want, got):
    """Days after a plant's own are not read. Where midnight came between the two runs, days (and months) that only the
    later one has in full are left out."""
    grain, plant, day = key[0], key[4], key[8]
    if plant not in want.days or plant not in got.days:
        return True
    last, later = sorted((want.days[plant][1], got.days[plant][1]))
    if grain == "d":
        return day <= last
    return day[:7] < last[:7] or (last == later and day[:7] == last[:7])

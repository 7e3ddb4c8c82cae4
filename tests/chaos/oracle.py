"""What must be true of a deployment, judged from the outside log and the reference model of the KPIs alone; and the
proof that each clause can fail.

`Truth` is what was sent and answered, `Seen` is what the deployment's tables say. A clause gives lines that say what is
wrong, none where nothing is.
"""
import copy
import os
import sys
import uuid
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "kpi"))
from reference_model import Model  # noqa: E402

OURS = "/chaos/"
# docs: a fact's key is UUIDv5 of source and id in the space "fact" of this name space.
FACT_SPACE = uuid.uuid5(uuid.UUID("9d1f5f6e-6c1b-4d6c-9c39-5b1a7c0e8a11"), "fact")
HEADER = "headers[indexOf(headers, '{}') + 1]"
# A finer cell counts only in its generation, the plant's own row (services/lib/kpi/README.md).
GENERATION = """(grain, kpi, definition, plant, day, version) IN (
  SELECT grain, kpi, definition, plant, day, version FROM kpi_cell FINAL
  WHERE level = 'plant' AND workshop = '' AND line = '' AND dim = '')"""
SHOWN = 5
CELL_KPIS_MIN = 10


def fact_key(key):
    return str(uuid.uuid5(FACT_SPACE, f"{key[0]}\n{key[1]}"))


@dataclass
class Truth:
    order: list              # entries of the reference model, as acknowledged
    acknowledged: Counter    # (source, id) -> times
    attempts: Counter
    refused: Counter
    poison: Counter          # key of the record -> how many Kafka took
    poison_attempts: Counter
    wrong: list

    @classmethod
    def of(cls, log):
        with log.lock:
            return cls([item.logged() for item in log.order], +log.acknowledged, +log.attempts, +log.refused,
                       Counter(log.poison), +log.poison_attempts, list(log.wrong))

    def without(self, key):
        other = copy.copy(self)
        other.order = [entry for entry in self.order if key_of(entry) != key]
        return other

    def modelled(self, days):
        """(kpi, plant, day, dim) -> (numerator, denominator, observations), up to each plant's current day."""
        model = Model(self.order)
        cells = {}
        for (kpi, plant, day, dim), count in model.counts.items():
            if plant in days and str(day) <= days[plant]:
                values = (model.cells[kpi, plant, day, dim, side] for side in "nd")
                cells[kpi, plant, str(day), dim] = (*(Decimal(str(float(value))) for value in values), count)
        return cells


def key_of(entry):
    return entry["event"]["context"]["source"], entry["event"]["context"]["id"]


@dataclass
class Seen:
    offsets: dict = field(default_factory=dict)      # (topic, epoch, partition) -> [offset of each row]
    archived: Counter = field(default_factory=Counter)  # (source, id) -> records
    dead: Counter = field(default_factory=Counter)   # key of the record -> dead letters
    facts: Counter = field(default_factory=Counter)  # fact key -> live rows, amendments and voids included
    cells: dict = field(default_factory=dict)
    days: dict = field(default_factory=dict)         # plant -> its current day


def read(product, kpis, database="yokoten"):
    seen = Seen()
    for topic, epoch, partition, offset, source, event, key, dead in product.sql(
            f"SELECT toString(topic), epoch, partition, toInt64(offset), {HEADER.format('ce_source')}, "
            f"{HEADER.format('ce_id')}, key, verdict LIKE 'dead:%' FROM archive FINAL", database):
        seen.offsets.setdefault((topic, epoch, partition), []).append(offset)
        if dead:
            seen.dead[key] += 1
        elif source.startswith(OURS):
            seen.archived[source, event] += 1
    tables = [row[0] for row in product.sql(
        f"SELECT name FROM system.tables WHERE database = '{database}' AND startsWith(name, 'fact_') AND "
        "total_rows > 0", database)]
    rows = " UNION ALL ".join(f"SELECT fact_key, toString(plant) AS plant, entity FROM {table} FINAL WHERE "
                              f"startsWith(source, '{OURS}')" for table in tables)
    for key, count in product.sql(
            f"SELECT toString(fact_key), toInt64(count()) FROM ({rows}) WHERE (fact_key, plant, entity) NOT IN (SELECT "
            "fact_key, plant, entity FROM inert_fact FINAL WHERE inert = 1 AND reason = 'id_conflict') GROUP BY ALL",
            database) if tables else ():
        seen.facts[key] += count
    names = ", ".join(f"'{kpi}'" for kpi in sorted(kpis))
    for plant, current in product.sql("SELECT toString(plant), toString(current_day) FROM plant_state FINAL", database):
        seen.days[plant] = current
    for kpi, plant, day, dim, numerator, denominator, observations in product.sql(
            "SELECT toString(kpi), toString(plant), toString(day), dim, toString(numerator), toString(denominator), "
            "toInt64(observations) FROM kpi_cell FINAL WHERE grain = 'd' AND level = 'plant' AND workshop = '' AND "
            f"line = '' AND observations > 0 AND kpi IN ({names}) AND {GENERATION}", database):
        if plant in seen.days and day <= seen.days[plant]:
            seen.cells[kpi, plant, day, dim] = (Decimal(numerator), Decimal(denominator), observations)
    return seen


def evidence(product, keys, database="yokoten"):
    """What the tables have of events that are not as they should be: places in the log, keys and verdicts."""
    for source, event in keys:
        where = f"WHERE {HEADER.format('ce_source')} = '{source}' AND {HEADER.format('ce_id')} = '{event}'"
        for row in product.sql("SELECT toString(topic), epoch, partition, toInt64(offset), toString(recorded_at), "
                               f"toString(verdict) FROM archive {where}", database):
            yield f"archive   {event} {row}"
        for row in product.sql("SELECT toString(event_type), toString(plant), entity, toString(rank) FROM event_key "
                               f"WHERE fact_key = '{fact_key((source, event))}'", database):
            yield f"event_key {event} {row}"
        for row in product.sql("SELECT toString(plant), entity, toString(reason), inert, toInt64(version) FROM "
                               f"inert_fact WHERE fact_key = '{fact_key((source, event))}'", database):
            yield f"inert     {event} {row}"
        for table, in product.sql(f"SELECT name FROM system.tables WHERE database = '{database}' AND total_rows > 0 "
                                  "AND startsWith(name, 'fact_')", database):
            for row in product.sql("SELECT toString(plant), entity, toInt64(src_partition), toInt64(src_offset), _part "
                                   f"FROM {table} WHERE fact_key = '{fact_key((source, event))}'", database):
                yield f"{table} {event} {row}"


# Clauses.
def log_is_whole(_, seen):
    """Every record of every topic is in the archive, once."""
    for (topic, epoch, partition), offsets in sorted(seen.offsets.items()):
        missing = set(range(max(offsets) + 1)) - set(offsets)
        if missing:
            yield f"{topic}/{partition} epoch {epoch}: {len(missing)} records missing, such as {min(missing)}"
        if len(offsets) != len(set(offsets)):
            yield f"{topic}/{partition} epoch {epoch}: {len(offsets) - len(set(offsets))} records doubled"


def nothing_is_lost(truth, seen):
    """Every acknowledged event is in the archive, once for each acknowledgement at least."""
    for key, count in truth.acknowledged.items():
        if seen.archived[key] < count:
            yield f"{key}: acknowledged {count} times, archived {seen.archived[key]} times"


def nothing_is_doubled(truth, seen):
    """No event is in the archive more often than it was sent."""
    for key, count in seen.archived.items():
        if key in truth.attempts and count > truth.attempts[key]:
            yield f"{key}: sent {truth.attempts[key]} times, archived {count} times"


def nothing_is_invented(truth, seen):
    """Nothing refused and nothing that was never sent is in the archive."""
    for key in seen.archived:
        if key in truth.refused:
            yield f"{key}: refused, and archived"
        elif key not in truth.attempts:
            yield f"{key}: never sent, and archived"


def each_is_one_fact(truth, seen):
    """Every acknowledged event is exactly one visible fact, and nothing else is one."""
    wanted = {fact_key(key): key for key in truth.acknowledged}
    for name, key in wanted.items():
        if seen.facts[name] != 1:
            yield f"{key}: {seen.facts[name]} facts"
    for name in seen.facts.keys() - wanted.keys():
        yield f"fact {name} is of no acknowledged event"


def poison_is_set_aside(truth, seen):
    """Every record that is no event is a dead letter."""
    for key in truth.poison_attempts.keys() | seen.dead.keys():
        if not truth.poison[key] <= seen.dead[key] <= truth.poison_attempts[key]:
            yield f"{key}: Kafka took {truth.poison[key]}, tried {truth.poison_attempts[key]}, dead {seen.dead[key]}"


def cells_are_the_models(truth, seen):
    """Every cell of the model's KPIs is what the model makes of the acknowledged events."""
    wanted = truth.modelled(seen.days)
    for key in sorted(wanted.keys() | seen.cells.keys()):
        if wanted.get(key) != seen.cells.get(key):
            yield f"{' '.join(key)}: {_text(wanted.get(key))} in the model, {_text(seen.cells.get(key))} in the cells"


def answers_are_right(truth, _):
    """What should be refused was, what should be taken was, and the answers named the entity."""
    yield from truth.wrong


def _text(cell):
    return "nothing" if cell is None else f"{cell[0]:f}/{cell[1]:f} of {cell[2]}"


CLAUSES = (log_is_whole, nothing_is_lost, nothing_is_doubled, nothing_is_invented, each_is_one_fact,
           poison_is_set_aside, cells_are_the_models, answers_are_right)


def suspects(truth, seen):
    """Some events of which the archive or the facts are not as they should be."""
    return [key for key, count in truth.acknowledged.items()
            if seen.archived[key] < count or seen.facts[fact_key(key)] != 1][:SHOWN]


def judge(truth, seen):
    """{clause's name: lines}."""
    return {clause.__name__: list(clause(truth, seen)) for clause in CLAUSES}


# Negative controls: each changes a copy, and names the clause that must fail then.
def _archive(change):
    def control(truth, seen, pick):
        seen = copy.copy(seen)
        seen.archived = Counter(seen.archived)
        change(truth, seen.archived, pick.choice(sorted(truth.acknowledged)), pick)
        return truth, seen
    return control


def _copied(name, change):
    def control(truth, seen, pick):
        seen = copy.copy(seen)
        setattr(seen, name, copy.deepcopy(getattr(seen, name)))
        change(truth, getattr(seen, name), pick)
        return truth, seen
    return control


def _drop_record(_, offsets, pick):
    log = offsets[pick.choice(sorted(offsets))]
    if len(log) == 1:
        log[0] += 1
    else:
        log.remove(min(log))


def _double_record(_, offsets, pick):
    log = offsets[pick.choice(sorted(offsets))]
    log.append(log[0])


def _drop_event(truth, archived, key, pick):
    archived[key] = 0


def _double_event(truth, archived, key, pick):
    archived[key] = truth.attempts[key] + 1


def _archive_refused(truth, archived, key, pick):
    archived[pick.choice(sorted(truth.refused))] = 1


def _archive_unknown(truth, archived, key, pick):
    archived[key[0], key[1] + "-never-sent"] = 1


def _fact(count, of="acknowledged"):
    def change(truth, facts, pick):
        facts[fact_key(pick.choice(sorted(getattr(truth, of))))] = count
    return change


def _dead(more):
    def change(truth, dead, pick):
        key = pick.choice(sorted(truth.poison_attempts))
        dead[key] = truth.poison_attempts[key] + 1 if more else truth.poison[key] - 1
    return change


def _flip_cell(_, cells, pick):
    key = pick.choice(sorted(cells))
    cells[key] = (cells[key][0] + 1, *cells[key][1:])


def _drop_cell(_, cells, pick):
    del cells[pick.choice(sorted(cells))]


def _add_cell(_, cells, pick):
    kpi, plant, day, _ = pick.choice(sorted(cells))
    cells[kpi, plant, day, "nowhere"] = (Decimal(1), Decimal(1), 1)


def _told_otherwise(fits, retell):
    """The first event of seeded order that `fits`, told otherwise so that the model makes other cells of it. (Many
    tell of nothing: a correction of what is voided, or one followed by another.)"""
    def control(truth, seen, pick):
        before = truth.modelled(seen.days)
        entries = [entry for entry in truth.order if fits(entry)]
        pick.shuffle(entries)
        for entry in entries[:200]:
            other = retell(truth, entry)
            if other.modelled(seen.days) != before:
                return other, seen
        return truth, seen
    return control


def _is_correction(entry):
    return "corrects" in entry["event"]["context"]


def _is_void(entry):
    return entry["type"] == "event.Voided"


def _is_root(entry):
    return not _is_correction(entry) and not _is_void(entry)


def _skipped(truth, entry):
    return truth.without(key_of(entry))


def _counted_twice(truth, entry):
    """Under another id and another business key."""
    twin = copy.deepcopy(entry)
    twin["event"]["context"]["id"] += "-twin"
    for name in ("product", "classId", "auditId", "cohortId"):
        if name in twin["event"]:
            twin["event"][name] += "-twin"
    other = copy.copy(truth)
    other.order = truth.order + [twin]
    return other


CONTROLS = (
    ("a record dropped from the archive", "log_is_whole", _copied("offsets", _drop_record)),
    ("a record doubled in the archive", "log_is_whole", _copied("offsets", _double_record)),
    ("an acknowledged event dropped from the archive", "nothing_is_lost", _archive(_drop_event)),
    ("an event archived once more than it was sent", "nothing_is_doubled", _archive(_double_event)),
    ("a refused event in the archive", "nothing_is_invented", _archive(_archive_refused)),
    ("an event in the archive that nobody sent", "nothing_is_invented", _archive(_archive_unknown)),
    ("a fact dropped", "each_is_one_fact", _copied("facts", _fact(0))),
    ("a fact doubled", "each_is_one_fact", _copied("facts", _fact(2))),
    ("a refused event as a fact", "each_is_one_fact", _copied("facts", _fact(1, "refused"))),
    ("a dead letter dropped", "poison_is_set_aside", _copied("dead", _dead(False))),
    ("a dead letter too many", "poison_is_set_aside", _copied("dead", _dead(True))),
    ("a cell's value flipped", "cells_are_the_models", _copied("cells", _flip_cell)),
    ("a cell dropped", "cells_are_the_models", _copied("cells", _drop_cell)),
    ("a cell too many", "cells_are_the_models", _copied("cells", _add_cell)),
    ("a correction skipped", "cells_are_the_models", _told_otherwise(_is_correction, _skipped)),
    ("a void skipped", "cells_are_the_models", _told_otherwise(_is_void, _skipped)),
    ("an event skipped", "cells_are_the_models", _told_otherwise(_is_root, _skipped)),
    ("an event counted twice", "cells_are_the_models", _told_otherwise(_is_root, _counted_twice)),
)


def controls(truth, seen, pick):
    """Names of those that no clause noticed, or another than the one that must. `truth` and `seen` agree."""
    missed = []
    clauses = {clause.__name__: clause for clause in CLAUSES}
    for name, clause, change in CONTROLS:
        if not list(clauses[clause](*change(truth, seen, pick))):
            missed.append(name)
    return missed


# The same in the tables themselves, so that it is known that they are what is read. Clause -> statement.
def spoilt(seen, pick):
    topic, epoch, partition = pick.choice(sorted(key for key, log in seen.offsets.items() if len(log) > 2))
    kpi, plant, day, dim = pick.choice(sorted(seen.cells))
    return (
        ("a record dropped from the table", "log_is_whole",
         f"ALTER TABLE archive DELETE WHERE topic = '{topic}' AND epoch = {epoch} AND partition = {partition} AND "
         "offset = 1 SETTINGS mutations_sync = 2"),
        ("a fact doubled in the table", "each_is_one_fact",
         "INSERT INTO fact_safety_hazard_identified SELECT * REPLACE ('elsewhere' AS entity) FROM "
         "fact_safety_hazard_identified FINAL ORDER BY fact_key LIMIT 1"),
        ("a cell flipped in the table", "cells_are_the_models",
         "INSERT INTO kpi_cell SELECT * REPLACE (numerator + 1 AS numerator, version + 1 AS version) FROM kpi_cell "
         f"FINAL WHERE grain = 'd' AND level = 'plant' AND workshop = '' AND line = '' AND kpi = '{kpi}' AND "
         f"plant = '{plant}' AND day = '{day}' AND dim = '{dim}'"))


def sums(verdict):
    """Lines of a verdict, a few of each clause."""
    lines = []
    for clause, faults in verdict.items():
        lines += [f"WRONG  {clause}: {fault}" for fault in faults[:SHOWN]]
        if len(faults) > SHOWN:
            lines.append(f"WRONG  {clause}: {len(faults)} in all")
    return lines

-- What the rollup writes: KPI cells, shift intervals and what it knows of each plant.

-- One number per KPI, unit and period. `level` is in the key, because a workshop's total and "line unknown" are different
-- things. The plant-level row with empty dim is always there once a day was computed, zeros included: it is the
-- generation, and a finer row counts only if its version equals it. See services/lib/kpi/README.md for how to read it.
CREATE TABLE IF NOT EXISTS {database}.kpi_cell
(
    grain LowCardinality(String),
    level LowCardinality(String),
    kpi LowCardinality(String),
    definition UInt64,
    plant LowCardinality(String),
    workshop LowCardinality(String),
    line LowCardinality(String),
    dim String,
    day Date32,
    numerator Decimal(38, 6),
    numerator_days UInt32,
    denominator Decimal(38, 6),
    denominator_days UInt32,
    observations Int64,
    sum_squares Decimal(38, 6),
    samples Array(Decimal(38, 6)),
    open_since Array(DateTime64(6, 'UTC')),
    days UInt32,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(day)
ORDER BY (grain, level, kpi, definition, plant, workshop, line, dim, day)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Shift calendars expanded to contiguous intervals: gaps are rows with shift_code 'NONE', split at local midnight. Only
-- rows of a plant's highest version count. A plant without rows uses UTC dates.
CREATE TABLE IF NOT EXISTS {database}.shift_interval
(
    plant LowCardinality(String),
    start_utc DateTime64(6, 'UTC'),
    end_utc DateTime64(6, 'UTC'),
    day Date32,
    shift_code LowCardinality(String),
    calendar_version UInt32,
    time_zone LowCardinality(String),
    version UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (plant, version, start_utc)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Plants there are: from their first fact's production day to the current one every KPI has a generation.
CREATE TABLE IF NOT EXISTS {database}.plant_state
(
    plant LowCardinality(String),
    first_day Date32,
    current_day Date32,
    time_zone LowCardinality(String),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY plant
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

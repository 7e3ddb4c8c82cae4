-- Figures of closed months that a correction changed.

-- Written by the rollup before it replaces a month's cell (`old_version`) by another (`version`): made again by whoever goes
-- on after a crash, under the same key. It holds once the cell of its version is stored. Sides as in kpi_cell.
CREATE TABLE IF NOT EXISTS {database}.kpi_restatement
(
    kpi LowCardinality(String),
    definition UInt64,
    plant LowCardinality(String),
    dim String,
    month Date32,
    old_version UInt64,
    version UInt64,
    old_numerator Decimal(38, 6),
    old_numerator_days UInt32,
    old_denominator Decimal(38, 6),
    old_denominator_days UInt32,
    old_samples Array(Decimal(38, 6)),
    old_open_since Array(DateTime64(6, 'UTC')),
    new_numerator Decimal(38, 6),
    new_numerator_days UInt32,
    new_denominator Decimal(38, 6),
    new_denominator_days UInt32,
    new_samples Array(Decimal(38, 6)),
    new_open_since Array(DateTime64(6, 'UTC')),
    causes Array(Tuple(event_type String, source String, event_id String)),
    caused_at DateTime64(3, 'UTC') COMMENT 'when the latest cause was recorded'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (plant, kpi, definition, month, dim, old_version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- What the target derive has published, so that a restart does not publish it again.

-- One row per conclusion; the highest version counts. `active` = 0: an alert that was cleared. `times`: how often it was
-- raised; from the second time on it is part of the id.
CREATE TABLE IF NOT EXISTS {database}.derived_state
(
    rule LowCardinality(String),
    plant LowCardinality(String),
    entity String,
    due_at DateTime64(6, 'UTC'),
    event_id String,
    workshop LowCardinality(String),
    line LowCardinality(String),
    active UInt8,
    times UInt32,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (rule, plant, entity, due_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- What the aggregator keeps besides the facts: the archive of all records, keys, corrections and findings.

-- Every record of every topic, dead letters included: offsets of (topic, epoch, partition) are contiguous, so a lost
-- or doubled record is one query away. The last contiguous offset is where consumption resumes.
CREATE TABLE IF NOT EXISTS {database}.archive
(
    topic LowCardinality(String),
    epoch UInt32,
    partition UInt32,
    offset UInt64,
    key String,
    headers Array(String) COMMENT 'name, value, name, value ...',
    value String CODEC(ZSTD(1)),
    recorded_at DateTime64(3, 'UTC'),
    verdict LowCardinality(String),
    checksum UInt64
)
ENGINE = ReplacingMergeTree
PARTITION BY (topic, epoch)
ORDER BY (topic, epoch, partition, offset)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Which life of a topic is consumed. A re-created or truncated log is a new epoch, begun by the operator alone.
CREATE TABLE IF NOT EXISTS {database}.topic_epoch
(
    topic LowCardinality(String),
    epoch UInt32,
    cluster_id String,
    partitions UInt32,
    reason String,
    begun_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(begun_at)
ORDER BY (topic, epoch)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Which database answers queries; written by rebuild only. The highest generation counts.
CREATE TABLE IF NOT EXISTS {database}.current_generation
(
    generation UInt64,
    database String,
    switched_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY generation
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Narrow list of all facts, inserted into on the hot path and read by the identity pass.
CREATE TABLE IF NOT EXISTS {database}.event_key
(
    fact_key UUID,
    event_type LowCardinality(String),
    plant LowCardinality(String),
    entity String,
    rank UInt128,
    root_key UUID,
    kind LowCardinality(String),
    bkey UUID,
    content_hash FixedString(16),
    source LowCardinality(String),
    event_id String,
    target_plant LowCardinality(String),
    target_entity String,
    occurred_at DateTime64(6, 'UTC'),
    occurred_on Nullable(Date32)
)
ENGINE = ReplacingMergeTree
ORDER BY (fact_key, event_type, plant, entity, rank)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- The same by business key, for facts that have one.
CREATE TABLE IF NOT EXISTS {database}.business_key
(
    bkey UUID,
    event_type LowCardinality(String),
    root_key UUID,
    fact_key UUID,
    plant LowCardinality(String),
    entity String,
    rank UInt128
)
ENGINE = ReplacingMergeTree
ORDER BY (bkey, event_type, root_key, fact_key, plant, entity, rank)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- One row per correction or void for each plant concerned (the target's and, if another, the body's).
CREATE TABLE IF NOT EXISTS {database}.amendment
(
    plant LowCardinality(String),
    target_plant LowCardinality(String),
    target_entity String,
    root_key UUID,
    kind LowCardinality(String),
    fact_key UUID,
    event_type LowCardinality(String),
    body_plant LowCardinality(String),
    body_entity String,
    rank UInt128
)
ENGINE = ReplacingMergeTree(rank)
ORDER BY (plant, root_key, fact_key, event_type, body_plant, body_entity)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Facts that are stored and do not count, and why. inert = 0 takes an earlier verdict back. told = 0 until the places
-- concerned were touched, so that a crash in between is made good.
CREATE TABLE IF NOT EXISTS {database}.inert_fact
(
    plant LowCardinality(String),
    event_type LowCardinality(String),
    entity String,
    fact_key UUID,
    reason LowCardinality(String),
    winner_key UUID,
    inert UInt8,
    told UInt8,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (plant, event_type, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- What the data-quality page shows. Written again with active = 0 when it no longer holds.
CREATE TABLE IF NOT EXISTS {database}.finding
(
    plant LowCardinality(String),
    kind LowCardinality(String),
    event_type LowCardinality(String),
    entity String,
    fact_key UUID,
    other_plant LowCardinality(String),
    other_type LowCardinality(String),
    other_entity String,
    other_key UUID,
    source LowCardinality(String),
    event_id String,
    recorded_at DateTime64(3, 'UTC'),
    active UInt8,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (plant, kind, event_type, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

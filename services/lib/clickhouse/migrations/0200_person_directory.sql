-- Names of persons: the only place they live, outside Kafka and the archive, so that they can be erased.
CREATE TABLE IF NOT EXISTS {database}.person_directory
(
    plant LowCardinality(String),
    person_ref String,
    display_name String,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (plant, person_ref);

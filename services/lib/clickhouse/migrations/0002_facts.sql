-- Fact tables, one per event type. Printed from the protos by events::NextMigration (yokoten migrate --print); a test
-- compares the live schema with them.

CREATE TABLE IF NOT EXISTS {database}.fact_improvement_proposal_submitted
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `proposal_id` String,
    `proposer_refs` Array(String),
    `job_id` LowCardinality(String),
    `theme` LowCardinality(String),
    `text_zh` String,
    `text_en` String,
    `expected_saving_annual` Nullable(Decimal(38, 6)),
    `currency` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_improvement_proposal_screened
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `proposal_id` String,
    `attempt` Int32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_improvement_proposal_approved
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `proposal_id` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_improvement_proposal_rejected
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `proposal_id` String,
    `reason` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_improvement_proposal_deferred
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `proposal_id` String,
    `attempt` Int32,
    `reason` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_improvement_proposal_withdrawn
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `proposal_id` String,
    `reason` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_improvement_proposal_implemented
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `proposal_id` String,
    `implemented_on` Date32,
    `ecrs` Array(LowCardinality(String)),
    `cost` Nullable(Decimal(38, 6)),
    `currency` LowCardinality(String),
    `jm_breakdown` Nullable(Bool)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_improvement_proposal_verified
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `proposal_id` String,
    `attempt` Int32,
    `outcome` LowCardinality(String),
    `verified_saving_annual` Decimal(38, 6),
    `currency` LowCardinality(String),
    `verifier_role` LowCardinality(String),
    `verifier_ref` String,
    `evidence_metric` String,
    `evidence_value_before` Nullable(Decimal(38, 6)),
    `evidence_value_after` Nullable(Decimal(38, 6)),
    `evidence_n` Nullable(Int32)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_improvement_proposal_standardized
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `proposal_id` String,
    `job_id` LowCardinality(String),
    `revision_no` Int32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_improvement_yokoten_assessed
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `proposal_id` String,
    `target_line_id` LowCardinality(String),
    `target_plant_id` LowCardinality(String),
    `applicable` Bool,
    `reason` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_improvement_yokoten_completed
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `proposal_id` String,
    `target_line_id` LowCardinality(String),
    `target_plant_id` LowCardinality(String),
    `job_id` LowCardinality(String),
    `revision_no` Nullable(Int32)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_operations_org_unit_opened
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `unit_id` LowCardinality(String),
    `level` LowCardinality(String),
    `parent_id` LowCardinality(String),
    `name_zh` String,
    `name_en` String,
    `effective_on` Date32,
    `country` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_operations_org_unit_moved
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `unit_id` LowCardinality(String),
    `parent_id` LowCardinality(String),
    `effective_on` Date32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_operations_org_unit_closed
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `unit_id` LowCardinality(String),
    `effective_on` Date32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_operations_calendar_published
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `calendar_version` Int32,
    `time_zone` LowCardinality(String),
    `valid_from` Date32,
    `shifts_shift_code` Array(LowCardinality(String)),
    `shifts_start_time` Array(LowCardinality(String)),
    `shifts_end_time` Array(LowCardinality(String)),
    `shifts_day_offset` Array(Int32),
    `shifts_weekdays` Array(Array(Int32)),
    `holidays` Array(Date32)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_operations_calendar_corrected
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `calendar_version` Int32,
    `time_zone` LowCardinality(String),
    `valid_from` Date32,
    `shifts_shift_code` Array(LowCardinality(String)),
    `shifts_start_time` Array(LowCardinality(String)),
    `shifts_end_time` Array(LowCardinality(String)),
    `shifts_day_offset` Array(Int32),
    `shifts_weekdays` Array(Array(Int32)),
    `holidays` Array(Date32)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_operations_kpi_target_set
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `kpi_id` LowCardinality(String),
    `unit_path` String,
    `valid_from` Date32,
    `green` Decimal(38, 6),
    `yellow` Decimal(38, 6)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_operations_reporting_mode_set
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `feed` LowCardinality(String),
    `valid_from` Date32,
    `mode` LowCardinality(String),
    `line_id` LowCardinality(String),
    `worker_type` LowCardinality(String),
    `level` LowCardinality(String),
    `period` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_operations_feed_expected
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `kind` LowCardinality(String),
    `unit_id` LowCardinality(String),
    `valid_from` Date32,
    `valid_until` Nullable(Date32),
    `period` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_operations_roster_published
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `as_of_date` Date32,
    `snapshot_version` Int32,
    `chunk` Int32,
    `chunks` Int32,
    `rows_person_ref` Array(String),
    `rows_workshop_id` Array(LowCardinality(String)),
    `rows_line_id` Array(LowCardinality(String)),
    `rows_role` Array(LowCardinality(String)),
    `rows_worker_type` Array(LowCardinality(String)),
    `rows_status` Array(LowCardinality(String)),
    `rows_leave_from` Array(Nullable(Date32)),
    `rows_fte` Array(Nullable(Decimal(38, 6))),
    `rows_hire_date` Array(Nullable(Date32)),
    `rows_assignments_job_id` Array(Array(LowCardinality(String))),
    `rows_assignments_from_date` Array(Array(Date32)),
    `rows_assignments_to_date` Array(Array(Nullable(Date32))),
    `row_count` Int32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_operations_hours_reported
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `worker_type` LowCardinality(String),
    `production_day` Nullable(Date32),
    `month` Nullable(Date32),
    `year` Int32,
    `shift_code` LowCardinality(String),
    `hours_worked` Decimal(38, 6),
    `snapshot_version` Int32,
    `basis` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_operations_role_changed
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `person_ref` String,
    `from_role` LowCardinality(String),
    `to_role` LowCardinality(String),
    `effective_on` Date32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_operations_shift_output_reported
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `product` String,
    `production_day` Date32,
    `shift_code` LowCardinality(String),
    `produced_qty` Int64,
    `good_qty` Int64,
    `scrap_qty` Int64,
    `rework_qty` Int64,
    `inspected_qty` Nullable(Int64),
    `good_first_time_qty` Nullable(Int64),
    `operations_qty` Nullable(Int64),
    `cycle_n` Nullable(Int64),
    `cycle_mean_s` Nullable(Decimal(38, 6)),
    `cycle_p50_s` Nullable(Decimal(38, 6)),
    `cycle_p90_s` Nullable(Decimal(38, 6)),
    `run_min` Nullable(Int32),
    `snapshot_version` Int32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_operations_operation_error_recorded
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `error_id` String,
    `job_id` LowCardinality(String),
    `error_class` LowCardinality(String),
    `detected_at` LowCardinality(String),
    `method_related` Bool,
    `revision_no_seen` Nullable(Int32),
    `production_day` Nullable(Date32),
    `shift_code` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_operations_errors_aggregated
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `job_id` LowCardinality(String),
    `production_day` Date32,
    `shift_code` LowCardinality(String),
    `errors` Int64,
    `operations` Int64,
    `snapshot_version` Int32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_safety_hazard_identified
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `hazard_id` String,
    `grade` LowCardinality(String),
    `cause` LowCardinality(String),
    `spotted_by` String,
    `found_by` LowCardinality(String),
    `description` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_safety_hazard_assessed
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `hazard_id` String,
    `attempt` Int32,
    `likelihood` Int32,
    `severity` Int32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_safety_countermeasure_decided
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `hazard_id` String,
    `attempt` Int32,
    `control_level` LowCardinality(String),
    `due_date` Date32,
    `owner_ref` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_safety_countermeasure_done
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `hazard_id` String,
    `attempt` Int32,
    `done_on` Date32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_safety_result_checked
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `hazard_id` String,
    `attempt` Int32,
    `ok` Bool
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_safety_hazard_dismissed
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `hazard_id` String,
    `comment` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_safety_hazard_merged
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `hazard_id` String,
    `into_hazard_id` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_safety_incident_reported
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `incident_id` String,
    `kind` LowCardinality(String),
    `worker_type` LowCardinality(String),
    `persons_injured` Nullable(Int32),
    `activity` String,
    `location` String,
    `actual_level` String,
    `potential_level` String,
    `risk_class` String,
    `job_id` LowCardinality(String),
    `sector` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_safety_incident_classified
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `incident_id` String,
    `case_no` Int32,
    `work_related` Bool,
    `osha_outcome` LowCardinality(String),
    `osha_type` Nullable(Int32),
    `gb_severity` LowCardinality(String),
    `gb_edition` Int32,
    `gb_category` String,
    `dafw_days` Nullable(Int32),
    `djtr_days` Nullable(Int32),
    `date_of_death` Nullable(Date32),
    `worker_type` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_safety_incident_reclassified
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `incident_id` String,
    `case_no` Int32,
    `attempt` Int32,
    `work_related` Bool,
    `osha_outcome` LowCardinality(String),
    `gb_severity` LowCardinality(String),
    `gb_edition` Int32,
    `worker_type` LowCardinality(String),
    `date_of_death` Nullable(Date32)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_safety_days_updated
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `incident_id` String,
    `case_no` Int32,
    `dafw_days` Int32,
    `djtr_days` Int32,
    `gb_lost_workdays` Nullable(Int32),
    `as_of` Date32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_safety_incident_investigated
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `incident_id` String,
    `hazard_ids` Array(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_safety_incident_closed
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `incident_id` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_safety_period_reported
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `period_from` Date32,
    `period_to` Date32,
    `snapshot_version` Int32,
    `hours_worked` Decimal(38, 6),
    `average_employees` Nullable(Int64),
    `deaths` Int64,
    `dafw_cases` Int64,
    `djtr_cases` Int64,
    `other_cases` Int64,
    `days_away_and_restricted` Nullable(Int64),
    `near_misses` Nullable(Int64)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_standard_work_job_registered
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `job_id` LowCardinality(String),
    `name_zh` String,
    `name_en` String,
    `station_ids` Array(String),
    `requires_sw` Bool,
    `criticality` LowCardinality(String),
    `required_level` Nullable(Int32),
    `min_qualified` Nullable(Int32),
    `review_interval_d` Nullable(Int32),
    `takt_s` Nullable(Decimal(38, 6))
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_standard_work_job_changed
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `job_id` LowCardinality(String),
    `name_zh` String,
    `name_en` String,
    `station_ids` Array(String),
    `requires_sw` Bool,
    `criticality` LowCardinality(String),
    `required_level` Nullable(Int32),
    `min_qualified` Nullable(Int32),
    `review_interval_d` Nullable(Int32),
    `takt_s` Nullable(Decimal(38, 6))
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_standard_work_job_retired
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `job_id` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_standard_work_revision_drafted
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `job_id` LowCardinality(String),
    `revision_no` Int32,
    `change_reason` LowCardinality(String),
    `proposal_ids` Array(String),
    `hazard_ids` Array(String),
    `steps_seq` Array(Int32),
    `steps_major_step` Array(String),
    `steps_key_points_text` Array(Array(String)),
    `steps_key_points_kind` Array(Array(LowCardinality(String))),
    `steps_key_points_reason` Array(Array(String)),
    `standard_cycle_s` Nullable(Decimal(38, 6)),
    `std_wip` Nullable(Int32),
    `change_class` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_standard_work_revision_submitted
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `job_id` LowCardinality(String),
    `revision_no` Int32,
    `attempt` Int32,
    `comment` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_standard_work_revision_rejected
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `job_id` LowCardinality(String),
    `revision_no` Int32,
    `attempt` Int32,
    `comment` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_standard_work_revision_approved
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `job_id` LowCardinality(String),
    `revision_no` Int32,
    `attempt` Int32,
    `author_ref` String,
    `comment` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_standard_work_revision_released
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `job_id` LowCardinality(String),
    `revision_no` Int32,
    `effective_from` DateTime64(6, 'UTC'),
    `retraining_required` Bool,
    `change_class` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_standard_work_revision_reviewed
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `job_id` LowCardinality(String),
    `revision_no` Int32,
    `outcome` LowCardinality(String),
    `reviewer_ref` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_standard_work_revision_withdrawn
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `job_id` LowCardinality(String),
    `revision_no` Int32,
    `comment` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_training_training_planned
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `plan_id` String,
    `person_ref` String,
    `job_id` LowCardinality(String),
    `revision_no` Int32,
    `target_level` Int32,
    `due_date` Date32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_training_plan_cancelled
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `plan_id` String,
    `comment` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_training_session_started
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `session_id` String,
    `plan_id` String,
    `trainer_ref` String,
    `person_ref` String,
    `job_id` LowCardinality(String),
    `revision_no` Int32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_training_step_completed
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `session_id` String,
    `attempt` Int32,
    `step` Int32,
    `minutes` Int32,
    `repetitions` Nullable(Int32)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_training_session_completed
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `session_id` String,
    `attempt` Int32,
    `result` LowCardinality(String),
    `minutes` Int32,
    `trainer_ref` String,
    `person_ref` String,
    `job_id` LowCardinality(String),
    `revision_no` Int32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_training_follow_up_recorded
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `session_id` String,
    `day_offset` Int32,
    `conforms` Bool,
    `errors_seen` Nullable(Int32)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_training_skill_level_assessed
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `person_ref` String,
    `job_id` LowCardinality(String),
    `revision_no` Int32,
    `level` Int32,
    `assessor_ref` String,
    `method` LowCardinality(String),
    `valid_until` Nullable(Date32)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_training_skill_level_revoked
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `person_ref` String,
    `job_id` LowCardinality(String),
    `revision_no` Int32,
    `comment` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_training_trainer_certified
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `trainer_ref` String,
    `pillar` LowCardinality(String),
    `grade` LowCardinality(String),
    `issuer` String,
    `valid_from` Date32,
    `valid_until` Date32,
    `ttt_hours` Nullable(Decimal(38, 6))
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_training_trainer_certificate_revoked
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `trainer_ref` String,
    `pillar` LowCardinality(String),
    `grade` LowCardinality(String),
    `comment` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_event_voided
(
    `plant` LowCardinality(String),
    `entity` String,
    `fact_key` UUID,
    `root_key` UUID,
    `is_correction` UInt8,
    `rank` UInt128,
    `source` LowCardinality(String),
    `event_id` String,
    `workshop` LowCardinality(String),
    `line` LowCardinality(String),
    `station` LowCardinality(String),
    `occurred_at` DateTime64(6, 'UTC'),
    `occurred_on` Nullable(Date32),
    `reported_at` Nullable(DateTime64(6, 'UTC')),
    `recorded_at` DateTime64(3, 'UTC'),
    `actor` String,
    `correlation_id` String,
    `causation_id` String,
    `correction_reason` LowCardinality(String),
    `content_hash` FixedString(16),
    `bkey` UUID,
    `src_partition` UInt32,
    `src_offset` UInt64,
    `src_epoch` UInt32,
    `target_plant` LowCardinality(String),
    `target_entity` String,
    `voids_source` String,
    `voids_id` String,
    `voids_plant_id` LowCardinality(String),
    `voids_entity` String,
    `reason` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;


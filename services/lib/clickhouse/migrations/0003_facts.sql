-- Fact tables of relations, management and rollout; what training, operations and standard_work have more. Printed from the
-- protos like 0002.

CREATE TABLE IF NOT EXISTS {database}.fact_management_cohort_planned
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
    `cohort_id` String,
    `edition` LowCardinality(String),
    `modules_code` Array(LowCardinality(String)),
    `modules_planned_min` Array(Int32)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_management_cohort_opened
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
    `cohort_id` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_management_cohort_completed
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
    `cohort_id` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_management_cohort_cancelled
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
    `cohort_id` String,
    `comment` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_management_participant_enrolled
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
    `cohort_id` String,
    `person_ref` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_management_participant_dropped
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
    `cohort_id` String,
    `person_ref` String,
    `comment` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_management_module_delivered
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
    `cohort_id` String,
    `module` LowCardinality(String),
    `minutes_lecture` Int32,
    `minutes_case` Int32,
    `minutes_roleplay` Int32,
    `minutes_exercise` Int32,
    `instructor_ref` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_management_module_attended
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
    `cohort_id` String,
    `person_ref` String,
    `module` LowCardinality(String),
    `minutes` Int32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_management_quiz_taken
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
    `cohort_id` String,
    `person_ref` String,
    `quiz_id` LowCardinality(String),
    `kind` LowCardinality(String),
    `attempt` Int32,
    `score_pct` Decimal(38, 6),
    `pass_mark` Nullable(Decimal(38, 6)),
    `module` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_management_action_plan_submitted
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
    `cohort_id` String,
    `person_ref` String,
    `due_date` Date32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_management_action_plan_checked
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
    `cohort_id` String,
    `person_ref` String,
    `check_no` Int32,
    `done` Bool
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_management_participant_completed
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
    `cohort_id` String,
    `person_ref` String,
    `passed` Bool
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_management_meeting_scheduled
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
    `meeting_id` String,
    `tier` Int32,
    `starts_at` DateTime64(6, 'UTC'),
    `required_roles` Array(LowCardinality(String))
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_management_meeting_held
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
    `meeting_id` String,
    `tier` Int32,
    `started_at` DateTime64(6, 'UTC'),
    `minutes` Int32,
    `present_roles` Array(LowCardinality(String)),
    `pillars_reviewed` Array(LowCardinality(String)),
    `standards_reviewed` Nullable(Int32),
    `escalations` Nullable(Int32)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_management_meeting_cancelled
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
    `meeting_id` String,
    `reason` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_management_action_opened
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
    `action_id` String,
    `owner_ref` String,
    `due_date` Date32,
    `pillar` LowCardinality(String),
    `tier` Nullable(Int32),
    `meeting_id` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_management_action_escalated
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
    `action_id` String,
    `to_tier` Int32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_management_action_closed
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
    `action_id` String,
    `done_on` Date32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_operations_exchange_rate_set
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
    `currency` LowCardinality(String),
    `year` Int32,
    `reporting_currency` LowCardinality(String),
    `rate` Decimal(38, 6)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_operations_workdays_published
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
    `year` Int32,
    `version` Int32,
    `holidays` Array(Date32),
    `extra_workdays` Array(Date32)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_relations_case_opened
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
    `case_id` String,
    `case_round` Int32,
    `category` LowCardinality(String),
    `people_involved` Int32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_relations_facts_gathered
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
    `case_id` String,
    `case_round` Int32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_relations_action_decided
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
    `case_id` String,
    `case_round` Int32,
    `action` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_relations_action_taken
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
    `case_id` String,
    `case_round` Int32,
    `action` LowCardinality(String),
    `next_check_on` Date32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_relations_result_checked
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
    `case_id` String,
    `case_round` Int32,
    `check_no` Int32,
    `helped` Bool,
    `next_check_on` Nullable(Date32)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_relations_case_closed
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
    `case_id` String,
    `case_round` Int32,
    `outcome` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_relations_case_reopened
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
    `case_id` String,
    `case_round` Int32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_rollout_rollout_planned
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
    `name_zh` String,
    `name_en` String,
    `sponsor_ref` String,
    `version` Int32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_rollout_stage_entered
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
    `stage` LowCardinality(String),
    `entry` Int32,
    `waived` Nullable(Bool)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_rollout_gate_reviewed
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
    `stage` LowCardinality(String),
    `review_no` Int32,
    `criteria_kpi_id` Array(LowCardinality(String)),
    `criteria_value` Array(Nullable(Decimal(38, 6))),
    `criteria_threshold` Array(Decimal(38, 6)),
    `criteria_met` Array(Bool),
    `decision` LowCardinality(String),
    `conditions_text` Array(String),
    `conditions_due_date` Array(Date32),
    `approver_ref` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_rollout_stage_reverted
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
    `stage` LowCardinality(String),
    `reversion` Int32,
    `comment` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_rollout_arm_assigned
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
    `unit_id` LowCardinality(String),
    `arm` LowCardinality(String),
    `wave` Nullable(Int32),
    `matched_units` Array(String),
    `treatment_start` Nullable(Date32)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_rollout_diagnosis_recorded
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
    `response_id` String,
    `respondent_role` LowCardinality(String),
    `scores_b1` Nullable(Int32),
    `scores_b2` Nullable(Int32),
    `scores_b3` Nullable(Int32),
    `scores_b4` Nullable(Int32),
    `scores_b5` Nullable(Int32),
    `scores_b6` Nullable(Int32),
    `scores_b7` Nullable(Int32),
    `scores_b8` Nullable(Int32)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_rollout_baseline_frozen
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
    `kpi_ids` Array(String),
    `from_day` Date32,
    `to_day` Date32,
    `analysis_plan_hash` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_rollout_audit_scheduled
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
    `audit_id` String,
    `layer` Int32,
    `job_id` LowCardinality(String),
    `due_from` Date32,
    `due_to` Date32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_rollout_audit_performed
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
    `audit_id` String,
    `auditor_ref` String,
    `items_total` Int32,
    `items_na` Int32,
    `items_ok` Int32,
    `items_nok` Int32,
    `job_id` LowCardinality(String),
    `revision_no_seen` Nullable(Int32),
    `layer` Nullable(Int32)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_rollout_finding_raised
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
    `audit_id` String,
    `finding_id` String,
    `due_date` Nullable(Date32),
    `job_id` LowCardinality(String),
    `step_seq` Nullable(Int32),
    `key_point` Nullable(Int32)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_rollout_finding_closed
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
    `audit_id` String,
    `finding_id` String,
    `disposition` LowCardinality(String)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE {database}.fact_standard_work_revision_drafted ADD COLUMN IF NOT EXISTS `steps_change` Array(LowCardinality(String));
ALTER TABLE {database}.fact_standard_work_revision_drafted ADD COLUMN IF NOT EXISTS `steps_change_note` Array(String);
ALTER TABLE {database}.fact_standard_work_revision_released ADD COLUMN IF NOT EXISTS `approvals_stage` Array(Int32);
ALTER TABLE {database}.fact_standard_work_revision_released ADD COLUMN IF NOT EXISTS `approvals_signer_ref` Array(String);
ALTER TABLE {database}.fact_standard_work_revision_released ADD COLUMN IF NOT EXISTS `approvals_role` Array(String);
ALTER TABLE {database}.fact_standard_work_revision_released ADD COLUMN IF NOT EXISTS `approvals_meaning` Array(LowCardinality(String));
ALTER TABLE {database}.fact_standard_work_revision_released ADD COLUMN IF NOT EXISTS `approvals_signed_at` Array(DateTime64(6, 'UTC'));
ALTER TABLE {database}.fact_standard_work_revision_released ADD COLUMN IF NOT EXISTS `approvals_method` Array(LowCardinality(String));
CREATE TABLE IF NOT EXISTS {database}.fact_training_trainer_nominated
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
    `nomination` Int32,
    `nominated_by` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_training_trainer_selected
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
    `nomination` Int32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_training_ttt_completed
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
    `nomination` Int32,
    `hours` Decimal(38, 6)
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_training_coached_class_delivered
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
    `class_id` String,
    `coach_ref` String,
    `passed` Bool
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_training_trainer_suspended
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
    `suspension` Int32,
    `comment` String
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_training_trainer_reinstated
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
    `suspension` Int32
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_training_class_delivered
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
    `class_id` String,
    `pillar` LowCardinality(String),
    `trainer_ref` String,
    `participants` Int32,
    `hours` Decimal(38, 6),
    `external_trainer` Bool
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS {database}.fact_training_class_attended
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
    `class_id` String,
    `pillar` LowCardinality(String),
    `person_ref` String,
    `passed` Bool
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYear(occurred_at)
ORDER BY (plant, entity, fact_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;


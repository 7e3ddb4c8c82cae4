-- id: "standard_currency"
-- name_zh: "标准及时复审率" name_en: "Standard currency"
-- formula_zh: "最近一次生效或复审在复审周期内的作业数 ÷ 期末有生效版次的作业数"
-- formula_en: "Jobs whose revision took effect or was reviewed within the review interval / jobs with a revision in force, at the period's end"
-- pitfalls_zh: "没有生效版次的作业不在分母内" pitfalls_en: "Jobs without a revision in force are not in the denominator"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JI" board: "Q" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "standard_work.JobRegistered" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.JobChanged" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.JobRetired" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.RevisionReleased" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.RevisionWithdrawn" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.RevisionReviewed" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_LAST denominator: AGGREGATION_LAST
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_MONTH
-- source: "DOMAIN 3.1"

SELECT plant, workshop, line, day, countIf(toInt32(day) - toInt32(greatest(effective_day, reviewed_day)) <= review_interval_d) AS numerator,
       count() AS denominator, count() AS observations, 0 AS sum_squares
FROM
(
    SELECT s.plant AS plant, s.workshop AS workshop, s.line AS line, s.day AS day, s.job_id AS job_id,
           s.effective_day AS effective_day, s.review_interval_d AS review_interval_d,
           maxIf(r.reviewed_day, r.reviewed_day <= s.day) AS reviewed_day
    FROM {step standard_day} AS s
    LEFT JOIN
    (
        SELECT plant, job_id, revision_no, day AS reviewed_day FROM {facts standard_work.RevisionReviewed(job_id, revision_no)}
    ) AS r ON r.plant = s.plant AND r.job_id = s.job_id AND r.revision_no = s.revision_no
    WHERE s.revision_no > 0
    GROUP BY plant, workshop, line, day, job_id, effective_day, review_interval_d
)
GROUP BY plant, workshop, line, day

-- id: "standard_work_coverage"
-- name_zh: "标准作业覆盖率" name_en: "Standard work coverage"
-- formula_zh: "期末有生效版次的岗位作业数 ÷ 期末需要标准作业且未停用的岗位作业数"
-- formula_en: "Jobs with a revision in force / jobs registered that need standard work and are not retired, at the period's end"
-- pitfalls_zh: "新登记的作业会使其下降：同时看分母" pitfalls_en: "New jobs lower it: look at the denominator too"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JI" board: "Q" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "standard_work.JobRegistered" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.JobChanged" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.JobRetired" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.RevisionReleased" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.RevisionWithdrawn" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_LAST denominator: AGGREGATION_LAST
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_MONTH
-- source: "DOMAIN 3.1"

SELECT plant, workshop, line, day, countIf(revision_no > 0) AS numerator, count() AS denominator, count() AS observations,
       0 AS sum_squares
FROM {step standard_day}
GROUP BY plant, workshop, line, day

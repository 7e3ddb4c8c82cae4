-- id: "versatility_index"
-- name_zh: "多能工指数" name_en: "Versatility index"
-- formula_zh: "期末操作工等级不低于 3 的（人，作业）数 ÷ 期末操作工人数"
-- formula_en: "Pairs of operator and job (registered, not retired) of level 3 or more / operators on the roster, at the period's end"
-- pitfalls_zh: "过期等级按 0 计" pitfalls_en: "Expired levels count as 0"
-- factor: "1" unit_zh: "个/人" unit_en: "jobs per person" decimals: 2
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JI" board: "M" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "standard_work.JobRegistered" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.JobChanged" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.JobRetired" horizon: HORIZON_FORWARD }
-- reads { event: "operations.RosterPublished" horizon: HORIZON_FORWARD }
-- reads { event: "training.SkillLevelAssessed" horizon: HORIZON_FORWARD }
-- reads { event: "training.SkillLevelRevoked" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_LAST denominator: AGGREGATION_LAST
-- default_grain: GRAIN_MONTH
-- source: "DOMAIN 3.1"

SELECT s.plant AS plant, s.workshop AS workshop, s.line AS line, s.day AS day, toInt64(1) AS numerator, toInt64(0) AS denominator,
       toInt64(0) AS observations, 0 AS sum_squares
FROM {step skill_day} AS s
INNER JOIN {step job} AS k ON k.plant = s.plant AND k.job_id = s.job_id
WHERE s.role = 'operator' AND s.level >= 3 AND k.from_day <= s.day AND s.day < k.until_day
UNION ALL
SELECT plant, workshop, line, day, 0, toInt64(operators), toInt64(operators), 0
FROM {step headcount}

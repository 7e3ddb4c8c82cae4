-- id: "single_point_jobs"
-- name_zh: "单点依赖岗位数" name_en: "Single point jobs"
-- formula_zh: "期末只有一名在册人员达到要求等级的作业数（需要标准作业且未停用）"
-- formula_en: "Jobs (that need standard work and are not retired) of which exactly one person on the roster has the required level, at the period's end"
-- pitfalls_zh: "有人离职会一夜之间增加；无人达标的作业不计，见技能矩阵覆盖率" pitfalls_en: "Leavers create them overnight; a job that nobody masters is not one, see skill matrix coverage"
-- factor: "1" unit_zh: "个" unit_en: "jobs" decimals: 0
-- direction: DIRECTION_LOWER_IS_BETTER pillar: "JI" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "standard_work.JobRegistered" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.JobChanged" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.JobRetired" horizon: HORIZON_FORWARD }
-- reads { event: "operations.RosterPublished" horizon: HORIZON_FORWARD }
-- reads { event: "training.SkillLevelAssessed" horizon: HORIZON_FORWARD }
-- reads { event: "training.SkillLevelRevoked" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_LAST denominator: AGGREGATION_ONE
-- default_grain: GRAIN_WEEK
-- source: "DOMAIN 3.1"

-- No min_n, here and for versatility_index: everybody on the roster is counted, nothing is a sample.
SELECT plant, workshop, line, day, countIf(holders = 1) AS numerator, 0 AS denominator, count() AS observations, 0 AS sum_squares
FROM {step job_skill}
GROUP BY plant, workshop, line, day

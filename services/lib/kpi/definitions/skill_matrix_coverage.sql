-- id: "skill_matrix_coverage"
-- name_zh: "技能矩阵覆盖率" name_en: "Skill matrix coverage"
-- formula_zh: "期末达标人数（已分配、在岗、等级不低于岗位要求）不少于所需人数的作业数 ÷ 期末需要标准作业且未停用的作业数"
-- formula_en: "Jobs with at least the number of qualified persons they need (assigned, at work, of the required level) / jobs registered that need standard work and are not retired, at the period's end"
-- pitfalls_zh: "所需人数可能多于班组人数" pitfalls_en: "The number a job needs may be larger than its team"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JI" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "standard_work.JobRegistered" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.JobChanged" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.JobRetired" horizon: HORIZON_FORWARD }
-- reads { event: "operations.RosterPublished" horizon: HORIZON_FORWARD }
-- reads { event: "training.SkillLevelAssessed" horizon: HORIZON_FORWARD }
-- reads { event: "training.SkillLevelRevoked" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_LAST denominator: AGGREGATION_LAST
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_MONTH
-- source: "DOMAIN 2.5 B, 3.1"

SELECT plant, workshop, line, day, countIf(qualified >= min_qualified) AS numerator, count() AS denominator, count() AS observations,
       0 AS sum_squares
FROM {step job_skill}
GROUP BY plant, workshop, line, day

-- id: "mtp_practice_ratio"
-- name_zh: "演练占比" name_en: "MTP practice ratio"
-- formula_zh: "（案例 + 角色扮演 + 练习）分钟 ÷ 全部已授分钟，按班次" formula_en: "Minutes of case study, role play and exercises / all minutes delivered, by cohort"
-- pitfalls_zh: "计划分钟不等于已授分钟；目标为超过 70 %" pitfalls_en: "Planned minutes are not delivered minutes; the target is more than 70 %"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "MTP" board: "" version: 1
-- tps: TPS_ELEMENT_SL productive_forces: PRODUCTIVE_FORCE_R
-- reads { event: "management.ModuleDelivered" horizon: HORIZON_DAY }
-- finest_level: LEVEL_PLANT numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM dimension: "cohort"
-- default_grain: GRAIN_QUARTER
-- source: "DOMAIN 2.5 F, 3.6"

SELECT plant, '' AS workshop, '' AS line, day, cohort_id AS dim, toInt64(minutes_case) + toInt64(minutes_roleplay) + toInt64(minutes_exercise) AS numerator,
       numerator + toInt64(minutes_lecture) AS denominator, 1 AS observations, 0 AS sum_squares
FROM
(
    SELECT * FROM {facts management.ModuleDelivered(cohort_id, module, minutes_lecture, minutes_case, minutes_roleplay, minutes_exercise)}
    ORDER BY rank DESC LIMIT 1 BY plant, cohort_id, module
)

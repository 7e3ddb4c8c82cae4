-- id: "hazards_identified"
-- name_zh: "隐患发现数" name_en: "Hazards identified"
-- formula_zh: "100 ×（发现的隐患 − 撤销的 − 重复的）÷ 平均员工数（每日名册员工数的平均）"
-- formula_en: "100 x (hazards identified - dismissed - duplicates) / average number of employees (mean of the daily rosters)"
-- pitfalls_zh: "初期越多越好" pitfalls_en: "In the beginning more is good"
-- factor: "100" unit_zh: "件/百人" unit_en: "per 100 employees" decimals: 2
-- direction: DIRECTION_CONTEXT pillar: "JS" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "safety.HazardIdentified" horizon: HORIZON_DAY }
-- reads { event: "safety.HazardDismissed" horizon: HORIZON_PLANT }
-- reads { event: "safety.HazardMerged" horizon: HORIZON_PLANT }
-- reads { event: "operations.RosterPublished" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_WORKSHOP numerator: AGGREGATION_SUM denominator: AGGREGATION_MEAN_OF_DAYS
-- interval: INTERVAL_KIND_GARWOOD min_expected: 3 default_grain: GRAIN_MONTH
-- source: "DOMAIN 3.3"

SELECT plant, workshop, line, day, toInt64(1) AS numerator, toInt64(0) AS denominator, 1 AS observations, 0 AS sum_squares
FROM (SELECT * FROM {facts safety.HazardIdentified(hazard_id)} ORDER BY rank DESC LIMIT 1 BY plant, hazard_id)
WHERE (plant, hazard_id) NOT IN (SELECT plant, hazard_id FROM {step hazard_ended})
UNION ALL
SELECT plant, workshop, line, day, toInt64(0), toInt64(employees), 0, 0
FROM {step headcount}

-- id: "serious_per_1000"
-- name_zh: "千人重伤率" name_en: "Serious per 1000"
-- formula_zh: "1000 × 重伤人数（不含死亡）÷ 平均人数"
-- formula_en: "1000 x persons seriously injured (deaths apart) / average number of workers"
-- pitfalls_zh: "不满一年的值不是年率。人数：员工与受监督的临时工，每日名册的平均" pitfalls_en: "A value of less than a year is no yearly rate. Workers: employees and supervised temps, mean of the daily rosters"
-- factor: "1000" unit_zh: "‰" unit_en: "per 1,000 workers" decimals: 3
-- direction: DIRECTION_LOWER_IS_BETTER pillar: "JS" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "safety.IncidentReported" horizon: HORIZON_DAY }
-- reads { event: "safety.IncidentClassified" horizon: HORIZON_PLANT }
-- reads { event: "safety.IncidentReclassified" horizon: HORIZON_PLANT }
-- reads { event: "operations.ReportingModeSet" horizon: HORIZON_PLANT }
-- reads { event: "operations.RosterPublished" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_PLANT numerator: AGGREGATION_SUM denominator: AGGREGATION_MEAN_OF_DAYS
-- interval: INTERVAL_KIND_GARWOOD min_expected: 3 default_grain: GRAIN_YEAR
-- source: "GB 6441; DOMAIN 3.3"

SELECT plant, workshop, line, day, serious AS numerator, workers AS denominator, serious AS observations, 0 AS sum_squares
FROM {step injured_day}

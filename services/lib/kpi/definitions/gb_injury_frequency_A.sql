-- id: "gb_injury_frequency_A"
-- name_zh: "百万工时伤害率" name_en: "GB injury frequency A"
-- formula_zh: "1000000 ×（轻伤 + 重伤 + 死亡人数）÷ 工时"
-- formula_en: "1,000,000 x persons injured (minor, serious, fatal) / hours worked"
-- pitfalls_zh: "2025 版标准已取消，仅为延续" pitfalls_en: "Dropped in the 2025 edition: kept as legacy"
-- factor: "1000000" unit_zh: "人/百万工时" unit_en: "per 1,000,000 h" decimals: 2
-- direction: DIRECTION_LOWER_IS_BETTER pillar: "JS" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "safety.IncidentReported" horizon: HORIZON_FORWARD }
-- reads { event: "safety.IncidentClassified" horizon: HORIZON_PLANT }
-- reads { event: "safety.IncidentReclassified" horizon: HORIZON_PLANT }
-- reads { event: "safety.PeriodReported" horizon: HORIZON_PLANT }
-- reads { event: "operations.HoursReported" horizon: HORIZON_FORWARD }
-- reads { event: "operations.ReportingModeSet" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_PLANT numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_GARWOOD min_expected: 3 default_grain: GRAIN_YEAR
-- source: "GB 6441-86; DOMAIN 3.3"

SELECT plant, workshop, line, day, toInt64(1) AS numerator, toDecimal128(0, 6) AS denominator, 1 AS observations, 0 AS sum_squares
FROM {step safety_case}
WHERE injured = 1
UNION ALL
SELECT plant, workshop, line, day, 0, item_hours, 0, 0
FROM {step safety_day}

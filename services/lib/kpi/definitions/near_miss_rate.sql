-- id: "near_miss_rate"
-- name_zh: "未遂报告率" name_en: "Near miss rate"
-- formula_zh: "200000 × 未遂事件数 ÷ 工时"
-- formula_en: "200,000 x near misses / hours worked"
-- pitfalls_zh: "反映报告文化：多报不是坏事" pitfalls_en: "Shows the reporting culture: more reports are not worse"
-- factor: "200000" unit_zh: "起/20万工时" unit_en: "per 200,000 h" decimals: 2
-- direction: DIRECTION_CONTEXT pillar: "JS" board: "S" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "safety.IncidentReported" horizon: HORIZON_FORWARD }
-- reads { event: "safety.IncidentClassified" horizon: HORIZON_PLANT }
-- reads { event: "safety.IncidentReclassified" horizon: HORIZON_PLANT }
-- reads { event: "safety.PeriodReported" horizon: HORIZON_PLANT }
-- reads { event: "operations.HoursReported" horizon: HORIZON_FORWARD }
-- reads { event: "operations.ReportingModeSet" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_WORKSHOP numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_GARWOOD min_expected: 3 default_grain: GRAIN_MONTH
-- source: "DOMAIN 3.3"
-- evidence: "safety.IncidentReported" evidence: "safety.PeriodReported"

SELECT plant, workshop, line, day, near_misses AS numerator, near_miss_hours AS denominator, 1 AS observations, 0 AS sum_squares
FROM {step safety_day}

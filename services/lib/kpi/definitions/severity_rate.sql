-- id: "severity_rate"
-- name_zh: "损失天数严重率" name_en: "Severity rate"
-- formula_zh: "200000 × 损失工作日之和（每例最多 180 天）÷ 工时"
-- formula_en: "200,000 x days away from work (at most 180 a case) / hours worked"
-- pitfalls_zh: "天数在期后仍会增长，数值随之改写；以期间报告的安全数据没有每例天数，其工时不计" pitfalls_en: "Days grow after the period and restate it; period reports know no days per case, so their hours do not count"
-- factor: "200000" unit_zh: "天/20万工时" unit_en: "days per 200,000 h" decimals: 1
-- direction: DIRECTION_LOWER_IS_BETTER pillar: "JS" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "safety.IncidentReported" horizon: HORIZON_FORWARD }
-- reads { event: "safety.IncidentClassified" horizon: HORIZON_PLANT }
-- reads { event: "safety.IncidentReclassified" horizon: HORIZON_PLANT }
-- reads { event: "safety.PeriodReported" horizon: HORIZON_PLANT }
-- reads { event: "operations.HoursReported" horizon: HORIZON_FORWARD }
-- reads { event: "operations.ReportingModeSet" horizon: HORIZON_PLANT }
-- reads { event: "safety.DaysUpdated" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_PLANT numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- default_grain: GRAIN_ROLLING_12_MONTHS
-- source: "OSHA 29 CFR 1904; DOMAIN 3.3"

SELECT plant, workshop, line, day, least(days_away, 180) AS numerator, toDecimal128(0, 6) AS denominator, 1 AS observations, 0 AS sum_squares
FROM {step safety_case_days}
WHERE recordable = 1
UNION ALL
SELECT plant, workshop, line, day, 0, item_hours, 0, 0
FROM {step safety_day}

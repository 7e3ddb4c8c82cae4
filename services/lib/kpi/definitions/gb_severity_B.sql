-- id: "gb_severity_B"
-- name_zh: "伤害严重率" name_en: "GB severity B"
-- formula_zh: "1000000 × 国标损失工作日之和 ÷ 工时；死亡每人 6000 日"
-- formula_en: "1,000,000 x lost workdays by GB / hours worked; 6,000 a death"
-- pitfalls_zh: "国标表定的日数不是实际缺勤日数；尚未报告的按 0 计" pitfalls_en: "Days of the GB table are not actual sick days; those not reported yet count as 0"
-- factor: "1000000" unit_zh: "日/百万工时" unit_en: "days per 1,000,000 h" decimals: 1
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
-- default_grain: GRAIN_YEAR
-- source: "GB 6441-86; DOMAIN 3.3"

SELECT plant, workshop, line, day, lost_days AS numerator, toDecimal128(0, 6) AS denominator, 1 AS observations, 0 AS sum_squares
FROM {step safety_case_days}
WHERE injured = 1
UNION ALL
SELECT plant, workshop, line, day, 0, item_hours, 0, 0
FROM {step safety_day}

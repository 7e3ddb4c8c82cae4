-- id: "gb_mean_severity_N"
-- name_zh: "平均严重率" name_en: "GB mean severity N"
-- formula_zh: "国标损失工作日之和 ÷ 受伤人数（= B ÷ A）"
-- formula_en: "Lost workdays by GB / persons injured (= B / A)"
-- pitfalls_zh: "国标表定的日数不是实际缺勤日数；无人受伤时为空" pitfalls_en: "Days of the GB table are not actual sick days; nobody injured is no value"
-- factor: "1" unit_zh: "日/人" unit_en: "days per person" decimals: 1
-- direction: DIRECTION_LOWER_IS_BETTER pillar: "JS" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "safety.IncidentReported" horizon: HORIZON_DAY }
-- reads { event: "safety.IncidentClassified" horizon: HORIZON_PLANT }
-- reads { event: "safety.IncidentReclassified" horizon: HORIZON_PLANT }
-- reads { event: "operations.ReportingModeSet" horizon: HORIZON_PLANT }
-- reads { event: "safety.DaysUpdated" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_PLANT numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- default_grain: GRAIN_YEAR
-- source: "GB 6441-86; DOMAIN 3.3"

SELECT plant, workshop, line, day, lost_days AS numerator, toInt64(1) AS denominator, 1 AS observations, 0 AS sum_squares
FROM {step safety_case_days}
WHERE injured = 1

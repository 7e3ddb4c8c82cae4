-- id: "near_miss_incident_ratio"
-- name_zh: "未遂/伤害比" name_en: "Near miss incident ratio"
-- formula_zh: "未遂事件数 ÷ 可记录事故数"
-- formula_en: "Near misses / recordable cases"
-- pitfalls_zh: "没有可记录事故时为空；比例没有可靠依据，不设目标" pitfalls_en: "No recordable case is no ratio; fixed ratios have no sound evidence: set no target"
-- factor: "1" unit_zh: "比" unit_en: "ratio" decimals: 1
-- direction: DIRECTION_CONTEXT pillar: "JS" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "safety.IncidentReported" horizon: HORIZON_FORWARD }
-- reads { event: "safety.IncidentClassified" horizon: HORIZON_PLANT }
-- reads { event: "safety.IncidentReclassified" horizon: HORIZON_PLANT }
-- reads { event: "safety.PeriodReported" horizon: HORIZON_PLANT }
-- reads { event: "operations.HoursReported" horizon: HORIZON_FORWARD }
-- reads { event: "operations.ReportingModeSet" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_PLANT numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- min_expected: 3 default_grain: GRAIN_QUARTER
-- source: "DOMAIN 3.3"

SELECT plant, workshop, line, day, near_misses AS numerator, near_miss_cases AS denominator, 1 AS observations, 0 AS sum_squares
FROM {step safety_day}

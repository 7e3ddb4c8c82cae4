-- id: "dart_rate"
-- name_zh: "DART 率" name_en: "DART rate"
-- formula_zh: "200000 ×（损失工作日 + 限工调岗）÷ 工时"
-- formula_en: "200,000 x (days away + restricted or transferred) / hours worked"
-- pitfalls_zh: "不含死亡。分母：员工与受监督的临时工的实际工时；承包商另计" pitfalls_en: "Deaths are not included. Hours are actual hours of employees and supervised temps; contractors are counted apart"
-- factor: "200000" unit_zh: "起/20万工时" unit_en: "per 200,000 h" decimals: 2
-- direction: DIRECTION_LOWER_IS_BETTER pillar: "JS" board: "S" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "safety.IncidentReported" horizon: HORIZON_FORWARD }
-- reads { event: "safety.IncidentClassified" horizon: HORIZON_PLANT }
-- reads { event: "safety.IncidentReclassified" horizon: HORIZON_PLANT }
-- reads { event: "safety.PeriodReported" horizon: HORIZON_PLANT }
-- reads { event: "operations.HoursReported" horizon: HORIZON_FORWARD }
-- reads { event: "operations.ReportingModeSet" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_PLANT numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_GARWOOD min_expected: 3 default_grain: GRAIN_ROLLING_12_MONTHS
-- source: "OSHA 29 CFR 1904; DOMAIN 3.3"
-- evidence: "safety.IncidentReported" evidence: "safety.IncidentClassified" evidence: "safety.IncidentReclassified" evidence: "safety.PeriodReported"

SELECT plant, workshop, line, day, dafw + djtr AS numerator, hours AS denominator, 1 AS observations, 0 AS sum_squares
FROM {step safety_day}

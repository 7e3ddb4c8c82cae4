-- id: "ltifr"
-- name_zh: "百万工时损失工时率" name_en: "LTIFR"
-- formula_zh: "1000000 ×（损失工作日 + 死亡）÷ 工时"
-- formula_en: "1,000,000 x (days away + deaths) / hours worked"
-- pitfalls_zh: "基数是 TRIR 的 5 倍。分母：员工与受监督的临时工的实际工时；承包商另计" pitfalls_en: "Its base is five times that of TRIR. Hours are actual hours of employees and supervised temps; contractors are counted apart"
-- factor: "1000000" unit_zh: "起/百万工时" unit_en: "per 1,000,000 h" decimals: 2
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
-- source: "ILO frequency rate; DOMAIN 3.3"
-- evidence: "safety.IncidentReported" evidence: "safety.IncidentClassified" evidence: "safety.IncidentReclassified" evidence: "safety.PeriodReported"

SELECT plant, workshop, line, day, dafw + deaths AS numerator, hours AS denominator, 1 AS observations, 0 AS sum_squares
FROM {step safety_day}

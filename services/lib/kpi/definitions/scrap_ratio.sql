-- id: "scrap_ratio"
-- name_zh: "废品率" name_en: "Scrap ratio"
-- formula_zh: "废品数 ÷ 产出数"
-- formula_en: "Units scrapped / units produced"
-- pitfalls_zh: "产出数为 0 时没有分母" pitfalls_en: "No production is no denominator"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_LOWER_IS_BETTER pillar: "JI" board: "Q" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_M
-- reads { event: "operations.ShiftOutputReported" horizon: HORIZON_DAY }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_DAY
-- source: "DOMAIN 3.1; ISO 22400-2 (SQ / PQ)"

SELECT plant, workshop, line, day, scrap_qty AS numerator, produced_qty AS denominator, 1 AS observations, 0 AS sum_squares
FROM {step shift_output}

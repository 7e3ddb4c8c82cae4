-- id: "first_pass_yield"
-- name_zh: "一次合格率"  name_en: "First pass yield"
-- formula_zh: "首次检验合格数 ÷ 检验数" formula_en: "Units good at the first inspection / units inspected"
-- pitfalls_zh: "检验数为 0 时没有分母，不是 0%" pitfalls_en: "No inspection is no denominator, not 0 %"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JI" board: "Q" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_M
-- reads { event: "operations.ShiftOutputReported" horizon: HORIZON_DAY }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_DAY
-- source: "DOMAIN 3.1; ISO 22400-2 (good parts / inspected parts)"

SELECT plant, workshop, line, day, good_first_time_qty AS numerator, inspected_qty AS denominator, 1 AS observations,
       0 AS sum_squares
FROM {step shift_output}
WHERE inspected_qty IS NOT NULL AND good_first_time_qty IS NOT NULL

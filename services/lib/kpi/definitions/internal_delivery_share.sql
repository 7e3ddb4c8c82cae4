-- id: "internal_delivery_share"
-- name_zh: "内部授课占比" name_en: "Internal delivery share"
-- formula_zh: "本公司内训师授课课时 ÷ 全部授课课时" formula_en: "Class hours given by own trainers / all class hours"
-- pitfalls_zh: "只计班级授课，不含岗位带教" pitfalls_en: "Classes only: instruction at the workplace is not in it"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "TTT" board: "" version: 1
-- tps: TPS_ELEMENT_SL productive_forces: PRODUCTIVE_FORCE_R
-- reads { event: "training.ClassDelivered" horizon: HORIZON_DAY }
-- finest_level: LEVEL_PLANT numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- default_grain: GRAIN_QUARTER
-- source: "DOMAIN 2.5 G, 3.7"

SELECT plant, '' AS workshop, '' AS line, day, if(external_trainer = 0, hours, toDecimal128(0, 6)) AS numerator, hours AS denominator, 1 AS observations,
       0 AS sum_squares
FROM (SELECT * FROM {facts training.ClassDelivered(class_id, hours, external_trainer)} ORDER BY rank DESC LIMIT 1 BY plant, class_id)

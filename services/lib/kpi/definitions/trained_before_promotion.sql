-- id: "trained_before_promotion"
-- name_zh: "先训后任率" name_en: "Trained before promotion"
-- formula_zh: "上任当日或之前已通过所需 J 课程（班组长 JI；更高职务 JI 与 JR）的晋升 ÷ 全部晋升"
-- formula_en: "Promotions of persons who had passed the J classes they need (JI to lead a team, JI and JR beyond) by the first day in the role / promotions"
-- pitfalls_zh: "上任后补课的不算" pitfalls_en: "A class passed afterwards does not count"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "rollout" board: "" version: 1
-- tps: TPS_ELEMENT_SL productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "operations.RoleChanged" horizon: HORIZON_FORWARD }
-- reads { event: "training.ClassAttended" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_PLANT numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_YEAR
-- source: "DOMAIN 2.5 J, 3.9"
-- evidence: "operations.RoleChanged" evidence: "training.ClassAttended"

SELECT plant, '' AS workshop, '' AS line, day, toInt64(trained) AS numerator, toInt64(1) AS denominator, 1 AS observations, 0 AS sum_squares
FROM {step promotion}

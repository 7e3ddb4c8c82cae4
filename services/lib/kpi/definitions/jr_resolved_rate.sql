-- id: "jr_resolved_rate"
-- name_zh: "解决率" name_en: "JR resolved rate"
-- formula_zh: "以“解决”结案的次数 ÷ 结案次数" formula_en: "Closings as resolved / closings"
-- pitfalls_zh: "上报不算解决；再次开启后的结案另计；少于 5 件不公布"
-- pitfalls_en: "Referred up is not resolved; a case closed again after reopening counts again; not shown below 5 cases"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JR" board: "" version: 1
-- tps: TPS_ELEMENT_RP productive_forces: PRODUCTIVE_FORCE_R
-- reads { event: "relations.CaseOpened" horizon: HORIZON_PLANT }
-- reads { event: "relations.FactsGathered" horizon: HORIZON_PLANT }
-- reads { event: "relations.ActionDecided" horizon: HORIZON_PLANT }
-- reads { event: "relations.ActionTaken" horizon: HORIZON_PLANT }
-- reads { event: "relations.ResultChecked" horizon: HORIZON_PLANT }
-- reads { event: "relations.CaseClosed" horizon: HORIZON_PLANT }
-- reads { event: "relations.CaseReopened" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_WORKSHOP numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_WILSON min_n: 10 privacy_k: 5 default_grain: GRAIN_QUARTER
-- source: "DOMAIN 2.5 D, 3.4"
-- evidence: "relations.CaseClosed"

SELECT plant, workshop, '' AS line, closing.3 AS day, toInt64(closing.5) AS numerator, toInt64(1) AS denominator, 1 AS observations,
       0 AS sum_squares
FROM {step relation_case}
ARRAY JOIN arrayFilter(x -> x.1 = 6, path) AS closing

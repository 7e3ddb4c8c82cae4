-- id: "jr_resolution_time"
-- name_zh: "关系案例处理周期" name_en: "JR resolution time"
-- formula_zh: "首次以“解决”结案的案例：结案时间 − 立案时间的中位数（天），按结案之日"
-- formula_en: "Median, in days, of the first closing as resolved minus the opening, of the cases closed so in the period"
-- pitfalls_zh: "少于 5 件不公布；不给最小、最大和 p90；未结的不在其中；再次开启不重新起算"
-- pitfalls_en: "Not shown below 5 cases; no smallest, largest or p90; open cases are not in it; reopening does not start the clock anew"
-- factor: "1" unit_zh: "天" unit_en: "days" decimals: 1
-- direction: DIRECTION_LOWER_IS_BETTER pillar: "JR" board: "" version: 1
-- tps: TPS_ELEMENT_RP productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "relations.CaseOpened" horizon: HORIZON_PLANT }
-- reads { event: "relations.FactsGathered" horizon: HORIZON_PLANT }
-- reads { event: "relations.ActionDecided" horizon: HORIZON_PLANT }
-- reads { event: "relations.ActionTaken" horizon: HORIZON_PLANT }
-- reads { event: "relations.ResultChecked" horizon: HORIZON_PLANT }
-- reads { event: "relations.CaseClosed" horizon: HORIZON_PLANT }
-- reads { event: "relations.CaseReopened" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_WORKSHOP numerator: AGGREGATION_VALUES denominator: AGGREGATION_ONE quantile: "0.5"
-- min_n: 5 privacy_k: 5 default_grain: GRAIN_QUARTER
-- source: "DOMAIN 2.5 D, 3.4"
-- evidence: "relations.CaseClosed"

SELECT plant, workshop, '' AS line, closing.3 AS day,
       toDecimal128(intDiv(toUnixTimestamp64Micro(closing.2) - toUnixTimestamp64Micro(opened_at), 86400), 6) / 1000000 AS sample,
       opened_at AS open_since
FROM (SELECT *, arrayFirst(x -> x.5 = 1, path) AS closing FROM {step relation_case})
WHERE closing.5 = 1

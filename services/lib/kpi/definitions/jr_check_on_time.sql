-- id: "jr_check_on_time"
-- name_zh: "结果确认及时率" name_en: "JR check on time"
-- formula_zh: "期限当日或之前确认的结果 ÷ 期限落在期内的确认；期限以首次约定为准"
-- formula_en: "Checks made by the day agreed for them / checks whose day lies in the period; the day agreed first counts"
-- pitfalls_zh: "期限前已结案的不计；少于 5 件不公布" pitfalls_en: "A check of a case that was closed by then is not due; not shown below 5 checks"
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
-- evidence: "relations.ResultChecked"

-- What agrees on a day and what came next: a check by that day meets it, a closing by that day takes it away.
SELECT plant, workshop, '' AS line, assumeNotNull(step.1.4) AS day, toInt64(step.2.1 = 5 AND step.2.3 <= day) AS numerator,
       toInt64(1) AS denominator, 1 AS observations, 0 AS sum_squares
FROM {step relation_case}
ARRAY JOIN arrayZip(path, arraySlice(arrayPushBack(path, (toUInt8(0), opened_at, opened_day, NULL, toUInt8(0))), 2)) AS step
WHERE step.1.4 IS NOT NULL AND NOT (step.2.1 = 6 AND step.2.3 <= day)

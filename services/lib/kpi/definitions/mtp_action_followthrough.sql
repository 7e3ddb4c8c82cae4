-- id: "mtp_action_followthrough"
-- name_zh: "行动计划落实率" name_en: "MTP action followthrough"
-- formula_zh: "经检查已落实的行动计划 ÷ 期限落在期内的行动计划" formula_en: "Action plans found carried out at a check / action plans whose due date lies in the period"
-- pitfalls_zh: "期限之后的检查仍会使其上升" pitfalls_en: "May still rise with checks made after the due date"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "MTP" board: "" version: 1
-- tps: TPS_ELEMENT_SL productive_forces: PRODUCTIVE_FORCE_O productive_forces: PRODUCTIVE_FORCE_R
-- reads { event: "management.ActionPlanSubmitted" horizon: HORIZON_PLANT }
-- reads { event: "management.ActionPlanChecked" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_PLANT numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_QUARTER
-- source: "DOMAIN 2.5 F, 3.6"

-- Checked before it was submitted is out of order and does not count.
SELECT s.plant AS plant, '' AS workshop, '' AS line, s.due_date AS day, toInt64(c.done_at >= s.occurred_at) AS numerator, toInt64(1) AS denominator,
       1 AS observations, 0 AS sum_squares
FROM
(
    SELECT * FROM {facts management.ActionPlanSubmitted(cohort_id, person_ref, due_date)} ORDER BY rank DESC LIMIT 1 BY plant, cohort_id, person_ref
) AS s
LEFT JOIN
(
    SELECT plant, cohort_id, person_ref, max(occurred_at) AS done_at
    FROM {facts management.ActionPlanChecked(cohort_id, person_ref, done)} WHERE done = 1 GROUP BY plant, cohort_id, person_ref
) AS c ON c.plant = s.plant AND c.cohort_id = s.cohort_id AND c.person_ref = s.person_ref

-- id: "participation_rate"
-- name_zh: "提案参与率" name_en: "Participation rate"
-- formula_zh: "期内提交过提案的在册人数 ÷ 期内在册人数（各人只计一次）" formula_en: "Persons on the roster who submitted a proposal in the period / persons on the roster in the period, each counted once"
-- pitfalls_zh: "按月、季、年各自统计，不可相加" pitfalls_en: "Counted by month, quarter and year on their own: it does not add up over months"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- tps: TPS_ELEMENT_KZ productive_forces: PRODUCTIVE_FORCE_I
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JM" board: "M" version: 1
-- reads { event: "improvement.ProposalSubmitted" horizon: HORIZON_DAY }
-- reads { event: "operations.RosterPublished" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_WORKSHOP numerator: AGGREGATION_DISTINCT denominator: AGGREGATION_DISTINCT
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_QUARTER
-- source: "DOMAIN 3.2"
-- evidence: "improvement.ProposalSubmitted"

SELECT plant, workshop, '' AS line, day, person_ref AS member, 0 AS numerator, 1 AS denominator
FROM {step roster_member}
UNION ALL
-- In the workshop where the roster of the day's month has the person.
SELECT p.plant, r.workshop, '', p.day, p.person_ref, 1, 0
FROM
(
    SELECT plant, day, person_ref, toStartOfMonth(day) AS month
    FROM (SELECT * FROM {facts improvement.ProposalSubmitted(proposal_id, proposer_refs)} ORDER BY rank DESC LIMIT 1 BY plant, proposal_id)
    ARRAY JOIN proposer_refs AS person_ref
) AS p
LEFT JOIN {step roster_member} AS r ON r.plant = p.plant AND r.person_ref = p.person_ref AND r.month = p.month

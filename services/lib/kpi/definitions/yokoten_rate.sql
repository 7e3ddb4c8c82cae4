-- id: "yokoten_rate"
-- name_zh: "横展率" name_en: "Yokoten rate"
-- formula_zh: "期末：核定有效满 90 天的提案中，已完成的横展目标 ÷ 适用的横展目标"
-- formula_en: "Targets done / targets found applicable, of proposals verified as effective 90 days ago or more, at the period's end"
-- pitfalls_zh: "完全没有评估的提案不在其中" pitfalls_en: "Proposals that nobody assessed at all are not in it"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JM" board: "" version: 1
-- tps: TPS_ELEMENT_KZ productive_forces: PRODUCTIVE_FORCE_I
-- reads { event: "improvement.ProposalSubmitted" horizon: HORIZON_FORWARD }
-- reads { event: "improvement.ProposalScreened" horizon: HORIZON_FORWARD }
-- reads { event: "improvement.ProposalDeferred" horizon: HORIZON_FORWARD }
-- reads { event: "improvement.ProposalWithdrawn" horizon: HORIZON_FORWARD }
-- reads { event: "improvement.ProposalApproved" horizon: HORIZON_FORWARD }
-- reads { event: "improvement.ProposalRejected" horizon: HORIZON_FORWARD }
-- reads { event: "improvement.ProposalImplemented" horizon: HORIZON_FORWARD }
-- reads { event: "improvement.ProposalVerified" horizon: HORIZON_FORWARD }
-- reads { event: "improvement.ProposalStandardized" horizon: HORIZON_FORWARD }
-- reads { event: "improvement.YokotenAssessed" horizon: HORIZON_FORWARD }
-- reads { event: "improvement.YokotenCompleted" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_PLANT numerator: AGGREGATION_LAST denominator: AGGREGATION_LAST
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_QUARTER
-- source: "DOMAIN 3.2"

SELECT d.plant AS plant, '' AS workshop, '' AS line, d.day AS day, countIf(t.done = 1 AND t.done_day <= d.day) AS numerator, count() AS denominator,
       count() AS observations, 0 AS sum_squares
FROM {scope} AS d
INNER JOIN
(
    SELECT a.plant AS plant, greatest(a.day, p.effective_day + 90) AS from_day, toUInt8(c.there = 1 AND c.occurred_at >= a.occurred_at) AS done,
           c.day AS done_day
    FROM
    (
        SELECT * FROM {facts improvement.YokotenAssessed(proposal_id, target_line_id, applicable)}
        ORDER BY rank DESC LIMIT 1 BY plant, proposal_id, target_line_id
    ) AS a
    INNER JOIN {step proposal} AS p ON p.plant = a.plant AND p.proposal_id = a.proposal_id
    LEFT JOIN
    (
        SELECT *, 1 AS there FROM {facts improvement.YokotenCompleted(proposal_id, target_line_id)}
        ORDER BY rank DESC LIMIT 1 BY plant, proposal_id, target_line_id
    ) AS c ON c.plant = a.plant AND c.proposal_id = a.proposal_id AND c.target_line_id = a.target_line_id
    WHERE a.applicable = 1 AND p.effective = 1
) AS t ON t.plant = d.plant
WHERE t.from_day <= d.day
GROUP BY plant, day

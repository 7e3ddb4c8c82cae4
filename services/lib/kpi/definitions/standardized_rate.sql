-- id: "standardized_rate"
-- name_zh: "改善标准化率" name_en: "Standardized rate"
-- formula_zh: "核定有效后 60 天内进入标准的提案 ÷ 该月核定有效的提案；进入标准 = 列有该提案的版次已发布"
-- formula_en: "Proposals of the month of verification that became part of a standard within 60 days / proposals verified as effective in it; part of a standard: a revision that lists the proposal is released"
-- pitfalls_zh: "版次未发布或未列出该提案的不算完成；不满 60 天的批次尚未定型" pitfalls_en: "A link to a revision that is not released, or does not list the proposal, is not done; a cohort younger than 60 days is not settled yet"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JM" board: "" version: 1
-- tps: TPS_ELEMENT_SW tps: TPS_ELEMENT_KZ productive_forces: PRODUCTIVE_FORCE_M
-- reads { event: "improvement.ProposalSubmitted" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalScreened" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalDeferred" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalWithdrawn" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalApproved" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalRejected" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalImplemented" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalVerified" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalStandardized" horizon: HORIZON_PLANT }
-- reads { event: "standard_work.RevisionDrafted" horizon: HORIZON_PLANT }
-- reads { event: "standard_work.RevisionReleased" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_WILSON min_n: 10 matures_after_d: 60 default_grain: GRAIN_MONTH
-- source: "DOMAIN 3.2"

SELECT p.plant AS plant, p.workshop AS workshop, p.line AS line, p.effective_day AS day,
       toInt64(s.there = 1 AND s.done_day <= p.effective_day + 60) AS numerator, toInt64(1) AS denominator, 1 AS observations, 0 AS sum_squares
FROM {step proposal} AS p
LEFT JOIN (SELECT plant, proposal_id, done_day, 1 AS there FROM {step standardized}) AS s ON s.plant = p.plant AND s.proposal_id = p.proposal_id
WHERE p.effective = 1

-- id: "adoption_rate"
-- name_zh: "采纳率" name_en: "Adoption rate"
-- formula_zh: "批准数 ÷（批准数 + 否决数），按决定日" formula_en: "Approved / (approved + rejected), by day of decision"
-- pitfalls_zh: "暂缓的不计；未提交、已撤回或已决定的提案上的决定不计" pitfalls_en: "Deferred ones do not count; nor do decisions on proposals not submitted, withdrawn or already decided"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JM" board: "C" version: 1
-- tps: TPS_ELEMENT_KZ productive_forces: PRODUCTIVE_FORCE_I
-- reads { event: "improvement.ProposalSubmitted" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalScreened" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalDeferred" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalWithdrawn" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalApproved" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalRejected" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalImplemented" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalVerified" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalStandardized" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_MONTH
-- source: "DOMAIN 2.5 C, 3.2"
-- evidence: "improvement.ProposalApproved" evidence: "improvement.ProposalRejected"

SELECT plant, if(decided_workshop != '', decided_workshop, workshop) AS workshop,
       if(decided_workshop != '' OR decided_line != '', decided_line, line) AS line, decided_day AS day, toInt64(decided = 3) AS numerator,
       toInt64(1) AS denominator, 1 AS observations, 0 AS sum_squares
FROM {step proposal}
WHERE decided != 0

-- id: "implementation_rate"
-- name_zh: "实施率" name_en: "Implementation rate"
-- formula_zh: "提交月内的提案中 90 天内实施的 ÷ 该月提交的提案"
-- formula_en: "Proposals of the month of submission implemented within 90 days / proposals submitted in it"
-- pitfalls_zh: "不满 90 天的批次尚未定型" pitfalls_en: "A cohort younger than 90 days is not settled yet"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JM" board: "" version: 1
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
-- interval: INTERVAL_KIND_WILSON min_n: 10 matures_after_d: 90 default_grain: GRAIN_MONTH
-- source: "DOMAIN 3.2"

SELECT plant, workshop, line, submitted_day AS day, toInt64(implemented = 1 AND implemented_day <= submitted_day + 90) AS numerator,
       toInt64(1) AS denominator, 1 AS observations, 0 AS sum_squares
FROM {step proposal}

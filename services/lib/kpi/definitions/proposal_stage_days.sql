-- id: "proposal_stage_days"
-- name_zh: "各阶段周期" name_en: "Proposal stage days"
-- formula_zh: "各阶段（提交→决定、批准→实施、实施→核定、核定→标准化）天数的中位数，按阶段开始之日；未完成的按未定计"
-- formula_en: "Median days of a stage (submit to decide, approve to implement, implement to verify, verify to standardize), by the day it began; those still in it count as open"
-- pitfalls_zh: "超过一半未完成时为空，只给下限；撤回的不计" pitfalls_en: "Open while more than half are still in the stage: only a lower bound; withdrawn ones do not count"
-- factor: "1" unit_zh: "天" unit_en: "days" decimals: 1
-- direction: DIRECTION_LOWER_IS_BETTER pillar: "JM" board: "" version: 1
-- tps: TPS_ELEMENT_KZ productive_forces: PRODUCTIVE_FORCE_R
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
-- finest_level: LEVEL_LINE numerator: AGGREGATION_VALUES denominator: AGGREGATION_ONE dimension: "stage" no_total: true quantile: "0.5"
-- min_n: 5 has_lower_bound: true default_grain: GRAIN_MONTH
-- source: "DOMAIN 3.2"

-- A stage: name, first day, last day, whether it is over, whether it counts, the instant it began.
SELECT plant, workshop, line, stage.2 AS day, stage.1 AS dim,
       if(stage.4 = 1, toDecimal128(greatest(0, toInt32(stage.3) - toInt32(stage.2)), 6), NULL) AS sample, stage.6 AS open_since
FROM
(
    SELECT p.plant AS plant, p.workshop AS workshop, p.line AS line,
           [('submit_decide', p.submitted_day, p.decided_day, toUInt8(p.decided != 0), toUInt8(p.decided != 0 OR p.withdrawn = 0), p.submitted_at),
            ('approve_implement', p.decided_day, p.implemented_day, toUInt8(p.implemented), toUInt8(p.decided = 3 AND (p.implemented = 1 OR p.withdrawn = 0)), p.decided_at),
            ('implement_verify', p.implemented_day, p.verified_day, toUInt8(p.verified != 0), toUInt8(p.implemented), p.implemented_at),
            ('verify_standardize', p.effective_day, s.done_day, toUInt8(s.there), toUInt8(p.effective), p.effective_at)] AS stages
    FROM {step proposal} AS p
    LEFT JOIN (SELECT plant, proposal_id, done_day, 1 AS there FROM {step standardized}) AS s ON s.plant = p.plant AND s.proposal_id = p.proposal_id
)
ARRAY JOIN stages AS stage
WHERE stage.5 = 1

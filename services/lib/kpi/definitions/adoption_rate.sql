-- id: "adoption_rate"
-- name_zh: "采纳率" name_en: "Adoption rate"
-- formula_zh: "批准数 ÷（批准数 + 否决数），按决定日" formula_en: "Approved / (approved + rejected), by day of decision"
-- pitfalls_zh: "暂缓的不计；未提交、已撤回或已决定的提案上的决定不计" pitfalls_en: "Deferred ones do not count; nor do decisions on proposals not submitted, withdrawn or already decided"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JM" board: "C" version: 1
-- reads { event: "improvement.ProposalSubmitted" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalScreened" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalDeferred" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalWithdrawn" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalApproved" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalRejected" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_MONTH
-- source: "DOMAIN 2.5 C, 3.2"
-- evidence: "improvement.ProposalApproved" evidence: "improvement.ProposalRejected"

-- States: 1 submitted, 2 screened, 3 approved, 4 rejected, 5 deferred, 6 withdrawn. A step that is not legal in the order of
-- time does not count. Where a source knows no screening, a decision on a submitted proposal stands.
SELECT plant, if(decision.3 != '', decision.3, home.3) AS workshop, if(decision.3 != '' OR decision.4 != '', decision.4, home.4) AS line,
       decision.2 AS day, toInt64(decision.1 = 3) AS numerator, toInt64(1) AS denominator, 1 AS observations, 0 AS sum_squares
FROM
(
    SELECT plant, arrayFirst(x -> x.1 = 1, steps) AS home,
           arrayFold((acc, x) -> if(has([1, 12, 52, 13, 23, 14, 24, 15, 25, 16, 26, 56], acc.1 * 10 + x.1), (x.1, if(x.1 IN (3, 4), x, acc.2)), acc),
               steps, (toUInt8(0), (toUInt8(0), toDate32(0), '', ''))).2 AS decision
    FROM
    (
        SELECT plant, proposal_id,
               arrayMap(x -> (x.4, x.5, x.6, x.7), arraySort(groupArray((occurred_at, bitNot(rank), toString(fact_key), kind, day, toString(workshop), toString(line))))) AS steps
        FROM
        (
            SELECT plant, proposal_id, occurred_at, rank, fact_key, toUInt8(1) AS kind, day, workshop, line FROM {facts improvement.ProposalSubmitted(proposal_id)}
            UNION ALL SELECT plant, proposal_id, occurred_at, rank, fact_key, 2, day, workshop, line FROM {facts improvement.ProposalScreened(proposal_id)}
            UNION ALL SELECT plant, proposal_id, occurred_at, rank, fact_key, 3, day, workshop, line FROM {facts improvement.ProposalApproved(proposal_id)}
            UNION ALL SELECT plant, proposal_id, occurred_at, rank, fact_key, 4, day, workshop, line FROM {facts improvement.ProposalRejected(proposal_id)}
            UNION ALL SELECT plant, proposal_id, occurred_at, rank, fact_key, 5, day, workshop, line FROM {facts improvement.ProposalDeferred(proposal_id)}
            UNION ALL SELECT plant, proposal_id, occurred_at, rank, fact_key, 6, day, workshop, line FROM {facts improvement.ProposalWithdrawn(proposal_id)}
        )
        GROUP BY plant, proposal_id
    )
)
WHERE decision.1 != 0

-- Proposals and how far they came: one row per (plant, proposal_id) that was submitted, on the unit of the submission. A step
-- that is not legal in the order of time does not count. decided: 3 approved, 4 rejected, 0 neither; verified: 8 effective, 9 not, 0 neither (the first verdict);
-- implemented, effective, standardized, withdrawn: 1 once it is so. Days are production days (implemented_day: the day named),
-- keys those of the facts.
SELECT plant, proposal_id, path[1].4 AS workshop, path[1].5 AS line, path[1].2 AS submitted_at, path[1].3 AS submitted_day,
       decision.1 AS decided, decision.2 AS decided_at, decision.3 AS decided_day, decision.4 AS decided_workshop,
       decision.5 AS decided_line, work.1 = 7 AS implemented, work.2 AS implemented_at, work.3 AS implemented_day, work.6 AS implemented_key,
       verdict.1 AS verified, verdict.3 AS verified_day, success.1 = 8 AS effective, success.2 AS effective_at,
       success.3 AS effective_day, success.6 AS effective_key, standard.1 = 10 AS standardized, standard.3 AS standardized_day,
       standard.6 AS standardized_key, arrayExists(x -> x.1 = 6, path) AS withdrawn
FROM
(
    SELECT plant, proposal_id, path, arrayFirst(x -> x.1 IN (3, 4), path) AS decision, arrayFirst(x -> x.1 = 7, path) AS work,
           arrayFirst(x -> x.1 IN (8, 9), path) AS verdict, arrayFirst(x -> x.1 = 8, path) AS success,
           arrayFirst(x -> x.1 = 10, path) AS standard
    FROM
    (
        -- 1 submitted, 2 screened, 3 approved, 4 rejected, 5 deferred, 6 withdrawn, 7 implemented, 8 and 9 verified, 10 standardized.
        SELECT plant, proposal_id,
               arrayFold((acc, x) -> if(has({legal proposal(ProposalSubmitted, ProposalScreened, ProposalApproved, ProposalRejected,
                                                ProposalDeferred, ProposalWithdrawn, ProposalImplemented, ProposalVerified[outcome=EFFECTIVE],
                                                ProposalVerified[outcome=INEFFECTIVE], ProposalStandardized)}, acc.1 * 100 + x.1),
                                        (x.1, arrayPushBack(acc.2, x)), acc), steps, (toUInt8(0), arraySlice(steps, 1, 0))).2 AS path
        FROM
        (
            SELECT plant, proposal_id, arrayMap(x -> (x.4, x.1, x.5, x.6, x.7, x.3), arraySort(groupArray((occurred_at, bitNot(rank), toString(fact_key), kind, day,
                       toString(workshop), toString(line))))) AS steps
            FROM
            (
                SELECT plant, proposal_id, occurred_at, rank, fact_key, toUInt8(1) AS kind, day, workshop, line FROM {facts improvement.ProposalSubmitted(proposal_id)}
                UNION ALL SELECT plant, proposal_id, occurred_at, rank, fact_key, 2, day, workshop, line FROM {facts improvement.ProposalScreened(proposal_id)}
                UNION ALL SELECT plant, proposal_id, occurred_at, rank, fact_key, 3, day, workshop, line FROM {facts improvement.ProposalApproved(proposal_id)}
                UNION ALL SELECT plant, proposal_id, occurred_at, rank, fact_key, 4, day, workshop, line FROM {facts improvement.ProposalRejected(proposal_id)}
                UNION ALL SELECT plant, proposal_id, occurred_at, rank, fact_key, 5, day, workshop, line FROM {facts improvement.ProposalDeferred(proposal_id)}
                UNION ALL SELECT plant, proposal_id, occurred_at, rank, fact_key, 6, day, workshop, line FROM {facts improvement.ProposalWithdrawn(proposal_id)}
                UNION ALL SELECT plant, proposal_id, occurred_at, rank, fact_key, 7, implemented_on, workshop, line FROM {facts improvement.ProposalImplemented(proposal_id, implemented_on)}
                UNION ALL SELECT plant, proposal_id, occurred_at, rank, fact_key, if(outcome = 'effective', 8, 9), day, workshop, line FROM {facts improvement.ProposalVerified(proposal_id, outcome)}
                UNION ALL SELECT plant, proposal_id, occurred_at, rank, fact_key, 10, day, workshop, line FROM {facts improvement.ProposalStandardized(proposal_id)}
            )
            GROUP BY plant, proposal_id
        )
    )
    WHERE notEmpty(path)
)

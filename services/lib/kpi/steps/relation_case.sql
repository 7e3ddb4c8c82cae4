-- Cases of job relations and how far they came: one row per (plant, case_id) that was opened, on the workshop of the opening.
-- A step that is not legal in the order of time does not count. path: (kind, instant, production day, day of the next check
-- or NULL, 1 where a closing says resolved) of those that count, in order; kind 1 opened, 4 action taken, 5 result checked,
-- 6 closed.
SELECT plant, workshop, path[1].2 AS opened_at, path[1].3 AS opened_day, path
FROM
(
    SELECT plant, workshop,
           arrayFold((acc, x) -> if(has({legal case(CaseOpened, FactsGathered, ActionDecided, ActionTaken, ResultChecked, CaseClosed, CaseReopened)},
                                        acc.1 * 100 + x.1),
                                    (x.1, arrayPushBack(acc.2, x)), acc), steps, (toUInt8(0), arraySlice(steps, 1, 0))).2 AS path
    FROM
    (
        SELECT plant, argMin(toString(workshop), (kind, occurred_at, bitNot(rank))) AS workshop,
               arrayMap(x -> (x.3, x.1, x.4, x.5, x.6), arraySort(x -> (x.1, x.2, x.3),
                   groupArray((occurred_at, bitNot(rank), kind, day, due, resolved)))) AS steps
        FROM
        (
            SELECT plant, case_id, workshop, occurred_at, rank, toUInt8(1) AS kind, day, CAST(NULL, 'Nullable(Date32)') AS due, toUInt8(0) AS resolved
            FROM {facts relations.CaseOpened(case_id)}
            UNION ALL SELECT plant, case_id, workshop, occurred_at, rank, 2, day, NULL, 0 FROM {facts relations.FactsGathered(case_id)}
            UNION ALL SELECT plant, case_id, workshop, occurred_at, rank, 3, day, NULL, 0 FROM {facts relations.ActionDecided(case_id)}
            UNION ALL SELECT plant, case_id, workshop, occurred_at, rank, 4, day, next_check_on, 0 FROM {facts relations.ActionTaken(case_id, next_check_on)}
            UNION ALL SELECT plant, case_id, workshop, occurred_at, rank, 5, day, next_check_on, 0 FROM {facts relations.ResultChecked(case_id, next_check_on)}
            UNION ALL SELECT plant, case_id, workshop, occurred_at, rank, 6, day, NULL, outcome = 'resolved' FROM {facts relations.CaseClosed(case_id, outcome)}
            UNION ALL SELECT plant, case_id, workshop, occurred_at, rank, 7, day, NULL, 0 FROM {facts relations.CaseReopened(case_id)}
        )
        GROUP BY plant, case_id
    )
)
WHERE notEmpty(path)

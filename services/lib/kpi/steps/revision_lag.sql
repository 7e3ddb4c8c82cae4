-- How long it took to train the people of a revision: one row per (plant, job_id, revision_no) that took effect on a day of the
-- scope and for which people were required, with the unit of the job. closed = 1: lag_us microseconds after effective_from
-- the ceil(0.9 n)-th of them was trained (0 if before). Who left before being trained is not waited for: waited_for of them.
SELECT plant, workshop, line, effective_day, job_id, revision_no, effective_from, toUInt8(length(lags) >= k) AS closed,
       if(length(lags) < k, 0, lags[k]) AS lag_us, waited_for, length(lags) AS trained
FROM
(
    SELECT plant, workshop, line, effective_day, job_id, revision_no, effective_from, countIf(trained = 1 OR present = 1) AS waited_for,
           intDiv(9 * waited_for + 9, 10) AS k,
           arraySort(groupArrayIf(greatest(0, toUnixTimestamp64Micro(trained_at) - toUnixTimestamp64Micro(effective_from)), trained = 1)) AS lags
    FROM {step revision_person}
    GROUP BY plant, workshop, line, effective_day, job_id, revision_no, effective_from
)
WHERE k > 0

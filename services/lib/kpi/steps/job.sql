-- Jobs as they were registered and changed: one row per (plant, job_id, from_day, until_day), until_day exclusive. A change
-- before the registration is out of order and does not count.
SELECT plant, job_id, workshop, line, requires_sw, review_interval_d, required_level, min_qualified, station_ids, from_day,
       least(next_day, if(ended.retired = toDate32(0), toDate32('2299-12-31'), ended.retired)) AS until_day
FROM
(
    SELECT plant, job_id, workshop, line, requires_sw, ifNull(review_interval_d, 365) AS review_interval_d,
           ifNull(required_level, 3) AS required_level, ifNull(min_qualified, 3) AS min_qualified, station_ids, day AS from_day,
           leadInFrame(day, 1, toDate32('2299-12-31')) OVER (PARTITION BY plant, job_id ORDER BY day, occurred_at, rank DESC
               ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next_day
    FROM
    (
        SELECT *, min(if(registers = 1, day, toDate32('2299-12-31'))) OVER (PARTITION BY plant, job_id) AS registered_day
        FROM
        (
            SELECT plant, job_id, workshop, line, requires_sw, review_interval_d, required_level, min_qualified, station_ids, day,
                   occurred_at, rank, 1 AS registers
            FROM {facts standard_work.JobRegistered(job_id, requires_sw, review_interval_d, required_level, min_qualified, station_ids)}
            UNION ALL
            SELECT plant, job_id, workshop, line, requires_sw, review_interval_d, required_level, min_qualified, station_ids, day,
                   occurred_at, rank, 0
            FROM {facts standard_work.JobChanged(job_id, requires_sw, review_interval_d, required_level, min_qualified, station_ids)}
        )
    )
    WHERE day >= registered_day
) AS spans
LEFT JOIN
(
    SELECT plant, job_id, min(day) AS retired FROM {facts standard_work.JobRetired(job_id)} GROUP BY plant, job_id
) AS ended USING (plant, job_id)

-- Rosters that count: one row per chunk (plant, fact_key, copy_rank) with the days [from_day, until_day) its snapshot is in force.
-- Left out: snapshots whose chunks are not all there, and those whose row count falls by more than 20 % against the snapshot
-- of the date before (quarantined; the next roster, if it agrees, counts).
SELECT c.plant AS plant, c.fact_key AS fact_key, c.copy_rank AS copy_rank, s.from_day AS from_day, s.until_day AS until_day
FROM
(
    SELECT plant, as_of_date, snapshot_version, chunk, fact_key, copy_rank
    FROM {facts operations.RosterPublished(as_of_date, snapshot_version, chunk, chunks, row_count)}
    ORDER BY rank DESC LIMIT 1 BY plant, as_of_date, snapshot_version, chunk
) AS c
INNER JOIN
(
    SELECT plant, as_of_date AS from_day, snapshot_version,
           leadInFrame(as_of_date, 1, toDate32('2299-12-31')) OVER (PARTITION BY plant ORDER BY as_of_date
               ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS until_day
    FROM
    (
        SELECT plant, as_of_date, snapshot_version FROM {step roster_snapshot} WHERE quarantined = 0
        ORDER BY snapshot_version DESC LIMIT 1 BY plant, as_of_date
    )
) AS s ON s.plant = c.plant AND s.from_day = c.as_of_date AND s.snapshot_version = c.snapshot_version

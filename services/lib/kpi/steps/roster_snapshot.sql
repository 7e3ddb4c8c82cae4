-- Rosters whose chunks are all there: one row per (plant, as_of_date, snapshot_version) with its number of persons and that of
-- the date before (0: there is none). quarantined = 1: over 20 % fewer than that.
SELECT a.plant AS plant, a.as_of_date AS as_of_date, a.snapshot_version AS snapshot_version, a.persons AS persons,
       if(b.there = 1, b.persons, 0) AS persons_before, b.there = 1 AND a.persons * 5 < b.persons * 4 AS quarantined
FROM
(
    SELECT plant, as_of_date, snapshot_version, sum(row_count) AS persons
    FROM
    (
        SELECT plant, as_of_date, snapshot_version, chunk, chunks, row_count
        FROM {facts operations.RosterPublished(as_of_date, snapshot_version, chunk, chunks, row_count)}
        ORDER BY rank DESC LIMIT 1 BY plant, as_of_date, snapshot_version, chunk
    )
    GROUP BY plant, as_of_date, snapshot_version HAVING count() = max(chunks)
) AS a
ASOF LEFT JOIN
(
    SELECT plant, as_of_date, argMax(persons, snapshot_version) AS persons, 1 AS there
    FROM
    (
        SELECT plant, as_of_date, snapshot_version, sum(row_count) AS persons
        FROM
        (
            SELECT plant, as_of_date, snapshot_version, chunk, chunks, row_count
            FROM {facts operations.RosterPublished(as_of_date, snapshot_version, chunk, chunks, row_count)}
            ORDER BY rank DESC LIMIT 1 BY plant, as_of_date, snapshot_version, chunk
        )
        GROUP BY plant, as_of_date, snapshot_version HAVING count() = max(chunks)
    )
    GROUP BY plant, as_of_date
) AS b ON b.plant = a.plant AND b.as_of_date < a.as_of_date

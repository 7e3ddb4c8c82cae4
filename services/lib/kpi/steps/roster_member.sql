-- Persons on a roster in force in a calendar month, at work or on leave: one row per (plant, workshop, person_ref) and month,
-- with the first day of it on which they are. All months of the years that the round touches.
SELECT plant, workshop, person_ref, toStartOfMonth(on_day) AS month, min(on_day) AS day
FROM
(
    SELECT f.plant AS plant, f.day AS on_day, p.1 AS person_ref, p.2 AS workshop
    FROM
    (
        SELECT r.plant AS plant, greatest(s.from_day, m.first_day) AS day, r.persons AS persons
        FROM
        (
            SELECT plant, fact_key, rank, arrayZip(rows_person_ref, rows_workshop_id, rows_status) AS persons
            FROM {rows operations.RosterPublished}
            WHERE plant IN {plants} AND (plant, fact_key, rank) IN (SELECT plant, fact_key, copy_rank FROM {step roster_span})
        ) AS r
        INNER JOIN {step roster_span} AS s ON s.plant = r.plant AND s.fact_key = r.fact_key AND s.copy_rank = r.rank
        INNER JOIN {months} AS m ON m.plant = r.plant
        WHERE s.from_day <= m.last_day AND m.first_day < s.until_day
    ) AS f
    ARRAY JOIN persons AS p
    WHERE p.3 IN ('active', 'leave')
)
GROUP BY plant, workshop, person_ref, month

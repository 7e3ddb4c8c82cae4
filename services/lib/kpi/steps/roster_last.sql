-- Persons of the plant's latest roster who have not left: one row per (plant, person_ref).
SELECT DISTINCT plant, p.1 AS person_ref
FROM
(
    SELECT plant, arrayZip(rows_person_ref, rows_status) AS persons
    FROM {rows operations.RosterPublished}
    WHERE plant IN {plants}
      AND (plant, fact_key, rank) IN (SELECT plant, fact_key, copy_rank FROM {step roster_span} WHERE until_day = toDate32('2299-12-31'))
)
ARRAY JOIN persons AS p
WHERE p.2 != 'left'

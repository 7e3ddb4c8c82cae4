-- Persons of the rosters in force on any day of the scope: one row per (plant, person_ref) and roster, with the days
-- [from_day, until_day) it is in force and the person's unit, role, status and assignments.
SELECT f.plant AS plant, f.from_day AS from_day, f.until_day AS until_day, p.1 AS person_ref, p.2 AS workshop, p.3 AS line,
       p.4 AS role, p.5 AS worker_type, p.6 AS status, p.7 AS leave_from, p.8 AS job_ids, p.9 AS from_dates, p.10 AS to_dates
FROM
(
    SELECT r.plant AS plant, s.from_day AS from_day, s.until_day AS until_day,
           arrayZip(r.rows_person_ref, r.rows_workshop_id, r.rows_line_id, r.rows_role, r.rows_worker_type, r.rows_status,
                    r.rows_leave_from, r.rows_assignments_job_id, r.rows_assignments_from_date, r.rows_assignments_to_date) AS persons
    FROM
    (
        SELECT * FROM {rows operations.RosterPublished}
        WHERE plant IN {plants} AND (plant, fact_key, rank) IN (SELECT plant, fact_key, copy_rank FROM {step roster_span})
    ) AS r
    INNER JOIN
    (
        SELECT DISTINCT plant, fact_key, copy_rank, from_day, until_day FROM {step roster_span} AS x
        INNER JOIN {scope} AS d ON d.plant = x.plant WHERE x.from_day <= d.day AND d.day < x.until_day
    ) AS s ON s.plant = r.plant AND s.fact_key = r.fact_key AND s.copy_rank = r.rank
) AS f
ARRAY JOIN persons AS p

-- The required set R(job, day): one row per (plant, day, person_ref, job_id) of persons with an open assignment to a job that
-- needs standard work, at work or on leave for at most 30 days. The unit is the person's.
SELECT DISTINCT a.plant AS plant, d.day AS day, a.person_ref AS person_ref, a.job_id AS job_id, a.workshop AS workshop,
       a.line AS line
FROM
(
    SELECT plant, from_day, until_day, person_ref, workshop, line, status, leave_from, j.1 AS job_id, j.2 AS from_date,
           j.3 AS to_date
    FROM {step roster_person}
    ARRAY JOIN arrayZip(job_ids, from_dates, to_dates) AS j
    WHERE status IN ('active', 'leave')
) AS a
INNER JOIN {scope} AS d ON d.plant = a.plant
WHERE a.from_day <= d.day AND d.day < a.until_day AND a.from_date <= d.day AND (a.to_date IS NULL OR a.to_date >= d.day)
  AND (a.status = 'active' OR a.leave_from IS NULL OR a.leave_from + 30 >= d.day)

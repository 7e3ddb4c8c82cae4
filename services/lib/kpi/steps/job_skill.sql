-- Jobs that need standard work and are not retired, at the end of each production day: one row per (plant, day, job_id) with
-- the number of persons of the required level: holders, and those of them the job is assigned to (qualified).
SELECT j.plant AS plant, j.day AS day, j.job_id AS job_id, j.workshop AS workshop, j.line AS line, j.min_qualified AS min_qualified,
       uniqExactIf(s.person_ref, s.person_ref != '' AND s.level >= j.required_level) AS holders,
       uniqExactIf(s.person_ref, s.person_ref != '' AND s.level >= j.required_level AND s.assigned = 1) AS qualified
FROM
(
    SELECT d.plant AS plant, d.day AS day, k.job_id AS job_id, k.workshop AS workshop, k.line AS line,
           k.required_level AS required_level, k.min_qualified AS min_qualified
    FROM {scope} AS d
    INNER JOIN {step job} AS k ON k.plant = d.plant
    WHERE k.from_day <= d.day AND d.day < k.until_day AND k.requires_sw = 1
) AS j
LEFT JOIN {step skill_day} AS s ON s.plant = j.plant AND s.day = j.day AND s.job_id = j.job_id
GROUP BY plant, day, job_id, workshop, line, min_qualified

-- Standards at the end of each production day: one row per (plant, day, job_id) of jobs that need standard work and are not
-- retired, with the revision in force (the highest released one that has taken effect and is not withdrawn; 0: none).
SELECT j.plant AS plant, j.day AS day, j.job_id AS job_id, j.workshop AS workshop, j.line AS line,
       j.review_interval_d AS review_interval_d,
       maxIf(r.revision_no, r.effective_day <= j.day AND j.day < r.withdrawn_day) AS revision_no,
       argMaxIf(r.effective_day, r.revision_no, r.effective_day <= j.day AND j.day < r.withdrawn_day) AS effective_day,
       argMaxIf(r.base_no, r.revision_no, r.effective_day <= j.day AND j.day < r.withdrawn_day) AS base_no
FROM
(
    SELECT s.plant AS plant, s.day AS day, k.job_id AS job_id, k.workshop AS workshop, k.line AS line,
           k.review_interval_d AS review_interval_d
    FROM {scope} AS s
    INNER JOIN {step job} AS k ON k.plant = s.plant
    WHERE k.from_day <= s.day AND s.day < k.until_day AND k.requires_sw = 1
) AS j
LEFT JOIN {step revision} AS r ON r.plant = j.plant AND r.job_id = j.job_id
GROUP BY plant, day, job_id, workshop, line, review_interval_d

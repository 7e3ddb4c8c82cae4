-- Pairs that have to be trained at the end of each production day: one row per (plant, day, person_ref, job_id) of the required
-- set whose job needs standard work, with the revision in force (0: none) and whether the person is trained on it.
SELECT q.plant AS plant, q.workshop AS workshop, q.line AS line, q.day AS day, q.person_ref AS person_ref, q.job_id AS job_id,
       s.revision_no AS revision_no, s.effective_day AS effective_day,
       max(t.job_id != '' AND s.revision_no > 0 AND t.revision_no <= s.revision_no AND t.revision_no >= s.base_no
           AND t.day <= q.day AND q.day < t.until_day) AS hit
FROM {step required} AS q
INNER JOIN {step standard_day} AS s ON s.plant = q.plant AND s.day = q.day AND s.job_id = q.job_id
LEFT JOIN {step trained} AS t ON t.plant = q.plant AND t.person_ref = q.person_ref AND t.job_id = q.job_id
GROUP BY plant, workshop, line, day, person_ref, job_id, s.revision_no, s.effective_day

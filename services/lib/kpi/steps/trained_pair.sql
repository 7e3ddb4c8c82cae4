-- Pairs that have to be trained at the end of each production day: one row per (plant, day, person_ref, job_id) of the required
-- set whose job needs standard work, the unit being the person's, with the revision in force (0: none) and base_no, the lowest
-- whose training counts for it. hit = 1: trained on it, since since_day; behind_no: the highest older revision whose training
-- has not ended (0: none).
SELECT q.plant AS plant, q.workshop AS workshop, q.line AS line, q.day AS day, q.person_ref AS person_ref, q.job_id AS job_id,
       s.revision_no AS revision_no, s.effective_day AS effective_day, s.base_no AS base_no,
       max(t.job_id != '' AND s.revision_no > 0 AND t.revision_no <= s.revision_no AND t.revision_no >= s.base_no
           AND t.day <= q.day AND q.day < t.until_day) AS hit,
       minIf(t.day, t.job_id != '' AND s.revision_no > 0 AND t.revision_no <= s.revision_no AND t.revision_no >= s.base_no
           AND t.day <= q.day AND q.day < t.until_day) AS since_day,
       maxIf(t.revision_no, t.job_id != '' AND t.revision_no < s.base_no AND t.day <= q.day AND q.day < t.until_day) AS behind_no
FROM {step required} AS q
INNER JOIN {step standard_day} AS s ON s.plant = q.plant AND s.day = q.day AND s.job_id = q.job_id
LEFT JOIN {step trained} AS t ON t.plant = q.plant AND t.person_ref = q.person_ref AND t.job_id = q.job_id
GROUP BY plant, workshop, line, day, person_ref, job_id, s.revision_no, s.effective_day, s.base_no

-- Persons a revision has to reach: one row per (plant, job_id, revision_no, person_ref) required on the day it took effect, of
-- revisions that took effect on a day of the scope, with the unit of the job. trained = 1: trained on it, first at
-- trained_at; present = 1: still on the plant's latest roster.
SELECT v.plant AS plant, v.workshop AS workshop, v.line AS line, v.effective_day AS effective_day, v.job_id AS job_id,
       v.revision_no AS revision_no, v.effective_from AS effective_from, q.person_ref AS person_ref,
       max(t.job_id != '' AND t.revision_no <= v.revision_no AND t.revision_no >= v.base_no AND t.until_day > v.effective_day) AS trained,
       minIf(t.occurred_at, t.job_id != '' AND t.revision_no <= v.revision_no
           AND t.revision_no >= v.base_no AND t.until_day > v.effective_day) AS trained_at,
       max(here.person_ref != '') AS present
FROM
(
    SELECT r.plant AS plant, s.workshop AS workshop, s.line AS line, r.effective_day AS effective_day, r.job_id AS job_id,
           r.revision_no AS revision_no, r.base_no AS base_no, r.effective_from AS effective_from
    FROM {step revision} AS r
    INNER JOIN {step standard_day} AS s ON s.plant = r.plant AND s.job_id = r.job_id AND s.day = r.effective_day
    WHERE r.withdrawn_day > r.effective_day
) AS v
INNER JOIN
(
    -- As step required, but of the days alone on which a revision took effect: all days would be hundreds of times as many.
    SELECT DISTINCT a.plant AS plant, e.effective_day AS day, a.person_ref AS person_ref, a.job_id AS job_id
    FROM
    (
        SELECT plant, from_day, until_day, person_ref, status, leave_from, j.1 AS job_id, j.2 AS from_date, j.3 AS to_date
        FROM {step roster_person}
        ARRAY JOIN arrayZip(job_ids, from_dates, to_dates) AS j
        WHERE status IN ('active', 'leave')
    ) AS a
    INNER JOIN {step revision} AS e ON e.plant = a.plant AND e.job_id = a.job_id
    WHERE a.from_day <= e.effective_day AND e.effective_day < a.until_day AND a.from_date <= e.effective_day
      AND (a.to_date IS NULL OR a.to_date >= e.effective_day)
      AND (a.status = 'active' OR a.leave_from IS NULL OR a.leave_from + 30 >= e.effective_day)
) AS q ON q.plant = v.plant AND q.job_id = v.job_id AND q.day = v.effective_day
LEFT JOIN {step trained} AS t ON t.plant = v.plant AND t.person_ref = q.person_ref AND t.job_id = v.job_id
LEFT JOIN {step roster_last} AS here ON here.plant = v.plant AND here.person_ref = q.person_ref
GROUP BY plant, workshop, line, effective_day, job_id, revision_no, effective_from, person_ref

-- event: "RetrainingDue" lookback_d: 400

-- A person trained on it later is left out; 14 days are the time allowed.
SELECT u.plant AS plant, u.workshop AS workshop, u.line AS line, concat('skill/', u.person_ref, '/', u.job_id) AS entity,
       u.effective_from AS due_at, [('standard_work.RevisionReleased', u.source, u.event_id)] AS evidence,
       u.person_ref AS person_ref, u.job_id AS job_id, u.revision_no AS revision_no, toString(u.effective_day + 14) AS due_on
FROM {step untrained} AS u
INNER JOIN {scope} AS d ON d.plant = u.plant
WHERE u.effective_from <= d.ends_at

-- event: "RetrainingDue" lookback_d: 400

-- A person trained on it later is left out; 14 days are the time allowed.
SELECT plant, workshop, line, concat('skill/', person_ref, '/', job_id) AS entity, effective_from AS due_at,
       [('standard_work.RevisionReleased', source, event_id)] AS evidence, person_ref, job_id, revision_no,
       toString(effective_day + 14) AS due_on
FROM {step untrained}

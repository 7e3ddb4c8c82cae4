-- Pairs of trained_pair that are not trained although a revision is in force: one row per (plant, day, person_ref, job_id), with
-- the release's event.
SELECT p.plant AS plant, p.workshop AS workshop, p.line AS line, p.day AS day, p.person_ref AS person_ref, p.job_id AS job_id,
       p.revision_no AS revision_no, p.effective_day AS effective_day, r.effective_from AS effective_from,
       toString(r.source) AS source, r.event_id AS event_id
FROM {step trained_pair} AS p
INNER JOIN
(
    SELECT plant, job_id, revision_no, effective_from, source, event_id
    FROM {facts standard_work.RevisionReleased(job_id, revision_no, effective_from)}
    ORDER BY rank DESC LIMIT 1 BY plant, job_id, revision_no
) AS r ON r.plant = p.plant AND r.job_id = p.job_id AND r.revision_no = p.revision_no
WHERE p.hit = 0 AND p.revision_no > 0

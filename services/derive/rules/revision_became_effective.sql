-- event: "RevisionBecameEffective" lookback_d: 31

SELECT r.plant AS plant, '' AS workshop, '' AS line, concat('job/', r.job_id) AS entity, r.effective_from AS due_at,
       [('standard_work.RevisionReleased', toString(f.source), f.event_id)] AS evidence,
       r.job_id AS job_id, r.revision_no AS revision_no, f.retraining_required AS retraining_required,
       maxIf(o.revision_no, o.revision_no < r.revision_no AND o.effective_from <= r.effective_from AND o.withdrawn_day > r.effective_day)
           AS superseded_revision_no
FROM {step revision} AS r
INNER JOIN
(
    SELECT plant, job_id, revision_no, source, event_id, retraining_required
    FROM {facts standard_work.RevisionReleased(job_id, revision_no, retraining_required)}
    ORDER BY rank DESC LIMIT 1 BY plant, job_id, revision_no
) AS f ON f.plant = r.plant AND f.job_id = r.job_id AND f.revision_no = r.revision_no
INNER JOIN {step revision} AS o ON o.plant = r.plant AND o.job_id = r.job_id
INNER JOIN {scope} AS d ON d.plant = r.plant
WHERE r.effective_day < r.withdrawn_day AND r.effective_from <= d.ends_at
GROUP BY plant, entity, due_at, evidence, job_id, revision_no, retraining_required
HAVING max(o.revision_no > r.revision_no AND o.effective_from <= r.effective_from AND o.withdrawn_day > r.effective_day) = 0

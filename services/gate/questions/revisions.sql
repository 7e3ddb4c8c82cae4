-- Released revisions with the event of their release.
SELECT r.plant AS plant, r.job_id AS job_id, r.revision_no AS revision_no, r.base_no AS base_no,
       toUnixTimestamp64Micro(r.effective_from) AS effective_us, toInt32(r.withdrawn_day) AS withdrawn_day,
       toString(f.source) AS source, f.event_id AS event_id
FROM {step revision} AS r
INNER JOIN
(
    SELECT plant, job_id, revision_no, source, event_id FROM {facts standard_work.RevisionReleased(job_id, revision_no)}
    ORDER BY rank DESC LIMIT 1 BY plant, job_id, revision_no
) AS f ON f.plant = r.plant AND f.job_id = r.job_id AND f.revision_no = r.revision_no

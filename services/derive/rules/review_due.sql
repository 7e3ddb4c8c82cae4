-- event: "AlertRaised" severity: SEVERITY_YELLOW owner_role: "ie"
-- title_zh: "标准须在 14 天内复审" title_en: "A standard is to be reviewed within 14 days"

SELECT s.plant AS plant, s.workshop AS workshop, s.line AS line, concat('job/', s.job_id) AS entity,
       toDateTime64(greatest(s.effective_day, r.reviewed_day) + s.review_interval_d - 14, 6, 'UTC') AS due_at,
       [('standard_work.RevisionReleased', toString(f.source), f.event_id)] AS evidence,
       concat(s.job_id, ' ', toString(s.revision_no), ' ', toString(greatest(s.effective_day, r.reviewed_day) + s.review_interval_d)) AS detail
FROM {step standard_day} AS s
INNER JOIN
(
    SELECT plant, job_id, revision_no, source, event_id FROM {facts standard_work.RevisionReleased(job_id, revision_no)}
    ORDER BY rank DESC LIMIT 1 BY plant, job_id, revision_no
) AS f ON f.plant = s.plant AND f.job_id = s.job_id AND f.revision_no = s.revision_no
LEFT JOIN
(
    SELECT plant, job_id, revision_no, max(day) AS reviewed_day FROM {facts standard_work.RevisionReviewed(job_id, revision_no)}
    GROUP BY plant, job_id, revision_no
) AS r ON r.plant = s.plant AND r.job_id = s.job_id AND r.revision_no = s.revision_no
WHERE s.revision_no > 0 AND greatest(s.effective_day, r.reviewed_day) + s.review_interval_d - 14 <= s.day

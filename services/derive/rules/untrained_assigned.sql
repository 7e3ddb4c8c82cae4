-- event: "AlertRaised" severity: SEVERITY_RED owner_role: "team_leader"
-- title_zh: "在岗人员超过宽限期仍未按现行版次训练" title_en: "Assigned to a job, untrained on the revision in force beyond the 14 days of grace"

SELECT plant, workshop, line, concat('skill/', person_ref, '/', job_id) AS entity, toDateTime64(effective_day + 15, 6, 'UTC') AS due_at,
       [('standard_work.RevisionReleased', source, event_id)] AS evidence,
       concat(person_ref, ' ', job_id, ' ', toString(revision_no)) AS detail
FROM {step untrained}
WHERE effective_day + 14 < day

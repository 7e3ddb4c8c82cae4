-- event: "AuditMissed" lookback_d: 31

SELECT a.plant AS plant, a.workshop AS workshop, a.line AS line, a.entity AS entity, toDateTime64(a.due_to + 1, 6, 'UTC') AS due_at,
       [('rollout.AuditScheduled', toString(a.source), a.event_id)] AS evidence, a.audit_id AS audit_id, a.layer AS layer,
       a.job_id AS job_id, toString(a.due_to) AS due_to
FROM {facts rollout.AuditScheduled(audit_id, layer, job_id, due_to)} AS a
INNER JOIN {scope} AS d ON d.plant = a.plant
WHERE a.due_to < d.day
  AND (a.plant, a.audit_id) NOT IN (SELECT plant, audit_id FROM {facts rollout.AuditPerformed(audit_id)})

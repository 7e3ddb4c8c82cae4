-- An audit that was not made by the last day of its window is missed.
SELECT plant, audit_id, '@due' AS event, toDateTime64(max(due_to) + 1, 6, 'UTC') AS at
FROM {facts rollout.AuditScheduled(audit_id, due_to)} GROUP BY plant, audit_id

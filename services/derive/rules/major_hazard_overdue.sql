-- event: "AlertRaised" severity: SEVERITY_RED owner_role: "ehs"
-- title_zh: "重大隐患整改逾期" title_en: "Countermeasure of a major hazard overdue"

SELECT h.plant AS plant, h.workshop AS workshop, h.line AS line, h.entity AS entity, toDateTime64(c.due_date + 1, 6, 'UTC') AS due_at,
       [('safety.HazardIdentified', toString(h.source), h.event_id), ('safety.CountermeasureDecided', toString(c.source), c.event_id)] AS evidence,
       concat(h.hazard_id, ' ', toString(c.due_date)) AS detail
FROM (SELECT * FROM {facts safety.HazardIdentified(hazard_id, grade)} ORDER BY rank DESC LIMIT 1 BY plant, hazard_id) AS h
INNER JOIN
(
    SELECT plant, hazard_id, due_date, source, event_id, occurred_at FROM {facts safety.CountermeasureDecided(hazard_id, attempt, due_date)}
    ORDER BY occurred_at DESC, attempt DESC, rank DESC LIMIT 1 BY plant, hazard_id
) AS c ON c.plant = h.plant AND c.hazard_id = h.hazard_id
INNER JOIN {scope} AS d ON d.plant = h.plant
LEFT JOIN
(
    SELECT plant, hazard_id, max(occurred_at) AS done_at, 1 AS done FROM {facts safety.CountermeasureDone(hazard_id)} GROUP BY plant, hazard_id
) AS f ON f.plant = h.plant AND f.hazard_id = h.hazard_id
WHERE h.grade = 'major' AND c.due_date < d.day AND (f.done = 0 OR f.done_at < c.occurred_at)
  AND (h.plant, h.hazard_id) NOT IN (SELECT plant, hazard_id FROM {step hazard_ended})

-- Cases of injury and illness known one by one: work-related, of employees and supervised temps, as last classified; one row
-- per (plant, incident_id, case_no), on the day and unit of the incident. None while the plant reports safety by period.
SELECT i.plant AS plant, i.workshop AS workshop, i.line AS line, i.day AS day, i.incident_id AS incident_id, c.case_no AS case_no,
       c.outcome AS outcome, c.outcome IN ('death', 'dafw', 'djtr', 'other_recordable') AS recordable, c.severity AS severity,
       c.severity IN ('minor', 'serious', 'fatal') AS injured, c.dafw_days AS dafw_days
FROM
(
    SELECT n.plant AS plant, n.workshop AS workshop, n.line AS line, n.day AS day, n.incident_id AS incident_id
    FROM (SELECT * FROM {facts safety.IncidentReported(incident_id)} ORDER BY rank DESC LIMIT 1 BY plant, incident_id) AS n
    ASOF LEFT JOIN {step safety_mode} AS m ON m.plant = n.plant AND m.valid_from <= n.day
    WHERE m.mode != 'aggregated'
) AS i
INNER JOIN
(
    SELECT plant, incident_id, case_no, argMax(work_related, (attempt, occurred_at)) AS related,
           argMax(toString(osha_outcome), (attempt, occurred_at)) AS outcome, argMax(toString(gb_severity), (attempt, occurred_at)) AS severity,
           argMax(toString(worker_type), (attempt, occurred_at)) AS type, min(attempt) AS first_attempt, max(days) AS dafw_days
    FROM
    (
        SELECT plant, incident_id, case_no, work_related, osha_outcome, gb_severity, worker_type, 0 AS attempt, occurred_at,
               ifNull(dafw_days, 0) AS days
        FROM {facts safety.IncidentClassified(incident_id, case_no, work_related, osha_outcome, gb_severity, worker_type, dafw_days)}
        UNION ALL
        SELECT plant, incident_id, case_no, work_related, osha_outcome, gb_severity, worker_type, attempt, occurred_at, 0
        FROM {facts safety.IncidentReclassified(incident_id, case_no, attempt, work_related, osha_outcome, gb_severity, worker_type)}
    )
    GROUP BY plant, incident_id, case_no
) AS c ON c.plant = i.plant AND c.incident_id = i.incident_id
WHERE c.related = 1 AND c.type IN ('employee', 'supervised_temp') AND c.first_attempt = 0

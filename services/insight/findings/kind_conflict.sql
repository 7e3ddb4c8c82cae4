-- zh: "未遂或财产损失事件却有伤害分类；请更正事件类型或分类"
-- en: "a near miss or property damage with an injury outcome; correct the kind or the classification"
SELECT c.plant AS plant, c.event_type AS event_type, c.entity AS entity, c.source AS source, c.event_id AS event_id, c.recorded_at AS recorded_at,
       concat(toString(r.kind), ' ', c.outcome) AS detail
FROM
(
    SELECT plant, incident_id, event_type, entity, source, event_id, recorded_at, outcome
    FROM
    (
        SELECT plant, incident_id, case_no, 'safety.IncidentClassified' AS event_type, entity, source, event_id, recorded_at, occurred_at, rank,
               toString(osha_outcome) AS outcome
        FROM {facts safety.IncidentClassified(incident_id, case_no, osha_outcome)}
        UNION ALL
        SELECT plant, incident_id, case_no, 'safety.IncidentReclassified', entity, source, event_id, recorded_at, occurred_at, rank, toString(osha_outcome)
        FROM {facts safety.IncidentReclassified(incident_id, case_no, osha_outcome)}
    )
    ORDER BY occurred_at DESC, rank LIMIT 1 BY plant, incident_id, case_no
) AS c
INNER JOIN {facts safety.IncidentReported(incident_id, kind)} AS r ON r.plant = c.plant AND r.incident_id = c.incident_id
WHERE r.kind IN ('near_miss', 'property') AND c.outcome NOT IN ('', 'none')

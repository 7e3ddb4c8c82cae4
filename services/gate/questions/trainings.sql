-- Trainings that count now or later, with their events.
SELECT t.plant AS plant, t.person_ref AS person_ref, t.job_id AS job_id, t.revision_no AS revision_no, toInt32(t.day) AS from_day,
       toInt32(t.until_day) AS until_day, toUnixTimestamp64Micro(t.occurred_at) AS at_us, f.event_type AS event_type,
       f.source AS source, f.event_id AS event_id
FROM {step trained} AS t
INNER JOIN {scope} AS d ON d.plant = t.plant
INNER JOIN
(
    SELECT plant, person_ref, job_id, revision_no, occurred_at, event_type, source, event_id
    FROM
    (
        SELECT plant, person_ref, job_id, revision_no, occurred_at, rank, 'training.SessionCompleted' AS event_type, toString(source) AS source, event_id
        FROM {facts training.SessionCompleted(result, person_ref, job_id, revision_no)} WHERE result = 'pass'
        UNION ALL
        SELECT plant, person_ref, job_id, revision_no, occurred_at, rank, 'training.SkillLevelAssessed', toString(source), event_id
        FROM {facts training.SkillLevelAssessed(person_ref, job_id, revision_no, level)} WHERE level >= 2
    )
    ORDER BY rank DESC LIMIT 1 BY plant, person_ref, job_id, revision_no, occurred_at
) AS f ON f.plant = t.plant AND f.person_ref = t.person_ref AND f.job_id = t.job_id AND f.revision_no = t.revision_no
    AND f.occurred_at = t.occurred_at
WHERE t.until_day > d.day

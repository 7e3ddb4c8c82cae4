-- Levels that hold now or later, with the event of their assessment.
SELECT k.plant AS plant, k.person_ref AS person_ref, k.job_id AS job_id, k.level AS level, toInt32(k.from_day) AS from_day,
       toInt32(k.until_day) AS until_day, toString(f.source) AS source, f.event_id AS event_id
FROM {step skill_span} AS k
INNER JOIN {scope} AS d ON d.plant = k.plant
INNER JOIN
(
    SELECT plant, person_ref, job_id, day, level, source, event_id FROM {facts training.SkillLevelAssessed(person_ref, job_id, level)}
    ORDER BY occurred_at DESC, rank DESC LIMIT 1 BY plant, person_ref, job_id, day, level
) AS f ON f.plant = k.plant AND f.person_ref = k.person_ref AND f.job_id = k.job_id AND f.day = k.from_day AND f.level = k.level
WHERE k.until_day > d.day

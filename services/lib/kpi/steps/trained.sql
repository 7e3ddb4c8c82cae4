-- Training that counts: one row per (plant, person_ref, job_id, revision_no) and event, counting on the days
-- [day, until_day): sessions passed under a trainer whose JI certificate was valid that day, and skill levels of 2 or more.
-- A later revocation, or a later assessment below 2, ends it; a level's own expiry too.
SELECT t.plant AS plant, t.person_ref AS person_ref, t.job_id AS job_id, t.revision_no AS revision_no,
       t.occurred_at AS occurred_at, t.day AS day,
       least(t.expiry_day, if(e.end_day = toDate32(0), toDate32('2299-12-31'), e.end_day)) AS until_day
FROM
(
    SELECT s.plant AS plant, s.person_ref AS person_ref, s.job_id AS job_id, s.revision_no AS revision_no,
           s.occurred_at AS occurred_at, s.day AS day, toDate32('2299-12-31') AS expiry_day
    FROM {facts training.SessionCompleted(result, trainer_ref, person_ref, job_id, revision_no)} AS s
    INNER JOIN {step certified} AS c ON c.plant = s.plant AND c.trainer_ref = s.trainer_ref
    WHERE s.result = 'pass' AND c.valid_from <= s.day AND s.day <= c.valid_until
    GROUP BY plant, person_ref, job_id, revision_no, occurred_at, day
    UNION ALL
    SELECT plant, person_ref, job_id, revision_no, occurred_at, day, ifNull(valid_until + 1, toDate32('2299-12-31'))
    FROM {facts training.SkillLevelAssessed(person_ref, job_id, revision_no, level, valid_until)} WHERE level >= 2
) AS t
ASOF LEFT JOIN
(
    SELECT plant, person_ref, job_id, occurred_at, day AS end_day
    FROM {facts training.SkillLevelRevoked(person_ref, job_id)}
    UNION ALL
    SELECT plant, person_ref, job_id, occurred_at, day
    FROM {facts training.SkillLevelAssessed(person_ref, job_id, level)} WHERE level < 2
) AS e ON e.plant = t.plant AND e.person_ref = t.person_ref AND e.job_id = t.job_id AND e.occurred_at > t.occurred_at

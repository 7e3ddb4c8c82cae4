-- Skill levels of 1 or more: one row per (plant, person_ref, job_id) and assessment, with the days [from_day, until_day) it
-- holds: until the next assessment, a revocation, or the day after its own last one.
SELECT plant, person_ref, job_id, level, from_day, least(next_day, expiry_day) AS until_day
FROM
(
    SELECT plant, person_ref, job_id, level, day AS from_day, expiry_day,
           leadInFrame(day, 1, toDate32('2299-12-31')) OVER (PARTITION BY plant, person_ref, job_id ORDER BY day, occurred_at, rank DESC
               ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next_day
    FROM
    (
        SELECT plant, person_ref, job_id, level, day, occurred_at, rank, ifNull(valid_until + 1, toDate32('2299-12-31')) AS expiry_day
        FROM {facts training.SkillLevelAssessed(person_ref, job_id, level, valid_until)}
        UNION ALL
        SELECT plant, person_ref, job_id, 0, day, occurred_at, rank, toDate32('2299-12-31')
        FROM {facts training.SkillLevelRevoked(person_ref, job_id)}
    )
)
WHERE level > 0 AND from_day < least(next_day, expiry_day)

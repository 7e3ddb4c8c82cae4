-- Internal trainers active at the end of each production day: one row per (plant, day, trainer_ref, pillar) with the person's
-- workshop. Active: certified for the pillar, not suspended, and on the plant's roster, at work or on leave for at most 30 days.
SELECT t.plant AS plant, t.day AS day, t.trainer_ref AS trainer_ref, t.pillar AS pillar, any_workshop AS workshop
FROM
(
    SELECT c.plant AS plant, d.day AS day, c.trainer_ref AS trainer_ref, c.pillar AS pillar, max(toString(p.workshop)) AS any_workshop
    FROM {step trainer_certificate} AS c
    INNER JOIN {step roster_person} AS p ON p.plant = c.plant AND p.person_ref = c.trainer_ref
    INNER JOIN {scope} AS d ON d.plant = c.plant
    WHERE c.from_day <= d.day AND d.day < c.until_day AND p.from_day <= d.day AND d.day < p.until_day
      AND (p.status = 'active' OR p.status = 'leave' AND (p.leave_from IS NULL OR p.leave_from + 30 >= d.day))
    GROUP BY plant, day, trainer_ref, pillar
) AS t
LEFT JOIN {step trainer_suspended} AS s ON s.plant = t.plant AND s.trainer_ref = t.trainer_ref AND s.pillar = t.pillar
GROUP BY plant, day, trainer_ref, pillar, workshop
HAVING max(s.from_day <= t.day AND t.day < s.until_day) = 0

-- Suspensions of trainers who were active: one row per (plant, trainer_ref, pillar) and suspension with the days [from_day,
-- until_day) it lasts: until the trainer is reinstated, or the certificates held when it began have ended.
SELECT s.plant AS plant, s.trainer_ref AS trainer_ref, upper(toString(s.pillar)) AS pillar, s.day AS from_day,
       least(max(c.until_day), if(min(r.day) = toDate32(0), toDate32('2299-12-31'), min(r.day))) AS until_day
FROM {facts training.TrainerSuspended(trainer_ref, pillar, suspension)} AS s
INNER JOIN {step trainer_certificate} AS c ON c.plant = s.plant AND c.trainer_ref = s.trainer_ref AND c.pillar = upper(toString(s.pillar))
LEFT JOIN {facts training.TrainerReinstated(trainer_ref, pillar, suspension)} AS r
    ON r.plant = s.plant AND r.trainer_ref = s.trainer_ref AND r.pillar = s.pillar AND r.suspension = s.suspension AND r.occurred_at >= s.occurred_at
WHERE c.from_day <= s.day AND s.day < c.until_day
GROUP BY plant, trainer_ref, pillar, from_day, s.suspension

-- Certificates of internal trainers: one row per (plant, trainer_ref, pillar) and certificate with the days [from_day,
-- until_day) it holds; a revocation ends those of its grade that had begun.
SELECT c.plant AS plant, c.trainer_ref AS trainer_ref, upper(toString(c.pillar)) AS pillar, c.valid_from AS from_day,
       least(c.valid_until + 1, if(min(r.day) = toDate32(0), toDate32('2299-12-31'), min(r.day))) AS until_day
FROM {facts training.TrainerCertified(trainer_ref, pillar, grade, valid_from, valid_until)} AS c
LEFT JOIN {facts training.TrainerCertificateRevoked(trainer_ref, pillar, grade)} AS r
    ON r.plant = c.plant AND r.trainer_ref = c.trainer_ref AND r.pillar = c.pillar AND r.grade = c.grade AND r.day >= c.valid_from
GROUP BY plant, trainer_ref, pillar, from_day, c.grade, c.valid_until

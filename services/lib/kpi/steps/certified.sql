-- JI certificates: one row per (plant, trainer_ref, valid_from, valid_until), both days inclusive; a revocation ends those
-- that had begun.
SELECT c.plant AS plant, c.trainer_ref AS trainer_ref, c.valid_from AS valid_from,
       if(min(r.revoked_day) = toDate32(0), c.valid_until, least(c.valid_until, min(r.revoked_day) - 1)) AS valid_until
FROM {facts training.TrainerCertified(trainer_ref, pillar, grade, valid_from, valid_until)} AS c
LEFT JOIN
(
    SELECT plant, trainer_ref, grade, day AS revoked_day
    FROM {facts training.TrainerCertificateRevoked(trainer_ref, pillar, grade)} WHERE pillar = 'ji'
) AS r ON r.plant = c.plant AND r.trainer_ref = c.trainer_ref AND r.grade = c.grade AND r.revoked_day >= c.valid_from
WHERE c.pillar = 'ji'
GROUP BY plant, trainer_ref, grade, valid_from, c.valid_until

-- A certificate expires after its last day, unless another one holds the next day.
SELECT c.plant AS plant, c.trainer_ref AS trainer_ref, c.pillar AS pillar, '@expired' AS event, toDateTime64(c.valid_until + 1, 6, 'UTC') AS at
FROM {facts training.TrainerCertified(trainer_ref, pillar, valid_from, valid_until)} AS c
LEFT JOIN
(
    SELECT plant, trainer_ref, pillar, groupArray((valid_from, valid_until)) AS spans
    FROM {facts training.TrainerCertified(trainer_ref, pillar, valid_from, valid_until)} GROUP BY plant, trainer_ref, pillar
) AS o ON o.plant = c.plant AND o.trainer_ref = c.trainer_ref AND o.pillar = c.pillar
WHERE NOT arrayExists(span -> span.1 <= c.valid_until + 1 AND span.2 > c.valid_until, o.spans)

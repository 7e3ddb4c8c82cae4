-- event: "AlertRaised" severity: SEVERITY_YELLOW owner_role: "training_office"
-- title_zh: "教导员的 JI 认证将在 30 天内到期" title_en: "A trainer's JI certificate expires within 30 days"

SELECT c.plant AS plant, '' AS workshop, '' AS line, concat('trainer/', c.trainer_ref) AS entity,
       toDateTime64(c.valid_until - 30, 6, 'UTC') AS due_at,
       [('training.TrainerCertified', toString(f.source), f.event_id)] AS evidence, concat(c.trainer_ref, ' ', toString(c.valid_until)) AS detail
FROM (SELECT * FROM {step certified} ORDER BY valid_until DESC LIMIT 1 BY plant, trainer_ref) AS c
INNER JOIN {scope} AS d ON d.plant = c.plant
INNER JOIN {facts training.TrainerCertified(trainer_ref, pillar, valid_from)} AS f
    ON f.plant = c.plant AND f.trainer_ref = c.trainer_ref AND f.valid_from = c.valid_from
WHERE f.pillar = 'ji' AND c.valid_until - 30 <= d.day AND d.day <= c.valid_until

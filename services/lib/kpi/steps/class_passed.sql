-- J classes passed: one row per (plant, person_ref, pillar) with the production day they were first passed.
SELECT plant, person_ref, upper(toString(pillar)) AS pillar, min(day) AS passed_day
FROM {facts training.ClassAttended(pillar, person_ref, passed)}
WHERE passed = 1 AND pillar IN ('JI', 'JM', 'JR', 'JS')
GROUP BY plant, person_ref, pillar

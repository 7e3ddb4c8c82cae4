-- Employees on the roster in force, at work or on leave: one row per (plant, day, workshop, line).
SELECT p.plant AS plant, d.day AS day, p.workshop AS workshop, p.line AS line, count() AS persons
FROM {step roster_person} AS p
INNER JOIN {scope} AS d ON d.plant = p.plant
WHERE p.from_day <= d.day AND d.day < p.until_day AND p.worker_type = 'employee' AND p.status IN ('active', 'leave')
GROUP BY plant, day, workshop, line

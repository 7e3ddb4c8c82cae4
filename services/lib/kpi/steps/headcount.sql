-- Persons on the roster in force, at work or on leave: one row per (plant, day, workshop, line): employees; workers (employees
-- and supervised temps); operators of any employer, on leave for at most 30 days.
SELECT p.plant AS plant, d.day AS day, p.workshop AS workshop, p.line AS line, countIf(p.worker_type = 'employee') AS employees,
       countIf(p.worker_type IN ('employee', 'supervised_temp')) AS workers,
       countIf(p.role = 'operator' AND (p.status = 'active' OR p.leave_from IS NULL OR p.leave_from + 30 >= d.day)) AS operators
FROM {step roster_person} AS p
INNER JOIN {scope} AS d ON d.plant = p.plant
WHERE p.from_day <= d.day AND d.day < p.until_day AND p.status IN ('active', 'leave')
GROUP BY plant, day, workshop, line

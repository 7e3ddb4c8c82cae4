-- Persons who lead others, on the roster at the end of each production day, at work or on leave for at most 30 days: one row per
-- (plant, day, person_ref) with their role and unit.
SELECT p.plant AS plant, d.day AS day, p.person_ref AS person_ref, toString(p.role) AS role, p.workshop AS workshop, p.line AS line
FROM {step roster_person} AS p
INNER JOIN {scope} AS d ON d.plant = p.plant
WHERE p.role IN ('team_leader', 'supervisor', 'manager') AND p.from_day <= d.day AND d.day < p.until_day
  AND (p.status = 'active' OR p.status = 'leave' AND (p.leave_from IS NULL OR p.leave_from + 30 >= d.day))

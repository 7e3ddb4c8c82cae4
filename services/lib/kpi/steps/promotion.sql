-- Promotions: one row per (plant, person_ref, day) on which a person took up a role that leads more than the one before, with
-- both roles, the unit, and whether the classes it asks for were passed by that day: JI to lead a team, JI and JR beyond.
SELECT r.plant AS plant, r.person_ref AS person_ref, r.effective_on AS day, r.workshop AS workshop, r.line AS line,
       toString(r.from_role) AS from_role, toString(r.to_role) AS to_role,
       hasAll(arrayMap(x -> x.1, arrayFilter(x -> x.2 <= r.effective_on, c.passed)), if(r.to_role = 'team_leader', ['JI'], ['JI', 'JR'])) AS trained
FROM
(
    SELECT * FROM {facts operations.RoleChanged(person_ref, from_role, to_role, effective_on)} ORDER BY rank DESC LIMIT 1 BY plant, person_ref, effective_on
) AS r
LEFT JOIN
(
    SELECT plant, person_ref, groupArray((pillar, passed_day)) AS passed FROM {step class_passed} GROUP BY plant, person_ref
) AS c ON c.plant = r.plant AND c.person_ref = r.person_ref
WHERE indexOf(['operator', 'team_leader', 'supervisor', 'manager'], toString(r.from_role)) BETWEEN 1
      AND toInt64(indexOf(['operator', 'team_leader', 'supervisor', 'manager'], toString(r.to_role))) - 1

-- The cases of safety_case with the days they cost: one row each. days_away: days away from work, as last reported or, before
-- that, as classified; lost_days: lost workdays by GB as last reported, 6000 for a death.
SELECT c.plant AS plant, c.workshop AS workshop, c.line AS line, c.day AS day, c.recordable AS recordable, c.injured AS injured,
       toInt64(if(u.there = 1, u.dafw_days, c.dafw_days)) AS days_away, toInt64(if(c.severity = 'fatal', 6000, u.lost_days)) AS lost_days
FROM {step safety_case} AS c
LEFT JOIN
(
    SELECT plant, incident_id, case_no, argMax(dafw_days, as_of) AS dafw_days,
           argMaxIf(ifNull(gb_lost_workdays, 0), as_of, gb_lost_workdays IS NOT NULL) AS lost_days, 1 AS there
    FROM
    (
        SELECT * FROM {facts safety.DaysUpdated(incident_id, case_no, as_of, dafw_days, gb_lost_workdays)}
        ORDER BY rank DESC LIMIT 1 BY plant, incident_id, case_no, as_of
    )
    GROUP BY plant, incident_id, case_no
) AS u ON u.plant = c.plant AND u.incident_id = c.incident_id AND u.case_no = c.case_no

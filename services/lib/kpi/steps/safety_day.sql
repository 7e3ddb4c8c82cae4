-- Safety figures of a day and unit: cases by outcome (those of safety_case, and of period reports), near misses, hours; of
-- what near misses are known of, near_miss_hours and near_miss_cases (recordable ones); item_hours: hours whose cases are
-- known one by one. A period report stands on its last day. What counts: the dated mode; without one, a period report counts if the
-- plant has itemised nothing (incident or hours) in it. A period report that contains a shorter one does not count.
WITH
    items AS
    (
        SELECT plant, workshop, line, day, toInt64(outcome = 'death') AS deaths, toInt64(outcome = 'dafw') AS dafw, toInt64(outcome = 'djtr') AS djtr,
               toInt64(outcome = 'other_recordable') AS other, toInt64(0) AS near_misses, toDecimal128(0, 6) AS hours
        FROM {step safety_case}
        UNION ALL
        SELECT plant, workshop, line, day, 0, 0, 0, 0, 1, toDecimal128(0, 6)
        FROM (SELECT * FROM {facts safety.IncidentReported(incident_id, kind)} ORDER BY rank DESC LIMIT 1 BY plant, incident_id)
        WHERE kind = 'near_miss'
        UNION ALL
        SELECT plant, workshop, line, day, 0, 0, 0, 0, 0, hours FROM {step hours}
    ),
    periods AS
    (
        SELECT *
        FROM {facts safety.PeriodReported(period_from, period_to, snapshot_version, hours_worked, deaths, dafw_cases, djtr_cases, other_cases, near_misses)}
        ORDER BY snapshot_version DESC, rank DESC LIMIT 1 BY plant, period_from, period_to
    ),
    active AS
    (
        SELECT plant, day FROM {facts safety.IncidentReported(incident_id, kind)}
        UNION DISTINCT SELECT plant, day FROM {step hours}
    )
SELECT i.plant AS plant, i.workshop AS workshop, i.line AS line, i.day AS day, sum(i.deaths) AS deaths, sum(i.dafw) AS dafw,
       sum(i.djtr) AS djtr, sum(i.other) AS other, sum(i.near_misses) AS near_misses, sum(i.hours) AS hours, sum(i.hours) AS near_miss_hours,
       sum(i.deaths + i.dafw + i.djtr + i.other) AS near_miss_cases, sum(i.hours) AS item_hours
FROM items AS i ASOF LEFT JOIN {step safety_mode} AS m ON m.plant = i.plant AND m.valid_from <= i.day
WHERE m.mode != 'aggregated'
GROUP BY plant, workshop, line, day
UNION ALL
SELECT p.plant, p.workshop, p.line, p.period_to, p.deaths, p.dafw_cases, p.djtr_cases, p.other_cases, ifNull(p.near_misses, 0),
       p.hours_worked, if(p.near_misses IS NULL, toDecimal128(0, 6), p.hours_worked),
       if(p.near_misses IS NULL, 0, p.deaths + p.dafw_cases + p.djtr_cases + p.other_cases), toDecimal128(0, 6)
FROM
(
    SELECT a.*, countIf(b.there = 1 AND b.period_from >= a.period_from AND b.period_to <= a.period_to
               AND (b.period_from != a.period_from OR b.period_to != a.period_to)) AS contained
    FROM periods AS a LEFT JOIN (SELECT plant, period_from, period_to, 1 AS there FROM periods) AS b ON b.plant = a.plant
    GROUP BY ALL
) AS p
ASOF LEFT JOIN {step safety_mode} AS m ON m.plant = p.plant AND m.valid_from <= p.period_to
LEFT JOIN
(
    SELECT q.plant AS plant, q.period_from AS period_from, q.period_to AS period_to, count() AS days
    FROM periods AS q INNER JOIN active AS x ON x.plant = q.plant WHERE x.day BETWEEN q.period_from AND q.period_to
    GROUP BY plant, period_from, period_to
) AS busy ON busy.plant = p.plant AND busy.period_from = p.period_from AND busy.period_to = p.period_to
WHERE p.contained = 0 AND (m.mode = 'aggregated' OR m.mode = '' AND busy.days = 0)

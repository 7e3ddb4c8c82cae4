-- Expected feeds that are silent at the scope's end: one row per (plant, kind, unit_id) expected on the day, with the last day
-- a report covers (1970-01-01: none so far). By day: nothing for the day before, nor later; by month and year: nothing for the
-- last one that has ended 10 days ago. due_day is the day by which the first report that is missing should have come.
SELECT f.plant AS plant, toString(f.kind) AS kind, toString(f.unit_id) AS unit_id, f.entity AS entity, f.source AS source,
       f.event_id AS event_id, f.recorded_at AS recorded_at, f.fact_key AS fact_key, max(r.period_day) AS last_day,
       multiIf(f.period = 'month', toDate32(toLastDayOfMonth(toDate32(addMonths(greatest(last_day, f.valid_from - 31), 1)))) + 10,
               f.period = 'year', toDate32(concat(toString(toYear(greatest(last_day, f.valid_from - 366)) + 1), '-12-31')) + 10,
               greatest(last_day, f.valid_from - 1) + 2) AS due_day
FROM
(
    SELECT d.plant AS plant, d.day AS day, x.kind AS kind, x.unit_id AS unit_id, x.entity AS entity, x.source AS source,
           x.event_id AS event_id, x.recorded_at AS recorded_at, x.fact_key AS fact_key, x.period AS period, x.valid_from AS valid_from
    FROM {scope} AS d
    INNER JOIN
    (
        SELECT plant, kind, unit_id, entity, source, event_id, recorded_at, fact_key, toString(period) AS period, valid_from,
               ifNull(valid_until, toDate32('2299-12-31')) AS valid_until, rank
        FROM {facts operations.FeedExpected(kind, unit_id, valid_from, valid_until, period)}
    ) AS x ON x.plant = d.plant
    WHERE x.valid_from <= d.day AND d.day <= x.valid_until
    ORDER BY x.valid_from DESC, x.rank DESC LIMIT 1 BY d.plant, x.kind, x.unit_id
) AS f
LEFT JOIN
(
    SELECT plant, 'shift_output' AS kind, toString(line) AS unit, day AS period_day FROM {facts operations.ShiftOutputReported()}
    UNION ALL
    SELECT plant, 'errors_aggregated', toString(line), day FROM {facts operations.ErrorsAggregated()}
    UNION ALL
    SELECT plant, 'hours', if(line != '', toString(line), toString(workshop)),
           multiIf(production_day IS NOT NULL, assumeNotNull(production_day),
                   month IS NOT NULL, toDate32(addMonths(assumeNotNull(month), 1)) - 1, toDate32(concat(toString(ifNull(year, 1970)), '-12-31')))
    FROM {facts operations.HoursReported(production_day, month, year)}
    UNION ALL
    SELECT plant, 'roster', '', as_of_date FROM {facts operations.RosterPublished(as_of_date)}
    UNION ALL
    SELECT plant, 'safety_period', '', period_to FROM {facts safety.PeriodReported(period_to)}
) AS r ON r.plant = f.plant AND r.kind = f.kind AND (f.unit_id = '' OR r.unit = f.unit_id)
GROUP BY f.plant, f.kind, f.unit_id, f.entity, f.source, f.event_id, f.recorded_at, f.fact_key, f.period, f.valid_from, f.day
HAVING due_day <= f.day

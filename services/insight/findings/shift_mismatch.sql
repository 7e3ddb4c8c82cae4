-- zh: "上报的生产日或班次与该时刻的班次日历不符"
-- en: "the production day or shift it names is not that of the shift calendar at its time"
SELECT f.plant AS plant, f.event_type AS event_type, f.entity AS entity, f.source AS source, f.event_id AS event_id, f.recorded_at AS recorded_at,
       concat(toString(f.named_day), ' ', f.named_shift) AS detail
FROM
(
    SELECT plant, 'operations.ShiftOutputReported' AS event_type, entity, source, event_id, recorded_at, occurred_at, occurred_on,
           production_day AS named_day, toString(shift_code) AS named_shift
    FROM {facts operations.ShiftOutputReported(production_day, shift_code)}
    UNION ALL
    SELECT plant, 'operations.ErrorsAggregated', entity, source, event_id, recorded_at, occurred_at, occurred_on, production_day, toString(shift_code)
    FROM {facts operations.ErrorsAggregated(production_day, shift_code)}
    UNION ALL
    SELECT plant, 'operations.HoursReported', entity, source, event_id, recorded_at, occurred_at, occurred_on, assumeNotNull(production_day),
           toString(shift_code)
    FROM {facts operations.HoursReported(production_day, shift_code)} WHERE production_day IS NOT NULL
) AS f
LEFT JOIN
(
    SELECT plant, day, '' AS shift_code, min(start_utc) AS begins, max(end_utc) AS ends, 1 AS known FROM {shifts} GROUP BY plant, day
    UNION ALL
    SELECT plant, day, toString(shift_code) AS code, min(start_utc), max(end_utc), 1 FROM {shifts} WHERE shift_code != '' GROUP BY plant, day, code
) AS s ON s.plant = f.plant AND s.day = f.named_day AND s.shift_code = f.named_shift
WHERE f.plant IN (SELECT plant FROM {shifts})
  AND (s.known = 0 OR f.occurred_on != f.named_day OR (f.occurred_on IS NULL AND (f.occurred_at < s.begins OR f.occurred_at > s.ends)))

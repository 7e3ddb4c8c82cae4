-- Persons injured by GB severity, and the workers there are: rows per (plant, workshop, line, day), of days on which the plant
-- knows its cases one by one.
SELECT plant, workshop, line, day, toInt64(injured) AS injured, toInt64(severity = 'serious') AS serious, toInt64(severity = 'fatal') AS fatal,
       toInt64(0) AS workers
FROM {step safety_case}
UNION ALL
SELECT h.plant, h.workshop, h.line, h.day, 0, 0, 0, toInt64(h.workers)
FROM {step headcount} AS h
ASOF LEFT JOIN {step safety_mode} AS m ON m.plant = h.plant AND m.valid_from <= h.day
WHERE m.mode != 'aggregated'

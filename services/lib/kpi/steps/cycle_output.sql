-- Measured cycle times of outputs that name a station, with the instant their shift began (the day's first, where the calendar
-- does not know the shift).
SELECT o.plant AS plant, o.workshop AS workshop, o.line AS line, o.day AS day, o.station AS station, o.product AS product,
       o.shift_code AS shift_code, assumeNotNull(o.cycle_n) AS cycles, assumeNotNull(o.cycle_mean_s) AS mean_s,
       if(s.there = 1, s.began_at, d.starts_at) AS starts_at
FROM {step shift_output} AS o
INNER JOIN {scope} AS d ON d.plant = o.plant AND d.day = o.day
LEFT JOIN
(
    SELECT plant, day, shift_code, min(start_utc) AS began_at, 1 AS there FROM {shifts} WHERE shift_code != '' GROUP BY plant, day, shift_code
) AS s ON s.plant = o.plant AND s.day = o.day AND s.shift_code = o.shift_code
WHERE o.station != '' AND o.cycle_n > 0 AND o.cycle_mean_s IS NOT NULL

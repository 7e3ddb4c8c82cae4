-- Production days around now.
SELECT s.plant AS plant, toInt32(s.day) AS day, toUnixTimestamp64Micro(s.start_utc) AS start_us, toUnixTimestamp64Micro(s.end_utc) AS end_us
FROM {shifts} AS s
INNER JOIN {scope} AS d ON d.plant = s.plant
WHERE s.day >= d.day - 1 AND s.day <= d.day + 2

-- Jobs as they are registered: the step's rows.
SELECT plant, job_id, requires_sw, required_level, arrayStringConcat(station_ids, '\n') AS stations, toInt32(from_day) AS from_day,
       toInt32(until_day) AS until_day
FROM {step job}

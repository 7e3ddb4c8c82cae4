-- Jobs as they are registered: the step's rows.
SELECT j.plant AS plant, j.job_id AS job_id, toUInt8(j.requires_sw) AS requires_sw, j.required_level AS required_level,
       arrayStringConcat(j.station_ids, '\n') AS stations, toInt32(j.from_day) AS from_day, toInt32(j.until_day) AS until_day
FROM {step job} AS j

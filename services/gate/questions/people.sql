-- Persons on the roster in force who have not left, with the jobs assigned to them (job, first and last day).
SELECT plant, person_ref, toString(status) AS status, toInt32(from_day) AS from_day, toInt32(until_day) AS until_day,
       toInt32(ifNull(leave_from, toDate32('1970-01-01'))) AS leave_from, arrayStringConcat(arrayMap((job, first, last) ->
           concat(job, '\n', toString(toInt32(first)), '\n', toString(toInt32(ifNull(last, toDate32('2299-12-31'))))),
           job_ids, from_dates, to_dates), '\n') AS jobs
FROM {step roster_person}
WHERE status IN ('active', 'leave')

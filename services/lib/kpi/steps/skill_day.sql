-- Skills at the end of each production day of persons at work or on leave for at most 30 days: one row per (plant, day,
-- person_ref, job_id) of level 1 or more, with the person's unit and role and whether the job is assigned to them.
SELECT DISTINCT plant, begin_day + since AS day, person_ref, job_id, level, workshop, line, role,
       arrayExists((job, first, last) -> job = job_id AND first <= day AND ifNull(last, toDate32('2299-12-31')) >= day,
                   job_ids, from_dates, to_dates) AS assigned
FROM
(
    SELECT p.plant AS plant, p.person_ref AS person_ref, k.job_id AS job_id, k.level AS level, p.workshop AS workshop, p.line AS line,
           p.role AS role, p.status AS status, p.leave_from AS leave_from, p.job_ids AS job_ids, p.from_dates AS from_dates,
           p.to_dates AS to_dates, greatest(p.from_day, k.from_day, s.first_day) AS begin_day,
           least(p.until_day, k.until_day, s.last_day + 1) AS end_day
    FROM {step roster_person} AS p
    INNER JOIN {step skill_span} AS k ON k.plant = p.plant AND k.person_ref = p.person_ref
    INNER JOIN (SELECT plant, min(day) AS first_day, max(day) AS last_day FROM {scope} GROUP BY plant) AS s ON s.plant = p.plant
    WHERE p.status IN ('active', 'leave')
)
ARRAY JOIN range(toUInt32(greatest(0, toInt32(end_day) - toInt32(begin_day)))) AS since
WHERE (plant, begin_day + since) IN (SELECT plant, day FROM {scope})
  AND (status = 'active' OR leave_from IS NULL OR leave_from + 30 >= begin_day + since)

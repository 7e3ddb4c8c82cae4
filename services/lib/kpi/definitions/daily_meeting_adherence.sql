-- id: "daily_meeting_adherence"
-- name_zh: "日常会议执行率" name_en: "Daily meeting adherence"
-- formula_zh: "按时（前后 15 分钟内）召开且应到角色全部到场的会议 ÷（已排会议 − 因停产或假日取消的会议），按层级；班前 15 分钟内的会议属于该班"
-- formula_en: "Meetings held on time (within 15 minutes) with all required roles present / meetings scheduled and not cancelled for want of production or a holiday, by tier; one that starts up to 15 minutes before a shift belongs to it"
-- pitfalls_zh: "以其他原因取消的仍在分母内" pitfalls_en: "Meetings cancelled for other reasons stay in the denominator"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "daily_management" board: "" version: 1
-- tps: TPS_ELEMENT_SL productive_forces: PRODUCTIVE_FORCE_R
-- reads { event: "management.MeetingScheduled" horizon: HORIZON_FORWARD }
-- reads { event: "management.MeetingHeld" horizon: HORIZON_FORWARD }
-- reads { event: "management.MeetingCancelled" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM dimension: "tier"
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_WEEK
-- source: "DOMAIN 2.5 I, 3.8"
-- evidence: "management.MeetingScheduled" evidence: "management.MeetingHeld" evidence: "management.MeetingCancelled"

-- What became of a meeting is what was first said of it after it was scheduled. Held within 15 minutes, it changes no day
-- before that on which it started: a meeting is of the day of the instant 15 minutes after its scheduled start.
SELECT m.plant AS plant, m.workshop AS workshop, m.line AS line,
       if(s.shift_code != '' AND m.latest < s.end_utc, s.day, toDate32(m.latest)) AS day, toString(m.tier) AS dim,
       toInt64(e.held = 1 AND abs(dateDiff('second', m.starts_at, e.started_at)) <= 900 AND hasAll(e.present_roles, m.required_roles)) AS numerator,
       toInt64(1) AS denominator, 1 AS observations, 0 AS sum_squares
FROM
(
    SELECT *, starts_at + toIntervalMinute(15) AS latest
    FROM {facts management.MeetingScheduled(meeting_id, tier, starts_at, required_roles)} ORDER BY rank DESC LIMIT 1 BY plant, meeting_id
) AS m
ASOF LEFT JOIN
(
    SELECT *
    FROM
    (
        SELECT plant, meeting_id, occurred_at, rank, 1 AS held, started_at, present_roles, 0 AS excused
        FROM {facts management.MeetingHeld(meeting_id, started_at, present_roles)}
        UNION ALL
        SELECT plant, meeting_id, occurred_at, rank, 0, occurred_at, [], reason IN ('no_production', 'holiday')
        FROM {facts management.MeetingCancelled(meeting_id, reason)}
    )
    ORDER BY rank DESC LIMIT 1 BY plant, meeting_id, occurred_at
) AS e ON e.plant = m.plant AND e.meeting_id = m.meeting_id AND e.occurred_at >= m.occurred_at
ASOF LEFT JOIN {shifts} AS s ON s.plant = m.plant AND s.start_utc <= m.latest
WHERE e.excused = 0

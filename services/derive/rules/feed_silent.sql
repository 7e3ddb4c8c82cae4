-- event: "AlertRaised" severity: SEVERITY_RED owner_role: "data_owner"
-- title_zh: "约定的数据没有按时到达" title_en: "Reports that are expected do not arrive"

SELECT plant, '' AS workshop, '' AS line, entity, toDateTime64(due_day, 6, 'UTC') AS due_at,
       [('operations.FeedExpected', toString(source), event_id)] AS evidence, concat(kind, if(unit_id = '', '', ' '), unit_id) AS detail
FROM {step feed_silent}

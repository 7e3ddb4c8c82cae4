-- zh: "约定的数据没有按时到达"
-- en: "reports that are expected do not arrive"
SELECT plant, 'operations.FeedExpected' AS event_type, entity, source, event_id, recorded_at,
       concat(toString(kind), if(unit_id = '', '', ' '), toString(unit_id), if(last_day = toDate32(0), '', concat(' ', toString(last_day)))) AS detail
FROM {step feed_silent}

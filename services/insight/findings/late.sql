-- zh: "事件在发生 400 多天后才被记录"
-- en: "recorded more than 400 days after it happened"
SELECT plant, _table AS event_type, entity, source, event_id, recorded_at, toString(toDate32(occurred_at)) AS detail
FROM merge(currentDatabase(), '^fact_')
WHERE (plant = '*' OR plant IN {plants}) AND occurred_at < recorded_at - toIntervalDay(400)
  AND (plant, entity, fact_key) NOT IN (SELECT plant, entity, fact_key FROM {dead})
ORDER BY rank DESC LIMIT 1 BY plant, event_type, entity, fact_key

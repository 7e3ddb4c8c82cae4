-- zh: "同一事物的上报时间顺序与发生顺序相反，或上报早于发生；请更正其中一个时间"
-- en: "of one thing a later event was reported before an earlier one, or an event before it happened; correct one of the times"
SELECT plant, event_type, entity, source, event_id, recorded_at, concat(toString(occurred_at), ' ', toString(reported)) AS detail
FROM
(
    SELECT plant, event_type, entity, source, event_id, recorded_at, occurred_on, occurred_at, reported,
           max(reported) OVER (PARTITION BY plant, entity, source ORDER BY at RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
               AS reported_before
    FROM
    (
        SELECT plant, _table AS event_type, entity, fact_key, source, event_id, recorded_at, occurred_on,
               toUnixTimestamp64Micro(occurred_at) AS at, occurred_at, assumeNotNull(reported_at) AS reported
        FROM merge(currentDatabase(), '^fact_')
        WHERE (plant = '*' OR plant IN {plants}) AND reported_at IS NOT NULL
          AND (plant, entity, fact_key) NOT IN (SELECT plant, entity, fact_key FROM {dead})
        ORDER BY rank DESC LIMIT 1 BY plant, event_type, entity, fact_key
    )
)
WHERE reported_before > reported OR (occurred_on IS NULL AND reported < occurred_at)

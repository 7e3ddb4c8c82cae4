-- zh: "该工厂没有班次日历，按 UTC 日期归日；请发送 operations.CalendarPublished"
-- en: "the plant has no shift calendar, UTC dates are used; send operations.CalendarPublished"
SELECT plant, 'operations.CalendarPublished' AS event_type, '' AS entity, '' AS source, '' AS event_id,
       toDateTime64(0, 3, 'UTC') AS recorded_at, '' AS detail
FROM {plants} WHERE plant NOT IN (SELECT plant FROM {shifts})

-- zh: "所指车间、产线或工位不在组织登记中；请发送 operations.OrgUnitOpened，或更正单位编号"
-- en: "it names a workshop, line or station that is not in the org register; send operations.OrgUnitOpened, or correct the unit"
SELECT plant, event_type, entity, source, event_id, recorded_at, u.2 AS detail
FROM
(
    SELECT plant, _table AS event_type, entity, fact_key, source, event_id, recorded_at, workshop, line, station
    FROM merge(currentDatabase(), '^fact_')
    WHERE plant IN {plants} AND (workshop != '' OR line != '' OR station != '')
      AND (plant, entity, fact_key) NOT IN (SELECT plant, entity, fact_key FROM {dead})
    ORDER BY rank DESC LIMIT 1 BY plant, event_type, entity, fact_key
)
ARRAY JOIN [('workshop', toString(workshop)), ('line', toString(line)), ('station', toString(station))] AS u
WHERE u.2 != '' AND (plant, u.1) IN (SELECT plant, toString(level) FROM {facts operations.OrgUnitOpened(level, unit_id)})
  AND (plant, u.2) NOT IN (SELECT plant, toString(unit_id) FROM {facts operations.OrgUnitOpened(level, unit_id)})

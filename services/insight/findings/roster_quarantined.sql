-- zh: "名册人数比上一份减少超过 20 %，暂不采用；下一份若一致则采用，或请更正"
-- en: "the roster has over 20 % fewer persons than the one before and is not used; the next one, if it agrees, is, or correct it"
SELECT r.plant AS plant, 'operations.RosterPublished' AS event_type, r.entity AS entity, r.source AS source, r.event_id AS event_id,
       r.recorded_at AS recorded_at, concat(toString(r.as_of_date), ' ', toString(s.persons), ' < ', toString(s.persons_before)) AS detail
FROM {facts operations.RosterPublished(as_of_date, snapshot_version, chunk)} AS r
INNER JOIN {step roster_snapshot} AS s ON s.plant = r.plant AND s.as_of_date = r.as_of_date AND s.snapshot_version = r.snapshot_version
WHERE s.quarantined = 1 AND r.chunk = 1

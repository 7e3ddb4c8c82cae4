-- Dated reporting modes of safety: one row per (plant, valid_from).
SELECT plant, valid_from, toString(mode) AS mode
FROM (SELECT plant, valid_from, mode, rank FROM {facts operations.ReportingModeSet(feed, valid_from, mode)} WHERE feed = 'safety')
ORDER BY rank DESC LIMIT 1 BY plant, valid_from

-- Operation errors caused by the method: one row per (plant, workshop, line, day, job_id) of the scope's days, with the
-- operations reported with them (0: not known). A line itemises its errors or reports totals; the dated mode decides, without
-- one a day with itemised errors is itemised.
SELECT plant, workshop, line, day, job_id,
       if(if(own_mode != '', own_mode, plant_mode) = 'itemized' OR own_mode = '' AND plant_mode = '' AND line_itemised > 0,
          itemised, totals) AS errors, operations
FROM
(
    SELECT l.plant AS plant, l.workshop AS workshop, l.line AS line, l.day AS day, l.job_id AS job_id, l.itemised AS itemised,
           l.totals AS totals, l.operations AS operations, toString(own.mode) AS own_mode, toString(whole.mode) AS plant_mode,
           sum(l.n_itemised) OVER (PARTITION BY l.plant, l.line, l.day) AS line_itemised
    FROM
    (
        SELECT plant, workshop, line, day, job_id, sum(itemised) AS itemised, sum(n_itemised) AS n_itemised, sum(totals) AS totals,
               sum(operations) AS operations
        FROM
        (
            SELECT plant, workshop, line, day, job_id, toInt64(method_related) AS itemised, 1 AS n_itemised, toInt64(0) AS totals,
                   toInt64(0) AS operations
            FROM {facts operations.OperationErrorRecorded(job_id, method_related)}
            UNION ALL
            SELECT plant, workshop, line, day, job_id, 0, 0, errors, operations
            FROM
            (
                SELECT * FROM {facts operations.ErrorsAggregated(job_id, production_day, shift_code, errors, operations, snapshot_version)}
                ORDER BY snapshot_version DESC, rank DESC LIMIT 1 BY plant, line, job_id, production_day, shift_code
            )
        )
        WHERE (plant, day) IN (SELECT plant, day FROM {scope})
        GROUP BY plant, workshop, line, day, job_id
    ) AS l
    ASOF LEFT JOIN
    (
        SELECT plant, mode_line, valid_from, mode
        FROM (SELECT plant, line_id AS mode_line, valid_from, mode, rank
              FROM {facts operations.ReportingModeSet(feed, valid_from, mode, line_id)} WHERE feed = 'errors' AND line_id != '')
        ORDER BY rank DESC LIMIT 1 BY plant, mode_line, valid_from
    ) AS own ON own.plant = l.plant AND own.mode_line = l.line AND own.valid_from <= l.day
    ASOF LEFT JOIN
    (
        SELECT plant, valid_from, mode
        FROM (SELECT plant, valid_from, mode, rank
              FROM {facts operations.ReportingModeSet(feed, valid_from, mode, line_id)} WHERE feed = 'errors' AND line_id = '')
        ORDER BY rank DESC LIMIT 1 BY plant, valid_from
    ) AS whole ON whole.plant = l.plant AND whole.valid_from <= l.day
)

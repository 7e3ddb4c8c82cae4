-- id: "operation_error_rate"
-- name_zh: "操作失误率" name_en: "Operation error rate"
-- formula_zh: "1000 × 方法原因的操作失误数 ÷ 操作数" formula_en: "1000 x operation errors caused by the method / operations"
-- pitfalls_zh: "训练后上报会增多：比较工位内与下游发现的失误" pitfalls_en: "Reporting rises after training: compare errors found in the station with those found downstream"
-- factor: "1000" unit_zh: "‰" unit_en: "per 1,000 operations" decimals: 2
-- direction: DIRECTION_LOWER_IS_BETTER pillar: "JI" board: "Q" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "operations.OperationErrorRecorded" horizon: HORIZON_DAY }
-- reads { event: "operations.ErrorsAggregated" horizon: HORIZON_DAY }
-- reads { event: "operations.ShiftOutputReported" horizon: HORIZON_DAY }
-- reads { event: "operations.ReportingModeSet" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_GARWOOD min_expected: 3 default_grain: GRAIN_DAY
-- source: "DOMAIN 3.1"
-- evidence: "operations.OperationErrorRecorded" evidence: "operations.ErrorsAggregated"

-- A line itemises its errors or reports totals; the dated mode decides, without one a day with itemised errors is itemised.
-- Operations are those of ErrorsAggregated where a line's day has them, else those of its outputs.
SELECT plant, workshop, line, day, numerator, denominator, observations, 0 AS sum_squares
FROM
(
    SELECT u.plant AS plant, u.workshop AS workshop, u.line AS line, u.day AS day,
           if(u.mode = '' AND u.line_itemised > 0 OR u.mode = 'itemized', u.itemised, u.errors) AS numerator,
           if(u.line_aggregated > 0, u.operations, u.output_operations) AS denominator, u.reports AS observations
    FROM
    (
        SELECT l.plant AS plant, l.workshop AS workshop, l.line AS line, l.day AS day, l.itemised AS itemised, l.errors AS errors,
               l.operations AS operations, l.output_operations AS output_operations, l.reports AS reports,
               sum(l.n_itemised) OVER w AS line_itemised, sum(l.n_aggregated) OVER w AS line_aggregated,
               if(own.mode != '', own.mode, toString(all_lines.mode)) AS mode
        FROM
        (
            SELECT plant, workshop, line, day, sum(itemised) AS itemised, sum(n_itemised) AS n_itemised, sum(errors) AS errors,
                   sum(operations) AS operations, sum(n_aggregated) AS n_aggregated, sum(output_operations) AS output_operations,
                   count() AS reports
            FROM
            (
                SELECT plant, workshop, line, day, toInt64(method_related) AS itemised, 1 AS n_itemised, toInt64(0) AS errors,
                       toInt64(0) AS operations, 0 AS n_aggregated, toInt64(0) AS output_operations
                FROM {facts operations.OperationErrorRecorded(method_related)}
                UNION ALL
                SELECT plant, workshop, line, day, 0, 0, errors, operations, 1, 0
                FROM
                (
                    SELECT * FROM {facts operations.ErrorsAggregated(job_id, production_day, shift_code, errors, operations, snapshot_version)}
                    ORDER BY snapshot_version DESC, rank DESC LIMIT 1 BY plant, line, job_id, production_day, shift_code
                )
                UNION ALL
                SELECT plant, workshop, line, day, 0, 0, 0, 0, 0, ifNull(operations_qty, 0)
                FROM
                (
                    SELECT * FROM {facts operations.ShiftOutputReported(product, production_day, shift_code, operations_qty, snapshot_version)}
                    ORDER BY snapshot_version DESC, rank DESC LIMIT 1 BY plant, line, station, product, production_day, shift_code
                )
            )
            GROUP BY plant, workshop, line, day
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
        ) AS all_lines ON all_lines.plant = l.plant AND all_lines.valid_from <= l.day
        WINDOW w AS (PARTITION BY l.plant, l.line, l.day)
    ) AS u
)
WHERE numerator > 0 OR denominator > 0

-- id: "data_completeness"
-- name_zh: "数据完整率" name_en: "Data completeness"
-- formula_zh: "收到的报告数 ÷ 应收的报告数（应报数据源 × 班次日历）" formula_en: "Reports received / reports expected (expected feeds x shift calendar)"
-- pitfalls_zh: "未登记应报数据源的工厂没有分母" pitfalls_en: "A plant without expected feeds has no denominator"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "data" board: "" version: 1
-- tps: TPS_ELEMENT_SL productive_forces: PRODUCTIVE_FORCE_R
-- reads { event: "operations.FeedExpected" horizon: HORIZON_FORWARD }
-- reads { event: "operations.ShiftOutputReported" horizon: HORIZON_DAY }
-- reads { event: "operations.ErrorsAggregated" horizon: HORIZON_DAY }
-- reads { event: "operations.HoursReported" horizon: HORIZON_FORWARD }
-- reads { event: "operations.RosterPublished" horizon: HORIZON_FORWARD }
-- reads { event: "safety.PeriodReported" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_PLANT numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- default_grain: GRAIN_DAY
-- source: "DOMAIN 3.9"

-- No min_n: the expected reports are all counted, nothing is a sample.
-- Shift feeds: one report per shift of the calendar that begins that day (one a day without a calendar). Feeds by month and
-- year stand on the period's last day; hours by day are expected on days with a shift.
WITH
    shifts AS
    (
        SELECT plant, day, arraySort(arrayDistinct(groupArrayIf(toString(shift_code), shift_code != 'NONE'))) AS codes, 1 AS known
        FROM {shifts} WHERE shift_code != '' AND (plant, day) IN (SELECT plant, day FROM {scope}) GROUP BY plant, day
    ),
    received AS
    (
        SELECT plant, 'shift_output' AS kind, toString(line) AS unit, day AS period_day, 3 AS length, toString(shift_code) AS code
        FROM {facts operations.ShiftOutputReported(shift_code)}
        UNION ALL
        SELECT plant, 'errors_aggregated', toString(line), day, 3, toString(shift_code) FROM {facts operations.ErrorsAggregated(shift_code)}
        UNION ALL
        SELECT plant, 'hours', if(line != '', toString(line), toString(workshop)),
               multiIf(production_day IS NOT NULL, assumeNotNull(production_day),
                       month IS NOT NULL, toDate32(addMonths(assumeNotNull(month), 1)) - 1,
                       toDate32(concat(toString(ifNull(year, 1970)), '-12-31'))),
               multiIf(production_day IS NOT NULL, 3, month IS NOT NULL, 2, 1), ''
        FROM {facts operations.HoursReported(production_day, month, year)}
        UNION ALL
        SELECT plant, 'roster', '', p.1, p.2, '' FROM {facts operations.RosterPublished(as_of_date)}
        ARRAY JOIN [(as_of_date, 3), (toDate32(toLastDayOfMonth(as_of_date)), 2), (toDate32(concat(toString(toYear(as_of_date)), '-12-31')), 1)] AS p
        UNION ALL
        SELECT plant, 'safety_period', '', period_to, multiIf(period_to = period_from, 3, toYear(period_to) = toYear(period_from) AND toMonth(period_to) = toMonth(period_from), 2, 1), ''
        FROM {facts safety.PeriodReported(period_from, period_to)}
    )
SELECT w.plant AS plant, '' AS workshop, '' AS line, w.day AS day,
       if(w.by_shift = 1 AND w.known = 1, least(w.expected, uniqExactIf(r.code, has(w.codes, r.code))), toUInt64(min(w.expected) > 0 AND max(r.there) = 1)) AS numerator,
       w.expected AS denominator, w.expected AS observations, 0 AS sum_squares
FROM
(
    SELECT f.plant AS plant, f.day AS day, toString(f.kind) AS kind, toString(f.unit_id) AS unit, f.length AS length, s.known AS known, s.codes AS codes,
           f.kind IN ('shift_output', 'errors_aggregated') AS by_shift,
           toUInt64(multiIf(f.length = 2, f.day = toDate32(toLastDayOfMonth(f.day)), f.length = 1, toMonth(f.day) = 12 AND toDayOfMonth(f.day) = 31,
                   f.kind = 'roster' OR s.known = 0, 1, by_shift = 1, length(s.codes), length(s.codes) > 0)) AS expected
    FROM
    (
        SELECT d.plant AS plant, d.day AS day, x.kind AS kind, x.unit_id AS unit_id, argMax(x.valid_until, x.valid_from) AS until,
               indexOf(['year', 'month', 'day'], argMax(toString(x.period), x.valid_from)) AS length
        FROM {scope} AS d
        INNER JOIN
        (
            SELECT plant, kind, unit_id, valid_from, ifNull(valid_until, toDate32('2299-12-31')) AS valid_until, period
            FROM {facts operations.FeedExpected(kind, unit_id, valid_from, valid_until, period)}
            ORDER BY rank DESC LIMIT 1 BY plant, kind, unit_id, valid_from
        ) AS x ON x.plant = d.plant
        WHERE x.valid_from <= d.day
        GROUP BY plant, day, kind, unit_id
        HAVING until >= day
    ) AS f
    LEFT JOIN shifts AS s ON s.plant = f.plant AND s.day = f.day
) AS w
LEFT JOIN (SELECT *, 1 AS there FROM received) AS r
    ON r.plant = w.plant AND r.kind = w.kind AND r.period_day = w.day AND r.length = w.length AND (w.unit = '' OR r.unit = w.unit)
WHERE w.expected > 0
GROUP BY plant, day, w.kind, w.unit, w.by_shift, w.known, w.expected, w.codes

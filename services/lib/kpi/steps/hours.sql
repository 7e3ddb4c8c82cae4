-- Hours that count, of employees and supervised temps, basis actual: one row per unit and day. Of each (plant, worker type)
-- one level and one period length counts: as the dated mode says, else the finest there is. A month's hours stand on its last
-- day and count where no day of it is reported; a year's likewise where neither days nor months are.
SELECT plant, workshop, line, day, sum(hours_worked) AS hours
FROM
(
    SELECT h.plant AS plant, h.workshop AS workshop, h.line AS line, h.day AS day, h.worker_type AS worker_type, h.length AS length,
           h.hours_worked AS hours_worked,
           if(h.level = max(h.level) OVER (PARTITION BY h.plant, h.worker_type, h.length, h.day), 1, 0) AS is_finest,
           if(m.level != '', m.level = ['plant', 'workshop', 'line'][h.level], is_finest) AS level_counts,
           max(h.length = 3) OVER (PARTITION BY h.plant, h.worker_type, toYear(h.day), toMonth(h.day)) AS month_has_days,
           max(h.length > 1) OVER (PARTITION BY h.plant, h.worker_type, toYear(h.day)) AS year_has_finer,
           if(m.period != '', m.period = ['year', 'month', 'day'][h.length],
              h.length = 3 OR h.length = 2 AND month_has_days = 0 OR h.length = 1 AND year_has_finer = 0) AS length_counts
    FROM
    (
        SELECT plant, workshop, line, worker_type, hours_worked, multiIf(line != '', 3, workshop != '', 2, 1) AS level,
               multiIf(production_day IS NOT NULL, 3, month IS NOT NULL, 2, 1) AS length,
               multiIf(production_day IS NOT NULL, assumeNotNull(production_day),
                       month IS NOT NULL, toDate32(addMonths(assumeNotNull(month), 1)) - 1,
                       toDate32(concat(toString(assumeNotNull(ifNull(year, 1970))), '-12-31'))) AS day
        FROM
        (
            SELECT * FROM {facts operations.HoursReported(worker_type, production_day, month, year, shift_code, hours_worked, snapshot_version, basis)}
            WHERE basis = 'actual' AND worker_type IN ('employee', 'supervised_temp')
            ORDER BY snapshot_version DESC, rank DESC
            LIMIT 1 BY plant, workshop, line, worker_type, production_day, month, year, shift_code
        )
    ) AS h
    ASOF LEFT JOIN
    (
        SELECT plant, type, valid_from, toString(level) AS level, toString(period) AS period
        FROM
        (
            SELECT plant, t AS type, valid_from, level, period, rank, worker_type
            FROM {facts operations.ReportingModeSet(feed, valid_from, worker_type, level, period)}
            ARRAY JOIN if(worker_type = '', ['employee', 'supervised_temp'], [toString(worker_type)]) AS t
            WHERE feed = 'hours'
        )
        ORDER BY worker_type != '' DESC, rank DESC LIMIT 1 BY plant, type, valid_from
    ) AS m ON m.plant = h.plant AND m.type = h.worker_type AND m.valid_from <= h.day
)
WHERE level_counts = 1 AND length_counts = 1
GROUP BY plant, workshop, line, day

-- id: "hazard_elimination_rate"
-- name_zh: "隐患消除率" name_en: "Hazard elimination rate"
-- formula_zh: "经检查有效的隐患中，以消除或替代关闭的 ÷ 全部关闭的，按关闭日"
-- formula_en: "Hazards closed by elimination or substitution / hazards closed (checked as effective), by the day of closing"
-- pitfalls_zh: "只靠个人防护关闭的拉低它；之前已撤销或合并的不计" pitfalls_en: "Closures by protective equipment alone lower it; hazards dismissed or merged by then do not count"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JS" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "safety.HazardIdentified" horizon: HORIZON_PLANT }
-- reads { event: "safety.CountermeasureDecided" horizon: HORIZON_PLANT }
-- reads { event: "safety.ResultChecked" horizon: HORIZON_PLANT }
-- reads { event: "safety.HazardDismissed" horizon: HORIZON_PLANT }
-- reads { event: "safety.HazardMerged" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_MONTH
-- source: "DOMAIN 2.5 E, 3.3"

-- Of several countermeasures the one that was checked decides, else the last before it.
SELECT h.plant AS plant, h.workshop AS workshop, h.line AS line, c.day AS day,
       toInt64(argMax(toString(d.control_level), d.attempt) IN ('elimination', 'substitution')) AS numerator, toInt64(1) AS denominator,
       1 AS observations, 0 AS sum_squares
FROM (SELECT * FROM {facts safety.HazardIdentified(hazard_id)} ORDER BY rank DESC LIMIT 1 BY plant, hazard_id) AS h
INNER JOIN
(
    SELECT plant, hazard_id, attempt, day FROM {facts safety.ResultChecked(hazard_id, attempt, ok)} WHERE ok = 1
    ORDER BY occurred_at, rank DESC LIMIT 1 BY plant, hazard_id
) AS c ON c.plant = h.plant AND c.hazard_id = h.hazard_id
INNER JOIN
(
    SELECT plant, hazard_id, attempt, control_level FROM {facts safety.CountermeasureDecided(hazard_id, attempt, control_level)}
    ORDER BY rank DESC LIMIT 1 BY plant, hazard_id, attempt
) AS d ON d.plant = h.plant AND d.hazard_id = h.hazard_id
LEFT JOIN (SELECT plant, hazard_id, ended, 1 AS there FROM {step hazard_ended}) AS e ON e.plant = h.plant AND e.hazard_id = h.hazard_id
WHERE d.attempt <= c.attempt AND (e.there = 0 OR e.ended > c.day)
GROUP BY plant, workshop, line, day, h.hazard_id

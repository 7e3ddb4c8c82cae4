-- id: "hazard_on_time_closure"
-- name_zh: "隐患按期整改率" name_en: "Hazard on-time closure"
-- formula_zh: "首次期限当日或之前经检查有效的隐患数 ÷ 首次期限落在期内的隐患数" formula_en: "Hazards checked as effective by their first due date / hazards whose first due date lies in the period"
-- pitfalls_zh: "改期不改变首次期限；期限前已撤销或合并的隐患不计" pitfalls_en: "Moving a due date does not move the first one; hazards dismissed or merged by then do not count"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JS" board: "S" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "safety.HazardIdentified" horizon: HORIZON_PLANT }
-- reads { event: "safety.CountermeasureDecided" horizon: HORIZON_PLANT }
-- reads { event: "safety.ResultChecked" horizon: HORIZON_PLANT }
-- reads { event: "safety.HazardDismissed" horizon: HORIZON_PLANT }
-- reads { event: "safety.HazardMerged" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_MONTH
-- source: "DOMAIN 2.5 E, 3.3"

SELECT h.plant AS plant, h.workshop AS workshop, h.line AS line, d.due AS day, max(c.there = 1 AND c.day <= d.due) AS numerator,
       1 AS denominator, 1 AS observations, 0 AS sum_squares
FROM (SELECT * FROM {facts safety.HazardIdentified(hazard_id)} ORDER BY rank DESC LIMIT 1 BY plant, hazard_id) AS h
INNER JOIN
(
    SELECT plant, hazard_id, argMin(due_date, (attempt, occurred_at)) AS due
    FROM {facts safety.CountermeasureDecided(hazard_id, attempt, due_date)} GROUP BY plant, hazard_id
) AS d ON d.plant = h.plant AND d.hazard_id = h.hazard_id
LEFT JOIN
(
    SELECT plant, hazard_id, day, 1 AS there FROM {facts safety.ResultChecked(hazard_id, attempt, ok)} WHERE ok = 1
) AS c ON c.plant = h.plant AND c.hazard_id = h.hazard_id
LEFT JOIN (SELECT plant, hazard_id, ended, 1 AS there FROM {step hazard_ended}) AS e ON e.plant = h.plant AND e.hazard_id = h.hazard_id
WHERE e.there = 0 OR e.ended > d.due
GROUP BY plant, workshop, line, day, h.hazard_id

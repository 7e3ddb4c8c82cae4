-- id: "training_plan_adherence"
-- name_zh: "训练计划达成率" name_en: "Training plan adherence"
-- formula_zh: "期限当日或之前通过的计划数 ÷ 期限落在期内、未在期限 7 天前取消的计划数"
-- formula_en: "Plans passed by their due date / plans due in the period and not cancelled 7 days or more before"
-- pitfalls_zh: "防止以取消代替完成：临期取消的仍在分母；只计为该计划开始的训练" pitfalls_en: "Cancelling must not win: what is cancelled late stays in the denominator; only sessions started for the plan count"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JI" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "training.TrainingPlanned" horizon: HORIZON_PLANT }
-- reads { event: "training.PlanCancelled" horizon: HORIZON_PLANT }
-- reads { event: "training.SessionStarted" horizon: HORIZON_PLANT }
-- reads { event: "training.SessionCompleted" horizon: HORIZON_PLANT }
-- reads { event: "training.TrainerCertified" horizon: HORIZON_PLANT }
-- reads { event: "training.TrainerCertificateRevoked" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_MONTH
-- source: "DOMAIN 3.1"

SELECT p.plant AS plant, p.workshop AS workshop, p.line AS line, p.due_date AS day, toInt64(s.there = 1 AND s.passed_day <= p.due_date) AS numerator,
       toInt64(1) AS denominator, 1 AS observations, 0 AS sum_squares
FROM (SELECT * FROM {facts training.TrainingPlanned(plan_id, due_date)} ORDER BY rank DESC LIMIT 1 BY plant, plan_id) AS p
LEFT JOIN
(
    SELECT t.plant AS plant, t.plan_id AS plan_id, min(r.day) AS passed_day, 1 AS there
    FROM
    (
        SELECT * FROM {facts training.SessionStarted(session_id, plan_id)} ORDER BY rank DESC LIMIT 1 BY plant, session_id
    ) AS t
    INNER JOIN {step session_result} AS r ON r.plant = t.plant AND r.session_id = t.session_id
    WHERE t.plan_id != '' AND r.result = 'pass'
    GROUP BY plant, plan_id
) AS s ON s.plant = p.plant AND s.plan_id = p.plan_id
LEFT JOIN
(
    SELECT plant, plan_id, min(day) AS cancelled_day, 1 AS there FROM {facts training.PlanCancelled(plan_id)} GROUP BY plant, plan_id
) AS e ON e.plant = p.plant AND e.plan_id = p.plan_id
WHERE e.there = 0 OR e.cancelled_day + 7 > p.due_date

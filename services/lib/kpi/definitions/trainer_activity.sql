-- id: "trainer_activity"
-- name_zh: "内训师活跃率" name_en: "Trainer activity"
-- formula_zh: "期末 90 天内授课至少 1 次或带教至少 4 次的有效内训师 ÷ 期末有效内训师"
-- formula_en: "Active internal trainers who gave a class or 4 sessions in the last 90 days / active internal trainers, at the period's end"
-- pitfalls_zh: "多个课程的内训师只计一人；同一次带教多次尝试只计一次" pitfalls_en: "A trainer of several pillars counts once; the attempts of one session are one session"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "TTT" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "training.TrainerCertified" horizon: HORIZON_FORWARD }
-- reads { event: "training.TrainerCertificateRevoked" horizon: HORIZON_FORWARD }
-- reads { event: "training.TrainerSuspended" horizon: HORIZON_FORWARD }
-- reads { event: "training.TrainerReinstated" horizon: HORIZON_FORWARD }
-- reads { event: "operations.RosterPublished" horizon: HORIZON_FORWARD }
-- reads { event: "training.ClassDelivered" horizon: HORIZON_FORWARD }
-- reads { event: "training.SessionCompleted" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_PLANT numerator: AGGREGATION_LAST denominator: AGGREGATION_LAST
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_QUARTER
-- source: "DOMAIN 3.7"
-- evidence: "training.ClassDelivered" evidence: "training.SessionCompleted"

-- The last class, and the fourth last session, up to the day.
SELECT t.plant AS plant, '' AS workshop, '' AS line, t.day AS day, countIf(k.day + 90 > t.day OR s.fourth + 90 > t.day) AS numerator,
       count() AS denominator, count() AS observations, 0 AS sum_squares
FROM (SELECT DISTINCT plant, day, trainer_ref FROM {step trainer_day}) AS t
ASOF LEFT JOIN
(
    SELECT DISTINCT plant, trainer_ref, day FROM {facts training.ClassDelivered(trainer_ref)}
) AS k ON k.plant = t.plant AND k.trainer_ref = t.trainer_ref AND k.day <= t.day
ASOF LEFT JOIN
(
    SELECT plant, trainer_ref, day, max(fourth) AS fourth
    FROM
    (
        SELECT plant, trainer_ref, day,
               lagInFrame(day, 3, toDate32(0)) OVER (PARTITION BY plant, trainer_ref ORDER BY day, session_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS fourth
        FROM (SELECT * FROM {facts training.SessionCompleted(session_id, attempt, trainer_ref)} ORDER BY attempt, rank DESC LIMIT 1 BY plant, session_id)
    )
    GROUP BY plant, trainer_ref, day
) AS s ON s.plant = t.plant AND s.trainer_ref = t.trainer_ref AND s.day <= t.day
GROUP BY plant, day

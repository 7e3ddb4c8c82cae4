-- id: "stage_gate_status"
-- name_zh: "阶段门状态" name_en: "Stage gate status"
-- formula_zh: "期末进行中的阶段：最近一次评审中已达标的准则 ÷ 准则总数，按阶段；通过后不再列出，回退后须重新评审"
-- formula_en: "Of the stages in progress at the period's end: criteria met / criteria, as last reviewed, by stage; a passed stage is no longer listed, one that was reverted has to be reviewed anew"
-- pitfalls_zh: "尚未评审的阶段没有值；阈值随计划版本而定" pitfalls_en: "No value before the first review; thresholds are those of the plan's version"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 0
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "rollout" board: "" version: 1
-- tps: TPS_ELEMENT_SL productive_forces: PRODUCTIVE_FORCE_R
-- reads { event: "rollout.StageEntered" horizon: HORIZON_FORWARD }
-- reads { event: "rollout.GateReviewed" horizon: HORIZON_FORWARD }
-- reads { event: "rollout.StageReverted" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_WORKSHOP numerator: AGGREGATION_LAST denominator: AGGREGATION_LAST dimension: "stage"
-- default_grain: GRAIN_MONTH
-- source: "DOMAIN 2.5 H, 3.9, 4.1"
-- evidence: "rollout.GateReviewed"

-- Kinds: 1 entered, 2 reviewed and not passed, 3 passed, 4 reverted; one that is not legal in the order of time does not count.
-- What a review says holds until the next step of its stage.
SELECT p.plant AS plant, p.review.5 AS workshop, '' AS line, d.day AS day, upper(p.stage) AS dim, toInt64(p.review.3) AS numerator,
       toInt64(p.review.4) AS denominator, 1 AS observations, 0 AS sum_squares
FROM
(
    SELECT plant, stage, step.1 AS review, step.2.2 AS until_day
    FROM
    (
        SELECT plant, stage,
               arrayFold((acc, x) -> if(has({legal stage(StageEntered, GateReviewed[decision=FAIL], GateReviewed[decision=PASS], StageReverted)}, acc.1 * 100 + x.1), (x.1, arrayPushBack(acc.2, x)), acc),
                         steps, (toUInt8(0), arraySlice(steps, 1, 0))).2 AS path
        FROM
        (
            SELECT plant, toString(stage) AS stage,
                   arrayMap(x -> (x.3, x.4, x.5, x.6, x.7), arraySort(x -> (x.1, x.2), groupArray((occurred_at, bitNot(rank), kind, day, met, criteria, toString(workshop))))) AS steps
            FROM
            (
                SELECT plant, plan_id, stage, occurred_at, rank, toUInt8(1) AS kind, day, toUInt64(0) AS met, toUInt64(0) AS criteria, workshop FROM {facts rollout.StageEntered(plan_id, stage)}
                UNION ALL SELECT plant, plan_id, stage, occurred_at, rank, if(decision = 'pass', 3, 2), day, arrayCount(x -> x, criteria_met), length(criteria_met), workshop
                FROM {facts rollout.GateReviewed(plan_id, stage, criteria_met, decision)}
                UNION ALL SELECT plant, plan_id, stage, occurred_at, rank, 4, day, 0, 0, workshop FROM {facts rollout.StageReverted(plan_id, stage)}
            )
            GROUP BY plant, plan_id, stage
        )
    )
    ARRAY JOIN arrayZip(path, arraySlice(arrayPushBack(path, (toUInt8(0), toDate32('2299-12-31'), toUInt64(0), toUInt64(0), '')), 2)) AS step
    WHERE step.1.1 = 2
) AS p
INNER JOIN {scope} AS d ON d.plant = p.plant
WHERE p.review.2 <= d.day AND d.day < p.until_day

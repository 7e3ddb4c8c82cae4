-- event: "GateReady" lookback_d: 31

SELECT g.plant AS plant, '' AS workshop, '' AS line, g.entity AS entity,
       toDateTime64(greatest(arrayMax(g.conditions_due_date), toDate32(g.day)) + 1, 6, 'UTC') AS due_at,
       [('rollout.GateReviewed', toString(g.source), g.event_id)] AS evidence, g.plan_id AS plan_id, toString(g.stage) AS stage,
       g.review_no AS review_no
FROM
(
    SELECT * FROM {facts rollout.GateReviewed(plan_id, stage, review_no, decision, conditions_due_date)}
    ORDER BY review_no DESC, rank DESC LIMIT 1 BY plant, plan_id, stage
) AS g
INNER JOIN {scope} AS d ON d.plant = g.plant
WHERE g.decision != 'pass' AND notEmpty(g.conditions_due_date) AND arrayMax(g.conditions_due_date) < d.day

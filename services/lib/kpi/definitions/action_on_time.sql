-- id: "action_on_time"
-- name_zh: "行动按期完成率" name_en: "Action on time"
-- formula_zh: "首次期限当日或之前完成的行动 ÷ 首次期限落在期内的行动" formula_en: "Actions done by their first due date / actions whose first due date lies in the period"
-- pitfalls_zh: "升级不改变期限；开立时已过期的，按开立之日计" pitfalls_en: "Escalating does not move the due date; one due before it was opened counts on the day it was opened"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "daily_management" board: "" version: 1
-- tps: TPS_ELEMENT_SL productive_forces: PRODUCTIVE_FORCE_R
-- reads { event: "management.ActionOpened" horizon: HORIZON_FORWARD }
-- reads { event: "management.ActionClosed" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_MONTH
-- source: "DOMAIN 2.5 I, 3.8"
-- evidence: "management.ActionClosed"

-- Closed before it was opened is out of order and does not count. An action done in time changes no day before that on which
-- it was done.
SELECT o.plant AS plant, o.workshop AS workshop, o.line AS line, greatest(o.due_date, o.day) AS day,
       toInt64(c.there = 1 AND c.occurred_at >= o.occurred_at AND c.done_on <= o.due_date) AS numerator, toInt64(1) AS denominator,
       1 AS observations, 0 AS sum_squares
FROM (SELECT * FROM {facts management.ActionOpened(action_id, due_date)} ORDER BY rank DESC LIMIT 1 BY plant, action_id) AS o
LEFT JOIN
(
    SELECT *, 1 AS there FROM {facts management.ActionClosed(action_id, done_on)} ORDER BY rank DESC LIMIT 1 BY plant, action_id
) AS c ON c.plant = o.plant AND c.action_id = o.action_id

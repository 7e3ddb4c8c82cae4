-- id: "audit_completion"
-- name_zh: "分层审核完成率" name_en: "Audit completion"
-- formula_zh: "在窗口期内进行的审核 ÷ 窗口期于期内结束的已排审核，按层" formula_en: "Audits made within their window / audits scheduled whose window ends in the period, by layer"
-- pitfalls_zh: "补做的仍算未完成；只汇总问题项会掩盖未做的审核" pitfalls_en: "One made late stays missed; adding up findings alone hides audits that were not made"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "daily_management" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_R
-- reads { event: "rollout.AuditScheduled" horizon: HORIZON_FORWARD }
-- reads { event: "rollout.AuditPerformed" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM dimension: "layer"
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_MONTH
-- source: "AIAG CQI-8; DOMAIN 2.5 H, 3.8"

-- Made before it was scheduled is out of order and does not count. An audit made in its window changes no day before that
-- on which it was made.
SELECT s.plant AS plant, s.workshop AS workshop, s.line AS line, s.due_to AS day, toString(s.layer) AS dim,
       toInt64(p.there = 1 AND p.occurred_at >= s.occurred_at AND p.day BETWEEN s.due_from AND s.due_to) AS numerator,
       toInt64(1) AS denominator, 1 AS observations, 0 AS sum_squares
FROM
(
    SELECT * FROM {facts rollout.AuditScheduled(audit_id, layer, due_from, due_to)} ORDER BY rank DESC LIMIT 1 BY plant, audit_id
) AS s
LEFT JOIN
(
    SELECT *, 1 AS there FROM {facts rollout.AuditPerformed(audit_id)} ORDER BY rank DESC LIMIT 1 BY plant, audit_id
) AS p ON p.plant = s.plant AND p.audit_id = s.audit_id

-- id: "audit_adherence"
-- name_zh: "审核符合率" name_en: "Audit adherence"
-- formula_zh: "符合项之和 ÷（符合项 + 不符合项）之和；不适用的不计" formula_en: "Items found to standard / items found to standard or not; what does not apply is left out"
-- pitfalls_zh: "连续 8 周 100 %：先怀疑审核质量；没有排过的审核也计" pitfalls_en: "100 % for 8 weeks: doubt the audits first; audits nobody scheduled count too"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "daily_management" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_R
-- reads { event: "rollout.AuditPerformed" horizon: HORIZON_DAY }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM dimension: "job"
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_MONTH
-- source: "AIAG CQI-8; DOMAIN 2.5 H, 3.8"

SELECT plant, workshop, line, day, toString(job_id) AS dim, toInt64(items_ok) AS numerator, toInt64(items_ok) + toInt64(items_nok) AS denominator,
       1 AS observations, 0 AS sum_squares
FROM (SELECT * FROM {facts rollout.AuditPerformed(audit_id, items_ok, items_nok, job_id)} ORDER BY rank DESC LIMIT 1 BY plant, audit_id)

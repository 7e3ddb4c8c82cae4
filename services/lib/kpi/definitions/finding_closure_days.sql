-- id: "finding_closure_days"
-- name_zh: "问题关闭周期" name_en: "Finding closure days"
-- formula_zh: "期内关闭的审核问题：关闭时间 − 提出时间的中位数（天）" formula_en: "Median, in days, of closing minus raising, of the audit findings closed in the period"
-- pitfalls_zh: "未关闭的不在其中：另看其数量与时长" pitfalls_en: "Open findings are not in it: look at their number and age too"
-- factor: "1" unit_zh: "天" unit_en: "days" decimals: 1
-- direction: DIRECTION_LOWER_IS_BETTER pillar: "daily_management" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_R
-- reads { event: "rollout.FindingRaised" horizon: HORIZON_FORWARD }
-- reads { event: "rollout.FindingClosed" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_VALUES denominator: AGGREGATION_ONE quantile: "0.5"
-- min_n: 5 default_grain: GRAIN_MONTH
-- source: "AIAG CQI-8; DOMAIN 2.5 H, 3.8"
-- evidence: "rollout.FindingClosed"

-- Closed before it was raised is out of order and does not count.
SELECT r.plant AS plant, r.workshop AS workshop, r.line AS line, c.day AS day,
       toDecimal128(intDiv(toUnixTimestamp64Micro(c.occurred_at) - toUnixTimestamp64Micro(r.occurred_at), 86400), 6) / 1000000 AS sample,
       r.occurred_at AS open_since
FROM (SELECT * FROM {facts rollout.FindingRaised(finding_id)} ORDER BY rank DESC LIMIT 1 BY plant, finding_id) AS r
INNER JOIN
(
    SELECT * FROM {facts rollout.FindingClosed(finding_id)} ORDER BY rank DESC LIMIT 1 BY plant, finding_id
) AS c ON c.plant = r.plant AND c.finding_id = r.finding_id
WHERE c.occurred_at >= r.occurred_at

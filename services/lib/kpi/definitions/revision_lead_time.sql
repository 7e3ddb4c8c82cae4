-- id: "revision_lead_time"
-- name_zh: "修订周期" name_en: "Revision lead time"
-- formula_zh: "期内发布的版次：发布时间 − 起草时间的中位数（天）"
-- formula_en: "Median of release minus first draft, in days, of the revisions released in the period"
-- pitfalls_zh: "尚未发布的草稿不计：另看其数量与时长" pitfalls_en: "Open drafts are not in it: look at their number and age too"
-- factor: "1" unit_zh: "天" unit_en: "days" decimals: 1
-- direction: DIRECTION_LOWER_IS_BETTER pillar: "JI" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "standard_work.RevisionReleased" horizon: HORIZON_DAY }
-- reads { event: "standard_work.RevisionDrafted" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_WORKSHOP numerator: AGGREGATION_VALUES denominator: AGGREGATION_ONE quantile: "0.5"
-- min_n: 5 default_grain: GRAIN_MONTH
-- source: "DOMAIN 3.1"

SELECT r.plant AS plant, if(r.workshop != '', r.workshop, d.workshop) AS workshop, '' AS line, r.day AS day,
       toDecimal128(intDiv(toUnixTimestamp64Micro(r.occurred_at) - toUnixTimestamp64Micro(d.occurred_at), 86400), 6) / 1000000 AS sample,
       r.occurred_at AS open_since
FROM
(
    SELECT * FROM {facts standard_work.RevisionReleased(job_id, revision_no)} ORDER BY rank DESC LIMIT 1 BY plant, job_id, revision_no
) AS r
INNER JOIN
(
    SELECT * FROM {facts standard_work.RevisionDrafted(job_id, revision_no)} ORDER BY rank DESC LIMIT 1 BY plant, job_id, revision_no
) AS d ON d.plant = r.plant AND d.job_id = r.job_id AND d.revision_no = r.revision_no
WHERE d.occurred_at <= r.occurred_at

-- id: "ecrs_split"
-- name_zh: "ECRS 构成" name_en: "ECRS split"
-- formula_zh: "带有该标签（E 删除、C 合并、R 重排、S 简化）的已实施提案 ÷ 已实施提案"
-- formula_en: "Implemented proposals tagged so (E eliminate, C combine, R rearrange, S simplify) / implemented proposals"
-- pitfalls_zh: "一个提案可有多个标签，合计可超过 100 %" pitfalls_en: "A proposal may have several tags, so the four may add up to more than 100 %"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_CONTEXT pillar: "JM" board: "" version: 1
-- tps: TPS_ELEMENT_KZ productive_forces: PRODUCTIVE_FORCE_M
-- reads { event: "improvement.ProposalSubmitted" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalScreened" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalDeferred" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalWithdrawn" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalApproved" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalRejected" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalImplemented" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalVerified" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalStandardized" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM dimension: "ecrs" no_total: true
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_QUARTER
-- source: "DOMAIN 3.2"

SELECT plant, workshop, line, day, tag.1 AS dim, toInt64(has(tags, tag.2)) AS numerator, toInt64(1) AS denominator, 1 AS observations,
       0 AS sum_squares
FROM
(
    SELECT p.plant AS plant, p.workshop AS workshop, p.line AS line, p.implemented_day AS day, arrayMap(x -> toString(x), i.ecrs) AS tags
    FROM {step proposal} AS p
    INNER JOIN (SELECT plant, toString(fact_key) AS key, ecrs FROM {facts improvement.ProposalImplemented(ecrs)}) AS i
        ON i.plant = p.plant AND i.key = p.implemented_key
    WHERE p.implemented = 1
)
ARRAY JOIN [('E', 'eliminate'), ('C', 'combine'), ('R', 'rearrange'), ('S', 'simplify')] AS tag

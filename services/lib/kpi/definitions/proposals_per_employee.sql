-- id: "proposals_per_employee"
-- name_zh: "人均提案件数" name_en: "Proposals per employee"
-- formula_zh: "提交的提案数 ÷ 平均员工数（每日名册员工数的平均）" formula_en: "Proposals submitted / average number of employees (mean of the daily rosters)"
-- pitfalls_zh: "防止为指标凑数：与采纳率一起看；多人提案只计一件" pitfalls_en: "Quotas invite gaming: look at adoption too; a proposal of several persons counts once"
-- factor: "1" unit_zh: "件/人" unit_en: "per person" decimals: 2
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JM" board: "M" version: 1
-- tps: TPS_ELEMENT_KZ productive_forces: PRODUCTIVE_FORCE_I
-- reads { event: "improvement.ProposalSubmitted" horizon: HORIZON_DAY }
-- reads { event: "operations.RosterPublished" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_WORKSHOP numerator: AGGREGATION_SUM denominator: AGGREGATION_MEAN_OF_DAYS
-- interval: INTERVAL_KIND_GARWOOD min_expected: 3 default_grain: GRAIN_MONTH
-- source: "DOMAIN 3.2"
-- evidence: "improvement.ProposalSubmitted"

SELECT plant, workshop, line, day, toInt64(1) AS numerator, toInt64(0) AS denominator, 1 AS observations, 0 AS sum_squares
FROM (SELECT * FROM {facts improvement.ProposalSubmitted(proposal_id)} ORDER BY rank DESC LIMIT 1 BY plant, proposal_id)
UNION ALL
SELECT plant, workshop, line, day, toInt64(0), toInt64(employees), 0, 0
FROM {step headcount}

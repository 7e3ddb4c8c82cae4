-- id: "jr_case_rate"
-- name_zh: "关系案例率" name_en: "JR case rate"
-- formula_zh: "100 × 立案数 ÷ 平均员工数（每日名册员工数的平均）"
-- formula_en: "100 x cases opened / average number of employees (mean of the daily rosters)"
-- pitfalls_zh: "低不等于健康：也可能没人敢说；少于 5 件不公布" pitfalls_en: "Low is not healthy: nobody may dare to speak; not shown below 5 cases"
-- factor: "100" unit_zh: "件/百人" unit_en: "per 100 employees" decimals: 2
-- direction: DIRECTION_CONTEXT pillar: "JR" board: "" version: 1
-- tps: TPS_ELEMENT_RP productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "relations.CaseOpened" horizon: HORIZON_DAY }
-- reads { event: "operations.RosterPublished" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_WORKSHOP numerator: AGGREGATION_SUM denominator: AGGREGATION_MEAN_OF_DAYS
-- interval: INTERVAL_KIND_GARWOOD min_expected: 3 privacy_k: 5 default_grain: GRAIN_QUARTER
-- source: "DOMAIN 2.5 D, 3.4"
-- evidence: "relations.CaseOpened"

SELECT plant, workshop, '' AS line, day, toInt64(1) AS numerator, toInt64(0) AS denominator, 1 AS observations, 0 AS sum_squares
FROM (SELECT * FROM {facts relations.CaseOpened(case_id, case_round)} WHERE case_round = 1 ORDER BY rank DESC LIMIT 1 BY plant, case_id)
UNION ALL
SELECT plant, workshop, '', day, toInt64(0), toInt64(employees), 0, 0
FROM {step headcount}

-- id: "career_progression"
-- name_zh: "由工到匠晋升率" name_en: "Career progression"
-- formula_zh: "上任前已通过 JI（更高职务还须 JR）的晋升人次（操作工→班组长；班组长→主管或经理）÷ 原职务平均人数，按原职务；滚动 12 个月"
-- formula_en: "Promotions (operator to team leader; team leader to supervisor or manager) of persons who had passed JI (beyond team leader also JR) by then / average number in the role before, by that role; trailing 12 months"
-- pitfalls_zh: "平调不计；人数少时波动大" pitfalls_en: "Lateral moves are not in it; small numbers jump"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "rollout" board: "" version: 1
-- tps: TPS_ELEMENT_RP productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "operations.RoleChanged" horizon: HORIZON_FORWARD }
-- reads { event: "training.ClassAttended" horizon: HORIZON_FORWARD }
-- reads { event: "operations.RosterPublished" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_PLANT numerator: AGGREGATION_SUM denominator: AGGREGATION_MEAN_OF_DAYS dimension: "from_role"
-- interval: INTERVAL_KIND_GARWOOD min_expected: 3 default_grain: GRAIN_ROLLING_12_MONTHS
-- source: "DOMAIN 2.5 J, 3.9"
-- evidence: "operations.RoleChanged"

SELECT plant, '' AS workshop, '' AS line, day, from_role AS dim, toInt64(1) AS numerator, toInt64(0) AS denominator, 1 AS observations, 0 AS sum_squares
FROM {step promotion}
WHERE trained = 1 AND (from_role = 'operator' AND to_role = 'team_leader' OR from_role = 'team_leader')
UNION ALL
SELECT plant, '', '', day, 'operator', toInt64(0), toInt64(operators), 0, 0
FROM {step headcount}
UNION ALL
SELECT plant, '', '', day, 'team_leader', toInt64(0), toInt64(1), 0, 0
FROM {step leader_day}
WHERE role = 'team_leader'

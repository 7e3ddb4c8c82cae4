-- id: "supervisor_j_coverage"
-- name_zh: "班组长 J 课程覆盖率" name_en: "Supervisor J coverage"
-- formula_zh: "期末名册上已通过该 J 课程（JI、JM、JR、JS）的班组长与主管 ÷ 期末名册上的班组长与主管；合计为（人，课程）对"
-- formula_en: "Team leaders and supervisors who have passed the class (JI, JM, JR, JS) / team leaders and supervisors on the roster, at the period's end; all together: pairs of person and class"
-- pitfalls_zh: "上过课不等于用起来" pitfalls_en: "Having attended a class is not applying it"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "MTP" board: "" version: 1
-- tps: TPS_ELEMENT_SL productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "operations.RosterPublished" horizon: HORIZON_FORWARD }
-- reads { event: "training.ClassAttended" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_WORKSHOP numerator: AGGREGATION_LAST denominator: AGGREGATION_LAST dimension: "pillar"
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_QUARTER
-- source: "DOMAIN 2.5 G, 3.6"
-- evidence: "training.ClassAttended"

SELECT l.plant AS plant, l.workshop AS workshop, '' AS line, l.day AS day, class AS dim,
       toInt64(countIf(arrayExists(x -> x.1 = class AND x.2 <= l.day, c.passed))) AS numerator, toInt64(count()) AS denominator,
       count() AS observations, 0 AS sum_squares
FROM {step leader_day} AS l
LEFT JOIN
(
    SELECT plant, person_ref, groupArray((pillar, passed_day)) AS passed FROM {step class_passed} GROUP BY plant, person_ref
) AS c ON c.plant = l.plant AND c.person_ref = l.person_ref
ARRAY JOIN ['JI', 'JM', 'JR', 'JS'] AS class
WHERE l.role IN ('team_leader', 'supervisor')
GROUP BY plant, workshop, day, dim

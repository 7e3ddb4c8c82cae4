-- id: "mtp_coverage"
-- name_zh: "MTP 覆盖率" name_en: "MTP coverage"
-- formula_zh: "期末名册上已通过 MTP 课程的管理者 ÷ 期末名册上的管理者（在岗或休假不超过 30 天）"
-- formula_en: "Managers who have passed the MTP course / managers on the roster (at work or on leave for at most 30 days), at the period's end"
-- pitfalls_zh: "人员变动会改变它：以期末名册为准" pitfalls_en: "Moves with turnover: the roster at the period's end counts"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "MTP" board: "" version: 1
-- tps: TPS_ELEMENT_SL productive_forces: PRODUCTIVE_FORCE_L productive_forces: PRODUCTIVE_FORCE_R
-- reads { event: "operations.RosterPublished" horizon: HORIZON_FORWARD }
-- reads { event: "management.ParticipantCompleted" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_PLANT numerator: AGGREGATION_LAST denominator: AGGREGATION_LAST
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_QUARTER
-- source: "DOMAIN 2.5 F, 3.6"
-- evidence: "management.ParticipantCompleted"

SELECT l.plant AS plant, '' AS workshop, '' AS line, l.day AS day, countIf(c.there = 1 AND c.passed_day <= l.day) AS numerator,
       count() AS denominator, count() AS observations, 0 AS sum_squares
FROM {step leader_day} AS l
LEFT JOIN
(
    SELECT plant, person_ref, min(day) AS passed_day, 1 AS there
    FROM {facts management.ParticipantCompleted(person_ref, passed)} WHERE passed = 1 GROUP BY plant, person_ref
) AS c ON c.plant = l.plant AND c.person_ref = l.person_ref
WHERE l.role = 'manager'
GROUP BY plant, day

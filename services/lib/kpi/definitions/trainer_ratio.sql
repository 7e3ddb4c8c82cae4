-- id: "trainer_ratio"
-- name_zh: "内训师比" name_en: "Trainer ratio"
-- formula_zh: "期末：100 × 有效内训师（已认证、未暂停、在名册上）÷ 操作工，按课程"
-- formula_en: "100 x active internal trainers (certified, not suspended, on the roster) / operators, by pillar, at the period's end"
-- pitfalls_zh: "过期的不计；其倒数为“1 : n”" pitfalls_en: "Expired ones are not in it; turned over it reads 1 : n"
-- factor: "100" unit_zh: "人/百人" unit_en: "per 100 operators" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "TTT" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "training.TrainerCertified" horizon: HORIZON_FORWARD }
-- reads { event: "training.TrainerCertificateRevoked" horizon: HORIZON_FORWARD }
-- reads { event: "training.TrainerSuspended" horizon: HORIZON_FORWARD }
-- reads { event: "training.TrainerReinstated" horizon: HORIZON_FORWARD }
-- reads { event: "operations.RosterPublished" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_WORKSHOP numerator: AGGREGATION_LAST denominator: AGGREGATION_LAST dimension: "pillar" no_total: true
-- min_n: 10 default_grain: GRAIN_MONTH
-- source: "DOMAIN 2.5 G, 3.7"
-- evidence: "training.TrainerCertified" evidence: "training.TrainerCertificateRevoked" evidence: "training.TrainerSuspended" evidence: "training.TrainerReinstated"

SELECT plant, workshop, '' AS line, day, pillar AS dim, toInt64(1) AS numerator, toInt64(0) AS denominator, 1 AS observations, 0 AS sum_squares
FROM {step trainer_day}
UNION ALL
SELECT plant, workshop, '', day, class, toInt64(0), toInt64(operators), 0, 0
FROM {step headcount} ARRAY JOIN ['JI', 'JM', 'JR', 'JS', 'MTP'] AS class

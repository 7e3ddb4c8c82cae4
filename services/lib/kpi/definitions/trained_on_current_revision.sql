-- id: "trained_on_current_revision"
-- name_zh: "现行版次训练达成率" name_en: "Trained on current revision"
-- formula_zh: "期末已按现行版次训练的（人，作业）数 ÷ 期末应训（人，作业）数；应训 = 名册在岗（休假不超过 30 天）且分配到需要标准作业的作业"
-- formula_en: "Pairs of person and job trained on the revision in force / pairs required (on the roster, at work or on leave for at most 30 days, assigned to a job that needs standard work), at the period's end"
-- pitfalls_zh: "新版生效当天必然下降：14 天宽限期内看趋势" pitfalls_en: "Drops by design the day a revision takes effect: allow 14 days"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JI" board: "M" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "standard_work.JobRegistered" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.JobChanged" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.JobRetired" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.RevisionReleased" horizon: HORIZON_PLANT }
-- reads { event: "standard_work.RevisionWithdrawn" horizon: HORIZON_PLANT }
-- reads { event: "operations.RosterPublished" horizon: HORIZON_FORWARD }
-- reads { event: "training.SessionCompleted" horizon: HORIZON_FORWARD }
-- reads { event: "training.SkillLevelAssessed" horizon: HORIZON_FORWARD }
-- reads { event: "training.SkillLevelRevoked" horizon: HORIZON_FORWARD }
-- reads { event: "training.TrainerCertified" horizon: HORIZON_PLANT }
-- reads { event: "training.TrainerCertificateRevoked" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_LAST denominator: AGGREGATION_LAST
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_DAY
-- source: "DOMAIN 2.5 B, 3.1"
-- evidence: "training.SessionCompleted" evidence: "training.SkillLevelAssessed" evidence: "training.SkillLevelRevoked" evidence: "standard_work.RevisionReleased"

SELECT plant, workshop, line, day, sum(hit) AS numerator, count() AS denominator, count() AS observations, 0 AS sum_squares
FROM {step trained_pair}
GROUP BY plant, workshop, line, day

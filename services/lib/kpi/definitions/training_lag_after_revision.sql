-- id: "training_lag_after_revision"
-- name_zh: "换版训练滞后（p90）" name_en: "Training lag after revision (p90)"
-- formula_zh: "每个版次：生效时应训人员中第 ⌈0.9n⌉ 名完成训练的时间 − 生效时间（天）；单位值 = 各版次的中位数"
-- formula_en: "Per revision: time at which the ceil(0.9 n)-th of the persons required at its effect was trained, minus its effect, in days; a unit's value is the median over revisions"
-- pitfalls_zh: "训练人数不足时为空，只给下限" pitfalls_en: "Open while too few are trained: no value, only a lower bound"
-- factor: "1" unit_zh: "天" unit_en: "days" decimals: 1
-- direction: DIRECTION_LOWER_IS_BETTER pillar: "JI" board: "M" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "standard_work.JobRegistered" horizon: HORIZON_PLANT }
-- reads { event: "standard_work.JobChanged" horizon: HORIZON_PLANT }
-- reads { event: "standard_work.JobRetired" horizon: HORIZON_PLANT }
-- reads { event: "standard_work.RevisionReleased" horizon: HORIZON_PLANT }
-- reads { event: "standard_work.RevisionWithdrawn" horizon: HORIZON_PLANT }
-- reads { event: "operations.RosterPublished" horizon: HORIZON_PLANT }
-- reads { event: "training.SessionCompleted" horizon: HORIZON_PLANT }
-- reads { event: "training.SkillLevelAssessed" horizon: HORIZON_PLANT }
-- reads { event: "training.SkillLevelRevoked" horizon: HORIZON_PLANT }
-- reads { event: "training.TrainerCertified" horizon: HORIZON_PLANT }
-- reads { event: "training.TrainerCertificateRevoked" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_LINE dimension: "job" numerator: AGGREGATION_VALUES denominator: AGGREGATION_ONE quantile: "0.5"
-- min_n: 5 has_lower_bound: true default_grain: GRAIN_MONTH
-- source: "DOMAIN 3.1"
-- evidence: "standard_work.RevisionReleased" evidence: "training.SessionCompleted" evidence: "training.SkillLevelAssessed"

SELECT plant, workshop, line, effective_day AS day, job_id AS dim,
       if(closed = 0, NULL, toDecimal128(intDiv(lag_us, 86400), 6) / 1000000) AS sample, effective_from AS open_since
FROM {step revision_lag}

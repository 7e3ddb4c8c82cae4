-- id: "loop_closure_time"
-- name_zh: "闭环周期" name_en: "Loop closure time"
-- formula_zh: "已标准化的提案：新版次应训人员 90 % 完成训练的时间 − 提交时间的中位数（天），按新版次生效之日"
-- formula_en: "Median, in days, of the time at which 90 % of the persons required were trained on the new revision minus the submission, over proposals standardized, by the day the revision took effect"
-- pitfalls_zh: "训练人数不足时未定，只给下限" pitfalls_en: "Open while too few are trained: no value, only a lower bound"
-- factor: "1" unit_zh: "天" unit_en: "days" decimals: 1
-- direction: DIRECTION_LOWER_IS_BETTER pillar: "JM" board: "" version: 1
-- tps: TPS_ELEMENT_SW tps: TPS_ELEMENT_KZ productive_forces: PRODUCTIVE_FORCE_I
-- reads { event: "improvement.ProposalSubmitted" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalScreened" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalDeferred" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalWithdrawn" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalApproved" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalRejected" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalImplemented" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalVerified" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalStandardized" horizon: HORIZON_PLANT }
-- reads { event: "standard_work.RevisionDrafted" horizon: HORIZON_PLANT }
-- reads { event: "standard_work.RevisionReleased" horizon: HORIZON_PLANT }
-- reads { event: "standard_work.JobRegistered" horizon: HORIZON_PLANT }
-- reads { event: "standard_work.JobChanged" horizon: HORIZON_PLANT }
-- reads { event: "standard_work.JobRetired" horizon: HORIZON_PLANT }
-- reads { event: "standard_work.RevisionWithdrawn" horizon: HORIZON_PLANT }
-- reads { event: "operations.RosterPublished" horizon: HORIZON_PLANT }
-- reads { event: "training.SessionCompleted" horizon: HORIZON_PLANT }
-- reads { event: "training.SkillLevelAssessed" horizon: HORIZON_PLANT }
-- reads { event: "training.SkillLevelRevoked" horizon: HORIZON_PLANT }
-- reads { event: "training.TrainerCertified" horizon: HORIZON_PLANT }
-- reads { event: "training.TrainerCertificateRevoked" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_VALUES denominator: AGGREGATION_ONE quantile: "0.5"
-- min_n: 5 has_lower_bound: true default_grain: GRAIN_QUARTER
-- source: "DOMAIN 3.2"

SELECT p.plant AS plant, p.workshop AS workshop, p.line AS line, l.effective_day AS day,
       if(l.closed = 0, NULL, toDecimal128(intDiv(greatest(0, toUnixTimestamp64Micro(l.effective_from) + l.lag_us - toUnixTimestamp64Micro(p.submitted_at)), 86400), 6) / 1000000) AS sample,
       p.submitted_at AS open_since
FROM {step standardized} AS s
INNER JOIN {step proposal} AS p ON p.plant = s.plant AND p.proposal_id = s.proposal_id
INNER JOIN {step revision_lag} AS l ON l.plant = s.plant AND l.job_id = s.job_id AND l.revision_no = s.revision_no

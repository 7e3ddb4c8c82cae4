-- id: "ji_training_cycle_time"
-- name_zh: "训练周期" name_en: "JI training cycle time"
-- formula_zh: "期内首次达到岗位要求等级的（人，作业）：达到时间 − 首次训练开始时间的中位数（天）"
-- formula_en: "Median, in days, of first reaching the job's required level minus the first start of a session, of the pairs of person and job that first reached it in the period"
-- pitfalls_zh: "只含已达标者：同时看训练超过 90 天仍未达标的人" pitfalls_en: "Only those who made it are in it: look at those in training for more than 90 days too"
-- factor: "1" unit_zh: "天" unit_en: "days" decimals: 1
-- direction: DIRECTION_LOWER_IS_BETTER pillar: "JI" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "standard_work.JobRegistered" horizon: HORIZON_PLANT }
-- reads { event: "standard_work.JobChanged" horizon: HORIZON_PLANT }
-- reads { event: "standard_work.JobRetired" horizon: HORIZON_PLANT }
-- reads { event: "training.SessionStarted" horizon: HORIZON_PLANT }
-- reads { event: "training.SkillLevelAssessed" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_VALUES denominator: AGGREGATION_ONE quantile: "0.5"
-- min_n: 5 default_grain: GRAIN_MONTH
-- source: "DOMAIN 3.1"

SELECT q.plant AS plant, if(q.workshop != '', q.workshop, s.workshop) AS workshop, if(q.workshop != '' OR q.line != '', q.line, s.line) AS line,
       q.day AS day, toDecimal128(intDiv(toUnixTimestamp64Micro(q.at) - toUnixTimestamp64Micro(s.at), 86400), 6) / 1000000 AS sample,
       s.at AS open_since
FROM
(
    SELECT a.plant AS plant, a.person_ref AS person_ref, a.job_id AS job_id, a.workshop AS workshop, a.line AS line, a.day AS day,
           a.occurred_at AS at
    FROM {facts training.SkillLevelAssessed(person_ref, job_id, level)} AS a
    INNER JOIN {step job} AS k ON k.plant = a.plant AND k.job_id = a.job_id
    WHERE k.from_day <= a.day AND a.day < k.until_day AND a.level >= k.required_level
    ORDER BY a.occurred_at, a.rank DESC LIMIT 1 BY a.plant, a.person_ref, a.job_id
) AS q
INNER JOIN
(
    SELECT plant, person_ref, job_id, workshop, line, occurred_at AS at FROM {facts training.SessionStarted(person_ref, job_id)}
    ORDER BY occurred_at, rank DESC LIMIT 1 BY plant, person_ref, job_id
) AS s ON s.plant = q.plant AND s.person_ref = q.person_ref AND s.job_id = q.job_id
WHERE s.at <= q.at

-- id: "training_lag_after_revision"
-- name_zh: "换版训练滞后（p90）" name_en: "Training lag after revision (p90)"
-- formula_zh: "每个版次：生效时应训人员中第 ⌈0.9n⌉ 名完成训练的时间 − 生效时间（天）；单位值 = 各版次的中位数"
-- formula_en: "Per revision: time at which the ceil(0.9 n)-th of the persons required at its effect was trained, minus its effect, in days; a unit's value is the median over revisions"
-- pitfalls_zh: "训练人数不足时为空，只给下限" pitfalls_en: "Open while too few are trained: no value, only a lower bound"
-- factor: "1" unit_zh: "天" unit_en: "days" decimals: 1
-- direction: DIRECTION_LOWER_IS_BETTER pillar: "JI" board: "M" version: 1
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

-- Who left before being trained is not waited for.
SELECT plant, workshop, line, effective_day AS day, job_id AS dim,
       if(length(lags) < k, NULL, toDecimal128(intDiv(lags[k], 86400), 6) / 1000000) AS sample, effective_from AS open_since
FROM
(
    SELECT plant, workshop, line, effective_day, job_id, revision_no, effective_from,
           intDiv(9 * countIf(trained = 1 OR present = 1) + 9, 10) AS k, arraySort(groupArrayIf(lag_us, trained = 1)) AS lags
    FROM
    (
        SELECT v.plant AS plant, v.workshop AS workshop, v.line AS line, v.effective_day AS effective_day, v.job_id AS job_id,
               v.revision_no AS revision_no, v.effective_from AS effective_from, q.person_ref AS person_ref,
               max(t.job_id != '' AND t.revision_no <= v.revision_no AND t.revision_no >= v.base_no AND t.until_day > v.effective_day) AS trained,
               greatest(0, minIf(toUnixTimestamp64Micro(t.occurred_at), t.job_id != '' AND t.revision_no <= v.revision_no
                   AND t.revision_no >= v.base_no AND t.until_day > v.effective_day) - toUnixTimestamp64Micro(v.effective_from)) AS lag_us,
               max(here.person_ref != '') AS present
        FROM
        (
            SELECT r.plant AS plant, s.workshop AS workshop, s.line AS line, r.effective_day AS effective_day, r.job_id AS job_id,
                   r.revision_no AS revision_no, r.base_no AS base_no, r.effective_from AS effective_from
            FROM {step revision} AS r
            INNER JOIN {step standard_day} AS s ON s.plant = r.plant AND s.job_id = r.job_id AND s.day = r.effective_day
            WHERE r.withdrawn_day > r.effective_day
        ) AS v
        INNER JOIN {step required} AS q ON q.plant = v.plant AND q.job_id = v.job_id AND q.day = v.effective_day
        LEFT JOIN {step trained} AS t ON t.plant = v.plant AND t.person_ref = q.person_ref AND t.job_id = v.job_id
        LEFT JOIN {step roster_last} AS here ON here.plant = v.plant AND here.person_ref = q.person_ref
        GROUP BY plant, workshop, line, effective_day, job_id, revision_no, effective_from, person_ref
    )
    GROUP BY plant, workshop, line, effective_day, job_id, revision_no, effective_from
)
WHERE k > 0

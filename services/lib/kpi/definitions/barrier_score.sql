-- id: "barrier_score"
-- name_zh: "诊断障碍分" name_en: "Barrier score"
-- formula_zh: "诊断中该障碍（B1 至 B8）0–4 分的平均；半年 = 两个季度的分数之和 ÷ 两个季度的作答数之和"
-- formula_en: "Mean of the scores 0 to 4 given to the barrier (B1 to B8); a half-year is read as the scores of its two quarters / the answers of its two quarters"
-- pitfalls_zh: "自我评价：看分布，不只看平均；未作答的不计；少于 5 人不公布" pitfalls_en: "Self-report: look at the spread, not only the mean; what was not answered is left out; not shown below 5 answers"
-- factor: "1" unit_zh: "分（0–4）" unit_en: "score 0-4" decimals: 2
-- direction: DIRECTION_LOWER_IS_BETTER pillar: "rollout" board: "" version: 1
-- tps: TPS_ELEMENT_SL productive_forces: PRODUCTIVE_FORCE_R productive_forces: PRODUCTIVE_FORCE_O
-- reads { event: "rollout.DiagnosisRecorded" horizon: HORIZON_DAY }
-- finest_level: LEVEL_WORKSHOP numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM dimension: "barrier" no_total: true
-- min_n: 5 privacy_k: 5 default_grain: GRAIN_QUARTER
-- source: "DOMAIN 2.5 H, 3.9"

SELECT plant, workshop, '' AS line, day, score.1 AS dim, toInt64(assumeNotNull(score.2)) AS numerator, toInt64(1) AS denominator, 1 AS observations,
       numerator * numerator AS sum_squares
FROM
(
    SELECT * FROM {facts rollout.DiagnosisRecorded(plan_id, response_id, scores_b1, scores_b2, scores_b3, scores_b4, scores_b5, scores_b6, scores_b7, scores_b8)}
    ORDER BY rank DESC LIMIT 1 BY plant, plan_id, response_id
)
ARRAY JOIN [('B1', scores_b1), ('B2', scores_b2), ('B3', scores_b3), ('B4', scores_b4), ('B5', scores_b5), ('B6', scores_b6), ('B7', scores_b7), ('B8', scores_b8)] AS score
WHERE score.2 IS NOT NULL

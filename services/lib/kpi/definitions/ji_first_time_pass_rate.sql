-- id: "ji_first_time_pass_rate"
-- name_zh: "一次教会率" name_en: "JI first time pass rate"
-- formula_zh: "第 1 次即通过的训练场次 ÷ 有结果的训练场次；按场次首个结果之日"
-- formula_en: "Sessions passed at attempt 1 / sessions with a result, by the day of a session's first result"
-- pitfalls_zh: "100 % 而无跟踪检查时可疑；无有效 JI 证书者所教的不计" pitfalls_en: "100 % without follow-ups is suspicious; sessions under a trainer without a valid JI certificate do not count"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JI" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "training.SessionCompleted" horizon: HORIZON_PLANT }
-- reads { event: "training.TrainerCertified" horizon: HORIZON_PLANT }
-- reads { event: "training.TrainerCertificateRevoked" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_MONTH
-- source: "DOMAIN 3.1"

SELECT plant, workshop, line, day, toInt64(attempt = 1 AND result = 'pass') AS numerator, toInt64(1) AS denominator, 1 AS observations,
       0 AS sum_squares
FROM {step session_result}
ORDER BY attempt LIMIT 1 BY plant, session_id

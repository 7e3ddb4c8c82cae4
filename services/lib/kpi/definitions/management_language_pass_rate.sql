-- id: "management_language_pass_rate"
-- name_zh: "管理语言测验通过率" name_en: "Management language pass rate"
-- formula_zh: "首次测验成绩达到及格线（未注明时 80）的人数 ÷ 参加首次测验的人数；每个测验版本每人计一次"
-- formula_en: "Persons whose first attempt reached the pass mark (80 where none is named) / persons tested; once per person and version of the quiz"
-- pitfalls_zh: "只计首次：补考通过不算" pitfalls_en: "The first attempt only: passing the second does not count"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "MTP" board: "" version: 1
-- tps: TPS_ELEMENT_SL productive_forces: PRODUCTIVE_FORCE_R
-- reads { event: "management.QuizTaken" horizon: HORIZON_FORWARD }
-- finest_level: LEVEL_PLANT numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_QUARTER
-- source: "DOMAIN 2.5 F, 3.6"

SELECT plant, '' AS workshop, '' AS line, day, toInt64(score_pct >= ifNull(pass_mark, toDecimal128(80, 6))) AS numerator, toInt64(1) AS denominator,
       1 AS observations, 0 AS sum_squares
FROM
(
    SELECT * FROM {facts management.QuizTaken(person_ref, quiz_id, kind, attempt, score_pct, pass_mark)}
    WHERE kind = 'management_language' AND attempt = 1
    ORDER BY occurred_at, rank DESC LIMIT 1 BY plant, person_ref, quiz_id
)

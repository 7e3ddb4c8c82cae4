-- id: "verified_savings"
-- name_zh: "核定节约额" name_en: "Verified savings"
-- formula_zh: "财务或 IE 核定有效的年节约额之和，按核定年的固定汇率折算；只计一次（首 12 个月）"
-- formula_en: "Sum of yearly savings verified as effective by finance or IE, converted at the fixed rate of the year of verification; counted once, for the first 12 months"
-- pitfalls_zh: "质量部门核定的与预计的不计；核定年没有汇率的货币不计" pitfalls_en: "Savings verified by quality, and expected ones, do not count; nor do those in a currency that has no rate for the year"
-- factor: "1" unit_zh: "报告货币" unit_en: "reporting currency" decimals: 0
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JM" board: "" version: 1
-- tps: TPS_ELEMENT_KZ productive_forces: PRODUCTIVE_FORCE_M
-- reads { event: "improvement.ProposalSubmitted" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalScreened" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalDeferred" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalWithdrawn" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalApproved" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalRejected" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalImplemented" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalVerified" horizon: HORIZON_PLANT }
-- reads { event: "improvement.ProposalStandardized" horizon: HORIZON_PLANT }
-- reads { event: "operations.ExchangeRateSet" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_ONE
-- default_grain: GRAIN_MONTH
-- source: "DOMAIN 3.2"

-- A saving in the reporting currency needs no rate; where no rate is set at all, one currency is as good as converted.
SELECT plant, workshop, line, day, numerator, 0 AS denominator, 1 AS observations, 0 AS sum_squares
FROM
(
    SELECT v.plant AS plant, v.workshop AS workshop, v.line AS line, v.day AS day,
           multiIf(r.there = 1, toDecimal128(multiplyDecimal(v.saving, r.rate, 6), 6),
                   g.there = 1 AND g.currency = v.currency OR g.there = 0 AND v.currencies = 1, v.saving, NULL) AS numerator
    FROM
    (
        SELECT p.plant AS plant, p.workshop AS workshop, p.line AS line, p.effective_day AS day, i.saving AS saving, i.currency AS currency,
               uniqExact(i.currency) OVER (PARTITION BY p.plant) AS currencies
        FROM {step proposal} AS p
        INNER JOIN
        (
            SELECT plant, toString(fact_key) AS key, verified_saving_annual AS saving, toString(currency) AS currency
            FROM {facts improvement.ProposalVerified(verified_saving_annual, currency, verifier_role)} WHERE verifier_role IN ('finance', 'ie')
        ) AS i ON i.plant = p.plant AND i.key = p.effective_key
        WHERE p.effective = 1
    ) AS v
    LEFT JOIN
    (
        SELECT plant, toString(currency) AS currency, year, rate, 1 AS there FROM {facts operations.ExchangeRateSet(currency, year, rate)}
        ORDER BY rank DESC LIMIT 1 BY plant, currency, year
    ) AS r ON r.plant = v.plant AND r.currency = v.currency AND r.year = toInt32(toYear(v.day))
    LEFT JOIN
    (
        SELECT plant, argMax(toString(reporting_currency), rank) AS currency, 1 AS there
        FROM {facts operations.ExchangeRateSet(reporting_currency)} GROUP BY plant
    ) AS g ON g.plant = v.plant
)
WHERE numerator IS NOT NULL

-- id: "days_since_recordable"
-- name_zh: "安全天数" name_en: "Days since recordable"
-- formula_zh: "生产日 − 最近一次可记录事故的生产日"
-- formula_en: "Production day minus that of the last recordable case"
-- pitfalls_zh: "作废会改写；从未有可记录事故、或只按期间报告的，没有值" pitfalls_en: "Voids restate it; none where there never was a recordable case, or where safety is reported by period only"
-- factor: "1" unit_zh: "天" unit_en: "days" decimals: 0
-- direction: DIRECTION_CONTEXT pillar: "JS" board: "" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_L
-- reads { event: "safety.IncidentReported" horizon: HORIZON_FORWARD }
-- reads { event: "safety.IncidentClassified" horizon: HORIZON_PLANT }
-- reads { event: "safety.IncidentReclassified" horizon: HORIZON_PLANT }
-- reads { event: "operations.ReportingModeSet" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_LAST denominator: AGGREGATION_LAST above_plant: ABOVE_PLANT_LEAST
-- default_grain: GRAIN_DAY
-- source: "DOMAIN 3.3"

-- A unit's days are not the sum of those of the units below it. A row counts for its own unit and all above; so each comes
-- with one that takes it back from there.
SELECT plant, place.1 AS workshop, place.2 AS line, day, place.3 * since AS numerator, toInt64(place.3) AS denominator,
       toInt64(place.3) AS observations, 0 AS sum_squares
FROM
(
    SELECT d.plant AS plant, d.day AS day, r.unit AS unit, toInt64(toInt32(d.day) - max(toInt32(r.day))) AS since
    FROM {scope} AS d
    INNER JOIN
    (
        SELECT DISTINCT plant, day, unit
        FROM {step safety_case}
        ARRAY JOIN arrayConcat([('', '')], if(workshop != '', [(toString(workshop), '')], []), if(line != '', [(toString(workshop), toString(line))], [])) AS unit
        WHERE recordable = 1
    ) AS r ON r.plant = d.plant
    WHERE r.day <= d.day
    GROUP BY plant, day, unit
)
ARRAY JOIN arrayConcat([(unit.1, unit.2, 1)], if(unit.2 != '', [(unit.1, '', -1)], if(unit.1 != '', [('', '', -1)], []))) AS place

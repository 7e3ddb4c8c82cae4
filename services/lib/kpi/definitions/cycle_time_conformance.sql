-- id: "cycle_time_conformance"
-- name_zh: "周期时间符合率" name_en: "Cycle time conformance"
-- formula_zh: "平均周期时间与标准相差不超过 10 % 的班次的循环数 ÷ 全部循环数；标准 = 班次开始时工位作业的有效版次的周期时间"
-- formula_en: "Cycles of shifts whose mean cycle time is within 10 % of the standard / all cycles; the standard is that of the revision in force, when the shift began, of the station's job"
-- pitfalls_zh: "工位上有多个带标准周期时间的作业、或没有时，该产出不计；一个班次的循环同时符合或不符合，区间因此偏窄" pitfalls_en: "Output of a station with no job, or more than one, that states a cycle time does not count; the cycles of a shift conform together or not at all, so the interval is too narrow"
-- factor: "100" unit_zh: "%" unit_en: "%" decimals: 1
-- direction: DIRECTION_HIGHER_IS_BETTER pillar: "JI" board: "D" version: 1
-- tps: TPS_ELEMENT_SW productive_forces: PRODUCTIVE_FORCE_M
-- reads { event: "operations.ShiftOutputReported" horizon: HORIZON_DAY }
-- reads { event: "standard_work.JobRegistered" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.JobChanged" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.JobRetired" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.RevisionReleased" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.RevisionWithdrawn" horizon: HORIZON_FORWARD }
-- reads { event: "standard_work.RevisionDrafted" horizon: HORIZON_PLANT }
-- finest_level: LEVEL_LINE numerator: AGGREGATION_SUM denominator: AGGREGATION_SUM dimension: "job"
-- interval: INTERVAL_KIND_WILSON min_n: 10 default_grain: GRAIN_WEEK
-- source: "DOMAIN 3.1"

SELECT plant, workshop, line, day, job_id AS dim, if(abs(mean_s - norm_s) * 10 <= norm_s, cycles, 0) AS numerator,
       cycles AS denominator, 1 AS observations, 0 AS sum_squares
FROM
(
    SELECT plant, workshop, line, day, station, product, shift_code, cycles, mean_s, min(job) AS job_id, min(standard_s) AS norm_s
    FROM
    (
        SELECT o.plant AS plant, o.workshop AS workshop, o.line AS line, o.day AS day, o.station AS station, o.product AS product,
               o.shift_code AS shift_code, o.cycles AS cycles, o.mean_s AS mean_s, k.job_id AS job,
               argMax(r.standard_s, r.revision_no) AS standard_s
        FROM {step cycle_output} AS o
        INNER JOIN (SELECT plant, job_id, from_day, until_day, station FROM {step job} ARRAY JOIN station_ids AS station) AS k
            ON k.plant = o.plant AND k.station = o.station
        INNER JOIN {step cycle_standard} AS r ON r.plant = k.plant AND r.job_id = k.job_id
        WHERE k.from_day <= o.day AND o.day < k.until_day AND r.effective_from <= o.starts_at AND o.day < r.withdrawn_day
        GROUP BY plant, workshop, line, day, station, product, shift_code, cycles, mean_s, job
    )
    WHERE standard_s > 0
    GROUP BY plant, workshop, line, day, station, product, shift_code, cycles, mean_s
    HAVING count() = 1
)

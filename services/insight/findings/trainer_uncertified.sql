-- zh: "训练通过，但教导员当日没有有效的 JI 认证，不计为已训练；请补发认证事件，或由认证教导员重新训练"
-- en: "passed under a trainer without a valid JI certificate that day, so it does not count as trained; send the certificate, or train again"
SELECT s.plant AS plant, 'training.SessionCompleted' AS event_type, s.entity AS entity, s.source AS source, s.event_id AS event_id,
       s.recorded_at AS recorded_at, concat(s.job_id, ' ', toString(s.revision_no)) AS detail
FROM {facts training.SessionCompleted(result, trainer_ref, job_id, revision_no)} AS s
LEFT JOIN
(
    SELECT plant, trainer_ref, groupArray((valid_from, valid_until)) AS spans FROM {step certified} GROUP BY plant, trainer_ref
) AS c ON c.plant = s.plant AND c.trainer_ref = s.trainer_ref
WHERE s.result = 'pass' AND NOT arrayExists(span -> span.1 <= s.day AND s.day <= span.2, c.spans)

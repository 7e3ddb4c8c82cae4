-- zh: "所指岗位不在岗位登记中；请发送 standard_work.JobRegistered，或更正岗位编号"
-- en: "it names a job that is not in the register; send standard_work.JobRegistered, or correct the job id"
SELECT plant, event_type, entity, source, event_id, recorded_at, job_id AS detail
FROM
(
    SELECT plant, 'training.SessionCompleted' AS event_type, entity, source, event_id, recorded_at, toString(job_id) AS job_id
    FROM {facts training.SessionCompleted(job_id)}
    UNION ALL
    SELECT plant, 'training.SkillLevelAssessed', entity, source, event_id, recorded_at, toString(job_id) FROM {facts training.SkillLevelAssessed(job_id)}
    UNION ALL
    SELECT plant, 'training.TrainingPlanned', entity, source, event_id, recorded_at, toString(job_id) FROM {facts training.TrainingPlanned(job_id)}
    UNION ALL
    SELECT plant, 'standard_work.RevisionReleased', entity, source, event_id, recorded_at, toString(job_id)
    FROM {facts standard_work.RevisionReleased(job_id)}
    UNION ALL
    SELECT plant, 'operations.OperationErrorRecorded', entity, source, event_id, recorded_at, toString(job_id)
    FROM {facts operations.OperationErrorRecorded(job_id)}
    UNION ALL
    SELECT plant, 'operations.ErrorsAggregated', entity, source, event_id, recorded_at, toString(job_id) FROM {facts operations.ErrorsAggregated(job_id)}
    UNION ALL
    SELECT plant, 'improvement.ProposalStandardized', entity, source, event_id, recorded_at, toString(job_id)
    FROM {facts improvement.ProposalStandardized(job_id)}
)
WHERE job_id != '' AND (plant, job_id) NOT IN (SELECT plant, toString(job_id) FROM {facts standard_work.JobRegistered(job_id)})

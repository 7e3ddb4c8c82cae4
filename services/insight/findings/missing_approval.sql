-- zh: "已发布的版次缺少其变更等级要求的审批环节（重大变更 2 人，其他 1 人）"
-- en: "released without the approval stages its change class demands (major: two persons, others: one)"
SELECT r.plant AS plant, 'standard_work.RevisionReleased' AS event_type, r.entity AS entity, r.source AS source, r.event_id AS event_id,
       r.recorded_at AS recorded_at,
       concat(r.job_id, ' ', toString(r.revision_no), ' ', toString(arrayUniq(r.approvals_signer_ref)), '/', toString(demanded)) AS detail,
       if(if(r.change_class = '', toString(d.change_class), toString(r.change_class)) = 'major', 2, 1) AS demanded
FROM {facts standard_work.RevisionReleased(job_id, revision_no, change_class, approvals_signer_ref)} AS r
LEFT JOIN
(
    SELECT plant, job_id, revision_no, change_class FROM {facts standard_work.RevisionDrafted(job_id, revision_no, change_class)}
    ORDER BY rank DESC LIMIT 1 BY plant, job_id, revision_no
) AS d ON d.plant = r.plant AND d.job_id = r.job_id AND d.revision_no = r.revision_no
WHERE arrayUniq(r.approvals_signer_ref) < demanded

-- zh: "提案已标准化，但所指版次尚未发布或未列出该提案；30 天内等待，之后请更正"
-- en: "standardized, but the revision it names is not released or does not list the proposal; it waits 30 days, then correct it"
SELECT s.plant AS plant, 'improvement.ProposalStandardized' AS event_type, s.entity AS entity, s.source AS source, s.event_id AS event_id,
       s.recorded_at AS recorded_at, concat(s.job_id, ' ', toString(s.revision_no), if(s.day + 30 < p.day, ' > 30 d', '')) AS detail
FROM {facts improvement.ProposalStandardized(proposal_id, job_id, revision_no)} AS s
INNER JOIN {scope} AS p ON p.plant = s.plant
LEFT JOIN
(
    SELECT d.plant AS plant, d.job_id AS job_id, d.revision_no AS revision_no, d.proposal_ids AS proposal_ids
    FROM
    (
        SELECT plant, job_id, revision_no, proposal_ids FROM {facts standard_work.RevisionDrafted(job_id, revision_no, proposal_ids)}
        ORDER BY rank DESC LIMIT 1 BY plant, job_id, revision_no
    ) AS d
    WHERE (d.plant, d.job_id, d.revision_no) IN (SELECT plant, job_id, revision_no FROM {facts standard_work.RevisionReleased(job_id, revision_no)})
) AS r ON r.plant = s.plant AND r.job_id = s.job_id AND r.revision_no = s.revision_no
WHERE NOT has(r.proposal_ids, s.proposal_id)

-- Proposals that became part of a standard: one row per (plant, proposal_id) whose revision lists the proposal and is released,
-- with the production day by which both the release and the proposal's own step were there.
SELECT p.plant AS plant, p.proposal_id AS proposal_id, s.job_id AS job_id, s.revision_no AS revision_no,
       greatest(p.standardized_day, r.day) AS done_day
FROM {step proposal} AS p
INNER JOIN
(
    SELECT plant, toString(fact_key) AS key, job_id, revision_no FROM {facts improvement.ProposalStandardized(job_id, revision_no)}
) AS s ON s.plant = p.plant AND s.key = p.standardized_key
INNER JOIN
(
    SELECT plant, job_id, revision_no, day FROM {facts standard_work.RevisionReleased(job_id, revision_no)}
    ORDER BY rank DESC LIMIT 1 BY plant, job_id, revision_no
) AS r ON r.plant = s.plant AND r.job_id = s.job_id AND r.revision_no = s.revision_no
INNER JOIN
(
    SELECT plant, job_id, revision_no, proposal_ids FROM {facts standard_work.RevisionDrafted(job_id, revision_no, proposal_ids)}
    ORDER BY rank DESC LIMIT 1 BY plant, job_id, revision_no
) AS d ON d.plant = s.plant AND d.job_id = s.job_id AND d.revision_no = s.revision_no
WHERE p.standardized = 1 AND has(d.proposal_ids, p.proposal_id)

-- Released revisions with the cycle time they state in seconds (0: none): one row per (plant, job_id, revision_no).
SELECT r.plant AS plant, r.job_id AS job_id, r.revision_no AS revision_no, r.effective_from AS effective_from,
       r.withdrawn_day AS withdrawn_day, ifNull(d.standard_cycle_s, toDecimal128(0, 6)) AS standard_s
FROM {step revision} AS r
LEFT JOIN
(
    SELECT plant, job_id, revision_no, standard_cycle_s FROM {facts standard_work.RevisionDrafted(job_id, revision_no, standard_cycle_s)}
    ORDER BY rank DESC LIMIT 1 BY plant, job_id, revision_no
) AS d ON d.plant = r.plant AND d.job_id = r.job_id AND d.revision_no = r.revision_no

-- Released revisions: one row per (plant, job_id, revision_no) with the production day it takes effect, the day it was
-- withdrawn (2299-12-31: never) and base_no, the lowest revision whose training still counts for it: no revision above
-- base_no, up to this one, asks for retraining.
SELECT plant, job_id, revision_no, effective_from, effective_day, withdrawn_day,
       max(if(retraining_required = 1, revision_no, 0)) OVER (PARTITION BY plant, job_id ORDER BY revision_no
           ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS base_no
FROM
(
    SELECT r.plant AS plant, r.job_id AS job_id, r.revision_no AS revision_no, r.effective_from AS effective_from,
           r.retraining_required AS retraining_required,
           if(s.shift_code != '' AND r.effective_from < s.end_utc, s.day, toDate32(r.effective_from)) AS effective_day,
           if(w.withdrawn = toDate32(0), toDate32('2299-12-31'), w.withdrawn) AS withdrawn_day
    FROM
    (
        SELECT plant, job_id, revision_no, effective_from, retraining_required
        FROM {facts standard_work.RevisionReleased(job_id, revision_no, effective_from, retraining_required)}
        ORDER BY rank DESC LIMIT 1 BY plant, job_id, revision_no
    ) AS r
    ASOF LEFT JOIN {shifts} AS s ON s.plant = r.plant AND s.start_utc <= r.effective_from
    LEFT JOIN
    (
        SELECT plant, job_id, revision_no, min(day) AS withdrawn
        FROM {facts standard_work.RevisionWithdrawn(job_id, revision_no)} GROUP BY plant, job_id, revision_no
    ) AS w ON w.plant = r.plant AND w.job_id = r.job_id AND w.revision_no = r.revision_no
)

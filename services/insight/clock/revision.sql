-- A released revision takes effect, and is superseded when a higher one does.
SELECT plant, job_id, revision_no, e.1 AS event, e.2 AS at
FROM
(
    SELECT plant, job_id, revision_no, effective_from,
           min(effective_from) OVER (PARTITION BY plant, job_id ORDER BY revision_no ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next_from
    FROM
    (
        SELECT plant, job_id, revision_no, effective_from FROM {facts standard_work.RevisionReleased(job_id, revision_no, effective_from)}
        ORDER BY rank DESC LIMIT 1 BY plant, job_id, revision_no
    )
)
ARRAY JOIN if(toUnixTimestamp64Micro(next_from) > 0, [('@effective', effective_from), ('@superseded', greatest(effective_from, next_from))],
              [('@effective', effective_from)]) AS e

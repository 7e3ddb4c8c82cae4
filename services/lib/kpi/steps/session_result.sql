-- Results of instruction sessions under a trainer whose JI certificate was valid that day: one row per (plant, session_id,
-- attempt).
SELECT s.plant AS plant, s.session_id AS session_id, s.attempt AS attempt, toString(s.result) AS result, s.day AS day,
       s.workshop AS workshop, s.line AS line
FROM
(
    SELECT * FROM {facts training.SessionCompleted(session_id, attempt, result, trainer_ref)}
    ORDER BY rank DESC LIMIT 1 BY plant, session_id, attempt
) AS s
INNER JOIN {step certified} AS c ON c.plant = s.plant AND c.trainer_ref = s.trainer_ref
WHERE c.valid_from <= s.day AND s.day <= c.valid_until
GROUP BY plant, session_id, attempt, result, day, workshop, line

-- Hazards that turned out to be none, or the same as another: one row per (plant, hazard_id) with the first day of that.
SELECT plant, hazard_id, min(day) AS ended
FROM
(
    SELECT plant, hazard_id, day FROM {facts safety.HazardDismissed(hazard_id)}
    UNION ALL SELECT plant, hazard_id, day FROM {facts safety.HazardMerged(hazard_id)}
)
GROUP BY plant, hazard_id

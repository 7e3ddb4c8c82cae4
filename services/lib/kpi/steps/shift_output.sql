-- Outputs that count: of several reports of one line, station, product and shift the highest snapshot version.
SELECT plant, workshop, line, station, product, day, shift_code, produced_qty, scrap_qty, rework_qty, inspected_qty,
       good_first_time_qty, cycle_n, cycle_mean_s
FROM {facts operations.ShiftOutputReported(product, production_day, shift_code, produced_qty, scrap_qty, rework_qty, inspected_qty, good_first_time_qty, cycle_n, cycle_mean_s, snapshot_version)}
ORDER BY snapshot_version DESC, rank DESC
LIMIT 1 BY plant, line, station, product, production_day, shift_code

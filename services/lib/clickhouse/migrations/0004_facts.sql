-- The step and key point of the job breakdown that an error or incident names. Printed from the protos like 0002.

ALTER TABLE {database}.fact_operations_operation_error_recorded ADD COLUMN IF NOT EXISTS `step_seq` Nullable(Int32);
ALTER TABLE {database}.fact_operations_operation_error_recorded ADD COLUMN IF NOT EXISTS `key_point_no` Nullable(Int32);
ALTER TABLE {database}.fact_safety_incident_reported ADD COLUMN IF NOT EXISTS `step_seq` Nullable(Int32);
ALTER TABLE {database}.fact_safety_incident_reported ADD COLUMN IF NOT EXISTS `key_point_no` Nullable(Int32);

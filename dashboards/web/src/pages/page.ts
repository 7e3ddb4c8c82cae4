// What the shell hands to every page.
import type { UnitRef } from '../api/queries';
import type { ListPlantsResponse_Plant as Plant } from '../gen/yokoten/insight/v1/service_pb';

export interface PageProps {
  plant: Plant;
  unit: UnitRef;
  // Name of the unit in the language in force.
  unitName: string;
  // Production day shown; equals the plant's own day unless another was chosen.
  day: string;
  // Counts up per KPI whenever new facts moved it.
  moved: ReadonlyMap<string, number>;
}

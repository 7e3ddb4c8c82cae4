#include "cli/simulate/live.h"

#include "yokoten/improvement/v1/events.pb.h"
#include "yokoten/operations/v1/events.pb.h"
#include "yokoten/safety/v1/events.pb.h"

namespace yokoten::cli {

LiveTrickle::LiveTrickle(const SimulationOptions& options, const std::vector<SimPlant>& plants)
    : options_(options), plants_(plants), random_(Random(options.seed).Branch("live")) {}

std::vector<OutgoingEvent> LiveTrickle::Next(WallTime now) {
  Outbox outbox(now);
  const SimPlant& plant = random_.Pick(plants_);
  const SimLine& line = random_.Pick(plant.lines);
  const SimJob& job = plant.jobs[static_cast<size_t>(random_.Pick(line.jobs))];
  // Ids carry the instant: a trickle is never the same twice.
  const std::string id = "LIVE-" + plant.id + "-" + std::to_string(ToMicros(now));
  auto context = [&](const char* system) {
    event::v1::EventContext c;
    c.set_source("/sim/s" + std::to_string(options_.seed) + "/" + plant.id + "/" + system);
    c.set_id(id);
    c.set_plant_id(plant.id);
    c.set_workshop_id(line.workshop);
    c.set_line_id(line.id);
    *c.mutable_occurred_at() = events::ToTimestamp(now);
    return c;
  };
  const double what = random_.Unit();
  if (what < 0.08) {
    safety::v1::IncidentReported miss;
    *miss.mutable_context() = context("ehs");
    *miss.mutable_context()->mutable_reported_at() = events::ToTimestamp(now);
    miss.set_incident_id(id);
    miss.set_kind(safety::v1::INCIDENT_KIND_NEAR_MISS);
    miss.set_worker_type(safety::v1::WORKER_TYPE_EMPLOYEE);
    miss.set_persons_injured(0);
    outbox.Put(options_.until, miss);
  } else if (what < 0.2) {
    improvement::v1::ProposalSubmitted proposal;
    *proposal.mutable_context() = context("kaizen");
    proposal.set_proposal_id(id);
    proposal.add_proposer_refs(random_.Pick(plant.people).ref);
    proposal.set_job_id(job.id);
    proposal.set_theme(improvement::v1::THEME_QUALITY);
    outbox.Put(options_.until, proposal);
  } else if (what < 0.55 && line.itemized) {
    operations::v1::OperationErrorRecorded error;
    *error.mutable_context() = context("mes");
    error.mutable_context()->set_station_id(job.station);
    error.set_error_id(id);
    error.set_job_id(job.id);
    error.set_error_class(operations::v1::ERROR_CLASS_KEY_POINT_MISSED);
    error.set_detected_at(operations::v1::DETECTED_AT_IN_STATION);
    error.set_method_related(true);
    outbox.Put(options_.until, error);
  } else {
    // A small lot, reported as a product of its own so that it replaces no shift's report.
    const Day day = plant.zone.ToLocal(now).day;
    const int64_t made = random_.Between(5, 30), bad = random_.Chance(0.3) ? 1 : 0;
    operations::v1::ShiftOutputReported output;
    *output.mutable_context() = context("mes");
    output.mutable_context()->clear_occurred_at();
    output.mutable_context()->set_occurred_on(FormatDay(day));
    output.set_product(line.product + "/" + std::to_string(ToMicros(now)));
    output.set_production_day(FormatDay(day));
    output.set_shift_code(plant.shifts.front().code);
    output.set_produced_qty(made);
    output.set_good_qty(made);
    output.set_scrap_qty(0);
    output.set_rework_qty(bad);
    output.set_inspected_qty(made);
    output.set_good_first_time_qty(made - bad);
    output.set_operations_qty(made * static_cast<int64_t>(line.jobs.size()));
    output.set_snapshot_version(1);
    outbox.Put(options_.until, output);
  }
  return outbox.TakeUpTo(kLastDay);
}

}  // namespace yokoten::cli

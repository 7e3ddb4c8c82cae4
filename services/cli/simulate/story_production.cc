// What the lines make in each shift and what goes wrong, as the MES reports it, mishaps of reporting
// included.
#include <algorithm>

#include "cli/simulate/plant_story.h"
#include "events/identity.h"
#include "yokoten/operations/v1/events.pb.h"

namespace yokoten::cli {

namespace op = operations::v1;

namespace {
constexpr double kLate = 0.012, kDuplicate = 0.004, kCorrected = 0.004, kRestated = 0.003, kMissing = 0.006,
                 kSecondSystem = 0.0015, kConflict = 0.0002, kErrorVoided = 0.004;
}  // namespace

void PlantStory::Production(Day day) {
  share_cache_.clear();
  for (const SimShift& shift : plant_.shifts) {
    if (plant_.ShiftTimes(day, shift).second > options_.now) continue;
    for (size_t line = 0; line < plant_.lines.size(); ++line) ShiftOutput(day, shift, static_cast<int>(line));
  }
}

void PlantStory::ShiftOutput(Day day, const SimShift& shift, int line_index) {
  Random& random = production_random_;
  const SimLine& line = plant_.lines[static_cast<size_t>(line_index)];
  const double hours = plant_.shifts.size() == 2 ? 1.4 : 1.0;
  const int64_t made = std::max<int64_t>(20, std::llround(random.Normal(line.units_per_shift * hours, 18)));
  int64_t errors_of_line = 0;
  for (int job_index : line.jobs) {
    const SimJob& job = plant_.jobs[static_cast<size_t>(job_index)];
    auto [it, fresh] = share_cache_.try_emplace(job_index);
    if (fresh) it->second.push_back(TrainedShare(job_index, day));
    const double share = it->second.front();
    const bool new_revision = job.effective > 1 && (day - job.effective_since.value).value < 10;
    const double log_rate = std::log(job.errors_per_1000 / 1000) + plant_.log_effect +
                            truth_.error_log_effect_of_training * share +
                            truth_.error_log_trend_per_month * MonthsSince(day) +
                            (new_revision ? truth_.error_log_shock_of_new_revision * (1 - share) : 0);
    const int64_t errors = random.Poisson(std::exp(log_rate) * static_cast<double>(made));
    errors_of_line += errors;
    if (line.itemized) {
      RecordErrors(day, shift, line_index, job_index, errors);
      continue;
    }
    op::ErrorsAggregated total;
    *total.mutable_context() = On("mes", "err-" + job.id + "-" + FormatDay(day) + "-" + shift.code, day);
    SetPlace(*total.mutable_context(), line_index);
    total.set_job_id(job.id);
    total.set_production_day(FormatDay(day));
    total.set_shift_code(shift.code);
    total.set_errors(errors);
    total.set_operations(made);
    total.set_snapshot_version(1);
    outbox_.Put(day, total);
    loop_.Erred(job.id, day, errors, made);
  }
  const int64_t defects =
      std::min(made, errors_of_line / 2 + random.Poisson(0.008 * static_cast<double>(made)));
  const int64_t scrap = defects / 4;
  op::ShiftOutputReported output;
  const std::string id = "out-" + line.id + "-" + FormatDay(day) + "-" + shift.code;
  *output.mutable_context() = On("mes", id, day);
  SetPlace(*output.mutable_context(), line_index);
  output.set_product(line.product);
  output.set_production_day(FormatDay(day));
  output.set_shift_code(shift.code);
  output.set_produced_qty(made);
  output.set_good_qty(made - scrap);
  output.set_scrap_qty(scrap);
  output.set_rework_qty(defects - scrap);
  output.set_inspected_qty(made);
  output.set_good_first_time_qty(made - defects);
  output.set_operations_qty(made * static_cast<int64_t>(line.jobs.size()));
  const double takt = hours * 27000 / static_cast<double>(line.units_per_shift);
  op::CycleStatistics& cycle = *output.mutable_cycle();
  cycle.set_n(made);
  cycle.set_mean_s(std::round(takt * 100) / 100);
  cycle.set_p50_s(std::round(takt * 97) / 100);
  cycle.set_p90_s(std::round(takt * 121) / 100);
  output.set_run_min(static_cast<int>(std::min(1440.0, 430 * hours)));
  output.set_snapshot_version(1);
  SendOutput(day, output, id);
}

void PlantStory::SendOutput(Day day, const google::protobuf::Message& message, const std::string& id) {
  Random& random = production_random_;
  const auto& output = static_cast<const op::ShiftOutputReported&>(message);
  if (random.Chance(kMissing)) {
    ++outbox_.mishaps.missing;
    return;
  }
  const bool late = random.Chance(kLate);
  outbox_.mishaps.late += late;
  const Day sent = late ? day + static_cast<int>(random.Between(1, 9)) : day;
  outbox_.Put(sent, output);
  if (random.Chance(kDuplicate)) {
    ++outbox_.mishaps.duplicates;
    outbox_.Put(sent + static_cast<int>(random.Between(0, 2)), output);
  }
  if (random.Chance(kCorrected)) {
    ++outbox_.mishaps.corrections;
    op::ShiftOutputReported corrected = output;
    event::v1::EventContext& context = *corrected.mutable_context();
    context.set_id(id + "-corrected");
    context.set_reason_code(event::v1::CORRECTION_REASON_DATA_ENTRY);
    context.mutable_corrects()->set_source(context.source());
    context.mutable_corrects()->set_id(id);
    context.mutable_corrects()->set_plant_id(plant_.id);
    context.mutable_corrects()->set_entity(
        events::EntityOf(*events::Registry::Linked().Find(output.GetDescriptor()), output));
    // Ten pieces were booked twice.
    const int64_t less = std::min<int64_t>(10, output.good_first_time_qty());
    corrected.set_produced_qty(output.produced_qty() - less);
    corrected.set_good_qty(output.good_qty() - less);
    corrected.set_inspected_qty(output.inspected_qty() - less);
    corrected.set_good_first_time_qty(output.good_first_time_qty() - less);
    corrected.clear_cycle();
    outbox_.Put(sent + static_cast<int>(random.Between(1, 5)), corrected);
  } else if (random.Chance(kRestated)) {
    op::ShiftOutputReported restated = output;
    restated.mutable_context()->set_id(id + "-v2");
    restated.set_snapshot_version(2);
    restated.set_good_first_time_qty(std::max<int64_t>(0, output.good_first_time_qty() - 3));
    outbox_.Put(sent + 1, restated);
  }
  if (random.Chance(kSecondSystem)) {
    // The same shift, sent by a second system under an id of its own.
    ++outbox_.mishaps.business_duplicates;
    op::ShiftOutputReported twin = output;
    twin.mutable_context()->set_source(twin.context().source() + "-backup");
    outbox_.Put(sent + 1, twin);
  }
  if (random.Chance(kConflict)) {
    ++outbox_.mishaps.id_conflicts;
    op::ShiftOutputReported other = output;
    other.set_run_min(1);
    outbox_.Put(sent + 1, other);
  }
}

void PlantStory::RecordErrors(Day day, const SimShift& shift, int line_index, int job_index, int64_t errors) {
  Random& random = production_random_;
  const SimJob& job = plant_.jobs[static_cast<size_t>(job_index)];
  const auto [begin, end] = plant_.ShiftTimes(day, shift);
  loop_.Erred(job.id, day, errors, 0);
  const int64_t others = random.Poisson(0.12 * static_cast<double>(errors));
  for (int64_t i = 0; i < errors + others; ++i) {
    op::OperationErrorRecorded error;
    const std::string id = Number("ER", errors_);
    const int64_t seconds = (end - begin) / std::chrono::seconds(1);
    *error.mutable_context() = At("mes", id, begin + std::chrono::seconds(random.Between(60, seconds - 60)));
    SetPlace(*error.mutable_context(), line_index, job.station);
    error.set_error_id(id);
    error.set_job_id(job.id);
    error.set_error_class(static_cast<op::ErrorClass>(random.Between(1, 6)));
    error.set_detected_at(random.Chance(0.7)    ? op::DETECTED_AT_IN_STATION
                          : random.Chance(0.95) ? op::DETECTED_AT_DOWNSTREAM
                                                : op::DETECTED_AT_CUSTOMER);
    error.set_method_related(i < errors);
    if (job.effective > 0 && random.Chance(0.6)) error.set_revision_no_seen(job.effective);
    // Two of three say which key point it was; every step has one, and every job five steps.
    if (job.effective > 0 && error.error_class() == op::ERROR_CLASS_KEY_POINT_MISSED && errors_ % 3 != 0) {
      error.set_step_seq(static_cast<int32_t>(1 + std::min<int64_t>(errors_ % 7, 4)));
      error.set_key_point_no(1);
    }
    const bool late = random.Chance(kLate);
    outbox_.mishaps.late += late;
    const Day sent = late ? day + static_cast<int>(random.Between(1, 6)) : day;
    outbox_.Put(sent, error);
    if (random.Chance(kErrorVoided)) {
      const auto reason =
          random.Chance(0.5) ? event::v1::VOID_REASON_NOT_OCCURRED : event::v1::VOID_REASON_TEST_DATA;
      const WallTime voided = end + std::chrono::hours(random.Between(1, 30));
      if (i < errors && voided <= options_.now) loop_.Erred(job.id, day, -1, 0);
      outbox_.PutVoid(sent + 1, error, id + "-void", voided, reason);
    }
  }
}

}  // namespace yokoten::cli

// What one late correction costs beside computing everything anew: the first plant's shift output of two
// years ago is put right, and the cells that it reaches are made again.
//
//   late_bench [--plants N] [--months N] [--scale S]
//
// Measures what each line of standard input names, "late" or "full", and prints a line of JSON for it.
#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bench/group_history.h"
#include "bench/measure.h"
#include "support/warehouse.h"
#include "yokoten/operations/v1/events.pb.h"

namespace yokoten::test {
namespace {

namespace op = operations::v1;
using std::chrono::steady_clock;

constexpr int kDaysOfCandidates = 20;

class Late {
 public:
  Late(int plants, int months, double scale)
      : warehouse_(Require(Warehouse::Start())), client_(Require(warehouse_->NewDatabase("late_bench"))) {
    std::vector<LoggedEvent> outputs;
    history_ = std::make_unique<GroupHistory>(*client_, plants, months, scale, [&](const LoggedEvent& seen) {
      if (seen.event->GetDescriptor() == op::ShiftOutputReported::descriptor()) outputs.push_back(seen);
    });
    const Day first = history_->until() - 30 * months;
    std::set<std::string> ids;
    for (const LoggedEvent& seen : outputs) {
      const auto& output = static_cast<const op::ShiftOutputReported&>(*seen.event);
      const event::v1::EventContext& context = output.context();
      const auto day = ParseDay(output.production_day());
      // One that nobody else puts right.
      if (context.plant_id() == history_->first_plant() && !context.has_corrects() && day &&
          *day < first + kDaysOfCandidates && !Replaced(outputs, context.id()) &&
          ids.insert(context.id()).second)
        candidates_.push_back(seen);
    }
    all_ = history_->TakeTouches();
    history_->Apply(all_);
    Line()
        .Text("side", "made")
        .Count("events", history_->events())
        .Count("candidates", candidates_.size())
        .Print();
  }

  void Measure(const std::string& wanted) {
    if (wanted != "late" && wanted != "full") Fail("'" + wanted + "' is no measurement");
    if (wanted == "late") PutRight();
    const auto begun = steady_clock::now();
    const double cpu = CpuSeconds();
    const auto report = history_->Apply(wanted == "late" ? history_->TakeTouches() : all_);
    Line()
        .Text("side", wanted)
        .Number("seconds", Seconds(begun))
        .Number("cpu_s", CpuSeconds() - cpu)
        .Count("plant_days", report.plant_days)
        .Print();
    if (wanted == "late") CheckPutRight();
  }

 private:
  static bool Replaced(const std::vector<LoggedEvent>& outputs, const std::string& id) {
    for (const LoggedEvent& other : outputs) {
      const auto& context = static_cast<const op::ShiftOutputReported&>(*other.event).context();
      if (context.corrects().id() == id || (context.id() != id && context.id().starts_with(id))) return true;
    }
    return false;
  }

  // A hundred pieces more were produced than reported, all of them good.
  void PutRight() {
    if (corrected_ == candidates_.size()) Fail("there is nothing left to correct");
    const auto& output = static_cast<const op::ShiftOutputReported&>(*candidates_[corrected_++].event);
    day_ = output.production_day();
    before_ = Good();
    auto better = std::make_shared<op::ShiftOutputReported>(output);
    event::v1::EventContext& context = *better->mutable_context();
    context.set_id(output.context().id() + "-late");
    context.set_reason_code(event::v1::CORRECTION_REASON_LATE_INFORMATION);
    context.mutable_corrects()->set_source(output.context().source());
    context.mutable_corrects()->set_id(output.context().id());
    context.mutable_corrects()->set_plant_id(output.context().plant_id());
    const auto* type = candidates_[corrected_ - 1].type;
    context.mutable_corrects()->set_entity(events::EntityOf(*type, output));
    better->set_produced_qty(output.produced_qty() + kMore);
    better->set_good_qty(output.good_qty() + kMore);
    better->set_inspected_qty(output.inspected_qty() + kMore);
    better->set_good_first_time_qty(output.good_first_time_qty() + kMore);
    history_->Store({type, std::move(better)});
  }

  // Pieces inspected on the day, as the first pass yield's cell has them.
  double Good() {
    const auto rows =
        Require(client_->Select("SELECT toFloat64(denominator) AS n FROM kpi_cell FINAL WHERE kpi = "
                                "'first_pass_yield' AND grain = 'd' AND "
                                "level = 'plant' AND dim = '' AND plant = '" +
                                history_->first_plant() + "' AND day = '" + day_ + "'"));
    if (rows.size() != 1) Fail("no cell of " + day_);
    return std::stod(rows.Text(0, "n"));
  }

  void CheckPutRight() {
    if (Good() != before_ + kMore) Fail("the cell of " + day_ + " does not have the correction");
  }

  static constexpr int64_t kMore = 100;
  std::unique_ptr<Warehouse> warehouse_;
  std::unique_ptr<clickhouse::Client> client_;
  std::unique_ptr<GroupHistory> history_;
  std::vector<LoggedEvent> candidates_;
  size_t corrected_ = 0;
  PlainTouches all_;
  std::string day_;
  double before_ = 0;
};

}  // namespace
}  // namespace yokoten::test

int main(int argc, char** argv) {
  using namespace yokoten::test;  // NOLINT: a measuring program, not a room
  return Serve<Late>([&] {
    return std::make_unique<Late>(std::stoi(Option(argc, argv, "plants", "6")),
                                  std::stoi(Option(argc, argv, "months", "25")),
                                  std::stod(Option(argc, argv, "scale", "1")));
  });
}

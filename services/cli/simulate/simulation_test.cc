#include "cli/simulate/simulation.h"

#include <set>

#include <gmock/gmock.h>

#include "events/validator.h"
#include "yokoten/operations/v1/events.pb.h"
#include "yokoten/training/v1/events.pb.h"

namespace yokoten::cli {
namespace {

SimulationOptions Options(const char* from, const char* until) {
  SimulationOptions options;
  options.plants = 3;
  options.months = 4;
  options.scale = 0.5;
  options.seed = 7;
  options.from = *ParseDay(from);
  options.until = *ParseDay(until);
  options.now = FromMicros((int64_t{options.until.value} + 1) * 86'400'000'000);
  return options;
}

std::vector<OutgoingEvent> AllEvents(const SimulationOptions& options, std::string* truth = nullptr) {
  Simulation simulation(options);
  std::vector<OutgoingEvent> all, day;
  while (simulation.NextDay(day)) {
    for (OutgoingEvent& event : day) all.push_back(std::move(event));
  }
  if (truth != nullptr) *truth = simulation.TruthJson();
  return all;
}

std::string KeyOf(const OutgoingEvent& event) {
  const auto& context = events::ContextOf(*event.type, *event.event);
  return context.source() + " " + context.id();
}

TEST(SimulationTest, EveryEventObeysTheRulesOfItsType) {
  SimulationOptions options = Options("2026-01-01", "2026-06-30");
  std::set<std::string> types;
  for (const OutgoingEvent& event : AllEvents(options)) {
    types.insert(event.type->short_name);
    auto violations = events::Validate(*event.type, *event.event, {.now = options.now});
    ASSERT_TRUE(violations.empty()) << event.type->short_name << " " << violations[0].field << ": "
                                    << violations[0].message_en << "\n"
                                    << event.event->ShortDebugString();
  }
  // The story uses all domains; only rare types, and those of a treatment, may be missing in half a year.
  EXPECT_GE(types.size(), 60u);
}

TEST(SimulationTest, SameSeedGivesTheSameEvents) {
  SimulationOptions options = Options("2026-01-01", "2026-02-15");
  auto one = AllEvents(options), two = AllEvents(options);
  ASSERT_EQ(one.size(), two.size());
  for (size_t i = 0; i < one.size(); ++i) {
    ASSERT_EQ(one[i].event->SerializeAsString(), two[i].event->SerializeAsString());
  }
  options.seed = 8;
  EXPECT_NE(AllEvents(options).size(), one.size());
}

TEST(SimulationTest, LaterLastDayOnlyAddsEvents) {
  auto early = AllEvents(Options("2026-01-01", "2026-02-15"));
  std::multimap<std::string, std::string> later;
  for (const OutgoingEvent& event : AllEvents(Options("2026-01-01", "2026-03-10"))) {
    later.emplace(KeyOf(event), event.event->SerializeAsString());
  }
  for (const OutgoingEvent& event : early) {
    auto [begin, end] = later.equal_range(KeyOf(event));
    bool same =
        std::any_of(begin, end, [&](const auto& e) { return e.second == event.event->SerializeAsString(); });
    ASSERT_TRUE(same) << event.type->short_name << " " << event.event->ShortDebugString();
  }
}

TEST(SimulationTest, NothingIsToldBeforeItHappened) {
  SimulationOptions options = Options("2026-01-01", "2026-01-20");
  options.now = FromMicros(int64_t{options.until.value} * 86'400'000'000 + 3'600'000'000);
  for (const OutgoingEvent& event : AllEvents(options)) {
    const auto& context = events::ContextOf(*event.type, *event.event);
    if (context.has_occurred_at()) {
      ASSERT_LE(events::FromTimestamp(context.occurred_at()), options.now);
    }
  }
}

TEST(SimulationTest, IdsRepeatOnlyWhereDuplicatesAreMeant) {
  SimulationOptions options = Options("2026-01-01", "2026-05-31");
  std::map<std::string, std::set<std::string>> contents;
  int64_t repeats = 0;
  Simulation simulation(options);
  std::vector<OutgoingEvent> day;
  while (simulation.NextDay(day)) {
    for (const OutgoingEvent& event : day) {
      auto& known = contents[KeyOf(event)];
      repeats += !known.empty();
      known.insert(event.event->SerializeAsString());
    }
  }
  int64_t conflicts = 0;
  for (const auto& [key, known] : contents) conflicts += known.size() > 1;
  const std::string truth = simulation.TruthJson();
  EXPECT_NE(truth.find("\"id_conflicts\": " + std::to_string(conflicts)), std::string::npos)
      << truth.substr(0, 900);
  EXPECT_GT(repeats, 0);
}

TEST(SimulationTest, NightShiftsCrossMidnightInThePlantsOwnZone) {
  bool night = false;
  for (const OutgoingEvent& event : AllEvents(Options("2026-01-01", "2026-02-28"))) {
    const auto* error = dynamic_cast<const operations::v1::OperationErrorRecorded*>(event.event.get());
    if (error == nullptr || error->context().plant_id() != "CN-SZ1") continue;
    WallTime time = events::FromTimestamp(error->context().occurred_at());
    int32_t second = TimeZone::Load("Asia/Shanghai")->ToLocal(time).second;
    night |= second < 4 * 3600;
  }
  EXPECT_TRUE(night);
}

TEST(SimulationTest, TreatedPlantsMakeFewerErrorsAtTheSameTrend) {
  SimulationOptions options = Options("2024-01-01", "2025-12-31");
  options.scale = 1.0;
  options.months = 24;
  std::map<std::pair<std::string, bool>, std::pair<double, double>>
      totals;  // (plant, late half) -> errors, operations
  for (const OutgoingEvent& event : AllEvents(options)) {
    const auto* total = dynamic_cast<const operations::v1::ErrorsAggregated*>(event.event.get());
    if (total == nullptr) continue;
    const bool late = total->production_day() >= "2025-06-01";
    if (!late && total->production_day() >= "2024-07-01") continue;
    auto& [errors, operations] = totals[{total->context().plant_id(), late}];
    errors += static_cast<double>(total->errors());
    operations += static_cast<double>(total->operations());
  }
  auto change = [&](const char* plant) {
    auto rate = [&](bool late) { return totals[{plant, late}].first / totals[{plant, late}].second; };
    return std::log(rate(true) / rate(false));
  };
  EXPECT_LT(change("CN-SZ1"), change("DE-LE1") - 0.1);  // pilot against control
}

}  // namespace
}  // namespace yokoten::cli

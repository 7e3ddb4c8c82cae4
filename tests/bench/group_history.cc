#include "bench/group_history.h"

#include <utility>

#include "bench/measure.h"
#include "kpi/catalogue.h"

namespace yokoten::test {
namespace {

constexpr size_t kBatch = 20'000;
constexpr int64_t kDayUs = 86'400'000'000;

}  // namespace

GroupHistory::GroupHistory(clickhouse::Client& client, int plants, int months, double scale,
                           const std::function<void(const LoggedEvent&)>& seen)
    : client_(client), log_(client) {
  options_.plants = plants;
  options_.months = months;
  options_.scale = scale;
  options_.seed = 7;
  options_.until = *ParseDay("2026-05-20");
  options_.from = options_.until - 30 * months;
  options_.now = FromMicros((options_.until + 2).value * kDayUs);
  clock_.now = options_.now;
  engine_.emplace(client_, kpi::Catalogue::Linked(), clock_, rollup_worker::RoundOptions{});

  cli::Simulation simulation(options_);
  std::vector<LoggedEvent> waiting;
  std::vector<cli::OutgoingEvent> day;
  for (bool more = true; more;) {
    day.clear();
    more = simulation.NextDay(day);
    for (cli::OutgoingEvent& event : day) {
      waiting.push_back({event.type, std::move(event.event)});
      if (seen) seen(waiting.back());
    }
    if (waiting.size() < kBatch && more) continue;
    Require(log_.Store(waiting));
    events_ += waiting.size();
    waiting.clear();
  }
  Require(log_.JudgeIdentity());
  Require(engine_->Load());
  first_plant_ = simulation.plants().front().id;
}

rollup_worker::PassReport GroupHistory::Apply(const PlainTouches& touches) {
  std::map<std::string, rollup_worker::PlantTouches> versioned;
  const uint64_t version = rollup_worker::MakeVersion(1, ++version_, false);
  for (const auto& [plant, own] : touches) {
    if (plant != "*") versioned[plant] = {own, version};
  }
  return Require(engine_->Apply(versioned));
}

void GroupHistory::Store(LoggedEvent event) {
  std::vector<LoggedEvent> one;
  one.push_back(std::move(event));
  Require(log_.Store(one));
  Require(log_.JudgeIdentity());
  ++events_;
}

}  // namespace yokoten::test

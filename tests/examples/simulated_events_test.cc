// What the simulation tells is what the services take.
#include <map>

#include <gtest/gtest.h>

#include "cli/simulate/simulation.h"
#include "events/validator.h"
#include "examples/domain_rules.h"

namespace yokoten::test {
namespace {

TEST(SimulatedEventsTest, EachObeysItsProtoAndItsDomainsRules) {
  cli::SimulationOptions options;
  options.plants = 6;
  options.months = 26;
  options.seed = 7;
  options.from = *ParseDay("2024-01-01");
  options.until = *ParseDay("2026-03-20");
  options.now = FromMicros((int64_t{options.until.value} + 1) * 86'400'000'000);
  cli::Simulation simulation(options);
  std::map<std::string, int64_t> broken;
  std::vector<cli::OutgoingEvent> day;
  while (simulation.NextDay(day)) {
    for (const cli::OutgoingEvent& e : day) {
      auto violations = events::Validate(*e.type, *e.event, {.now = options.now});
      if (!e.type->is_void()) DomainRules().at(e.type->domain)(*e.type, *e.event, violations);
      if (violations.empty() || broken[e.type->short_name]++ > 0) continue;
      ADD_FAILURE() << e.type->short_name << ": " << violations[0].field << " " << violations[0].message_en
                    << "\n"
                    << e.event->ShortDebugString();
    }
  }
}

}  // namespace
}  // namespace yokoten::test

// On a simulated group the trace of every standardized proposal names its revision, trained people and
// outcome, and agrees with what the simulator knows to be true.
#include <cstdlib>
#include <map>
#include <set>
#include <string>

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "cli/simulate/simulation.h"
#include "events/envelope.h"
#include "events/identity.h"
#include "insight/loop/entities.h"
#include "insight/loop/trace.h"
#include "integration/loop_world.h"

namespace yokoten::insight {
namespace {

using google::protobuf::Struct;

const google::protobuf::Value& Field(const Struct& object, const std::string& name) {
  return object.fields().at(name);
}
std::string Text(const Struct& object, const std::string& name) { return Field(object, name).string_value(); }
int64_t Whole(const Struct& object, const std::string& name) {
  return static_cast<int64_t>(Field(object, name).number_value());
}

// What no answer here is made of: half of the events, and none of the meaning.
bool Matters(const std::string& type) {
  static const std::set<std::string> domains{"standard_work", "improvement", "training", "operations",
                                             "event"};
  static const std::set<std::string> other{"operations.ShiftOutputReported", "operations.HoursReported",
                                           "training.StepCompleted", "training.FollowUpRecorded"};
  return domains.contains(type.substr(0, type.find('.'))) && !other.contains(type);
}

// Two small plants; the whole sample of the quickstart where YOKOTEN_WHOLE_SAMPLE is set.
cli::SimulationOptions Group() {
  const bool whole = std::getenv("YOKOTEN_WHOLE_SAMPLE") != nullptr;
  cli::SimulationOptions options;
  options.plants = whole ? 6 : 2;
  options.scale = whole ? 1.0 : 0.35;
  options.seed = whole ? 7 : 11;
  options.months = whole ? 30 : 20;
  options.from = *ParseDay(whole ? "2023-08-01" : "2024-06-01");
  options.until = *ParseDay("2026-01-31");
  options.now = FromMicros(int64_t{options.until.value + 1} * 86'400'000'000 - 1);
  return options;
}

TEST(LoopTruthTest, TheTraceOfEveryStandardizedProposalAgreesWithTheSimulator) {
  const cli::SimulationOptions options = Group();
  cli::Simulation simulation(options);
  std::vector<test::LoggedEvent> events;
  std::vector<cli::OutgoingEvent> day;
  while (simulation.NextDay(day)) {
    for (cli::OutgoingEvent& event : day) {
      if (Matters(event.type->short_name)) events.push_back({event.type, std::move(event.event)});
    }
  }
  test::LoopWorld world("loop_truth");
  // On the simulation's last production day everywhere; a window ends with the day it is asked on.
  world.clock.now = FromMicros(int64_t{options.until.value} * 86'400'000'000 + int64_t{14} * 3'600'000'000);
  const Status stored = world.Store(events);
  ASSERT_TRUE(stored.ok()) << stored;

  Struct truth;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(simulation.TruthJson(), &truth).ok());
  const Traces traces(world.client(), world.clock);
  int proposals = 0, persons = 0, errors = 0;
  for (const auto& value : Field(truth, "plants").list_value().values()) {
    const Struct& plant = value.struct_value();
    for (const auto& turn_value : Field(plant, "standardized").list_value().values()) {
      const Struct& turn = turn_value.struct_value();
      SCOPED_TRACE(Text(plant, "plant_id") + " " + Text(turn, "proposal_id"));
      v1::TraceProposalRequest request;
      request.set_plant_id(Text(plant, "plant_id"));
      request.set_proposal_id(Text(turn, "proposal_id"));
      request.set_page_size(1000);
      v1::TraceProposalResponse trace;
      const Status status = traces.Trace(request, &trace);
      ASSERT_TRUE(status.ok()) << status;
      ++proposals;
      EXPECT_EQ(trace.proposal().state(), "STANDARDIZED");
      EXPECT_EQ(trace.proposal().out_of_order(), 0);
      const v1::TracedRevision* revision = nullptr;
      for (const auto& one : trace.revisions()) {
        if (one.standardizes()) {
          EXPECT_EQ(revision, nullptr) << "two revisions standardize it";
          revision = &one;
        }
      }
      ASSERT_NE(revision, nullptr);
      EXPECT_EQ(revision->job_id(), Text(turn, "job_id"));
      EXPECT_EQ(revision->revision_no(), Whole(turn, "revision_no"));
      EXPECT_EQ(revision->effective_day(), Text(turn, "effective_on"));

      std::map<std::string, std::string> trained;
      for (const auto& person : Field(turn, "trained").list_value().values())
        trained[Text(person.struct_value(), "person_ref")] = Text(person.struct_value(), "at");
      int64_t waited_for = 0, reached = 0;
      for (const auto& person : trace.persons()) {
        if (person.job_id() != revision->job_id() || person.revision_no() != revision->revision_no())
          continue;
        ++persons;
        const auto known = trained.find(person.person_ref());
        EXPECT_EQ(person.has_trained_at(), known != trained.end()) << person.person_ref();
        if (known == trained.end() || !person.has_trained_at()) {
          waited_for += person.present();
          continue;
        }
        ++waited_for;
        ++reached;
        EXPECT_EQ(events::FormatTime(events::FromTimestamp(person.trained_at())), known->second)
            << person.person_ref();
      }
      EXPECT_EQ(revision->required(), waited_for);
      EXPECT_EQ(revision->trained(), reached);
      EXPECT_EQ(revision->before().errors(), Whole(turn, "errors_before"));
      EXPECT_EQ(revision->before().operations(), Whole(turn, "operations_before"));
      EXPECT_EQ(revision->after().errors(), Whole(turn, "errors_after"));
      EXPECT_EQ(revision->after().operations(), Whole(turn, "operations_after"));
      errors += static_cast<int>(revision->after().errors());
    }
  }
  // A world in which nothing happens would agree with everything.
  EXPECT_GE(proposals, 5);
  EXPECT_GE(persons, 10);
  EXPECT_GT(errors, 0);
  std::printf("%d proposals, %d persons required, %zu events\n", proposals, persons, events.size());
}

}  // namespace
}  // namespace yokoten::insight

// The whole catalogue of events is in the sample data, and what an event says holds for the events after it.
#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>

#include "cli/simulate/simulation.h"
#include "events/columns.h"
#include "yokoten/operations/v1/events.pb.h"
#include "yokoten/safety/v1/events.pb.h"
#include "yokoten/standard_work/v1/events.pb.h"
#include "yokoten/training/v1/events.pb.h"

namespace yokoten::cli {
namespace {

namespace op = operations::v1;
namespace sf = safety::v1;
namespace sw = standard_work::v1;
namespace tr = training::v1;

using Visit = std::function<void(const OutgoingEvent&)>;

// The sample of `deploy/quickstart`, until a fixed day. Its events are many: they are looked at, not kept.
SimulationOptions Sample() {
  SimulationOptions options;
  options.plants = 6;
  options.months = 26;
  options.seed = 7;
  options.from = *ParseDay("2024-01-01");
  options.until = *ParseDay("2026-03-20");
  options.now = FromMicros((int64_t{options.until.value} + 1) * 86'400'000'000);
  return options;
}

void ForEach(const SimulationOptions& options, const Visit& visit) {
  Simulation simulation(options);
  std::vector<OutgoingEvent> day;
  while (simulation.NextDay(day)) {
    for (const OutgoingEvent& event : day) visit(event);
  }
}

std::string Text(const google::protobuf::Message& message, const char* field) {
  const auto* descriptor = message.GetDescriptor()->FindFieldByName(field);
  return descriptor == nullptr ||
                 descriptor->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING ||
                 descriptor->is_repeated()
             ? ""
             : message.GetReflection()->GetString(message, descriptor);
}

int Revision(const google::protobuf::Message& message) {
  for (const char* name : {"revision_no", "revision_no_seen"}) {
    const auto* field = message.GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) return message.GetReflection()->GetInt32(message, field);
  }
  return 0;
}

// When it happened, as far as it is known: a date is its first instant in UTC.
WallTime Occurred(const event::v1::EventContext& context) {
  if (context.has_occurred_at()) return events::FromTimestamp(context.occurred_at());
  return FromMicros(int64_t{ParseDay(context.occurred_on())->value} * 86'400'000'000);
}

// All events of the sample with the plant, the context and when.
struct Told {
  std::string plant;
  const google::protobuf::Message* event = nullptr;
  const event::v1::EventContext* context = nullptr;
  WallTime at;
};

void ForEachTold(const std::function<void(const Told&)>& visit) {
  ForEach(Sample(), [&](const OutgoingEvent& e) {
    const auto& context = events::ContextOf(*e.type, *e.event);
    visit({context.plant_id(), e.event.get(), &context, Occurred(context)});
  });
}

constexpr auto kDay = std::chrono::hours(24);

TEST(CatalogueTest, EveryEventTypeIsInTheSample) {
  std::set<std::string> told, known;
  ForEach(Sample(), [&](const OutgoingEvent& event) { told.insert(event.type->short_name); });
  for (const events::Domain& domain : events::Registry::Linked().domains()) {
    for (const events::EventType* type : domain.types) known.insert(type->short_name);
  }
  ASSERT_GE(known.size(), 100u);
  for (const std::string& name : known) EXPECT_TRUE(told.contains(name)) << name;
  EXPECT_TRUE(told.contains("event.Voided"));
}

uint64_t Hash(uint64_t seed, const std::string& bytes) {
  uint64_t hash = 0xcbf29ce484222325u ^ seed;
  for (unsigned char c : bytes) hash = (hash ^ c) * 0x100000001b3u;
  return hash;
}

TEST(CatalogueTest, SameSeedGivesTheSameBytes) {
  auto all = [](uint64_t seed) {
    SimulationOptions options = Sample();
    options.plants = 3;
    options.seed = seed;
    uint64_t hash = 0;
    ForEach(options, [&](const OutgoingEvent& e) { hash = Hash(hash, e.event->SerializeAsString()); });
    return hash;
  };
  EXPECT_EQ(all(7), all(7));
  EXPECT_NE(all(7), all(8));
}

TEST(CatalogueTest, ALaterLastDayOnlyAddsEvents) {
  auto all = [](const char* until) {
    SimulationOptions options = Sample();
    options.plants = 3;
    options.until = *ParseDay(until);
    options.now = FromMicros((int64_t{options.until.value} + 1) * 86'400'000'000);
    std::multiset<uint64_t> hashes;
    ForEach(options, [&](const OutgoingEvent& e) { hashes.insert(Hash(0, e.event->SerializeAsString())); });
    return hashes;
  };
  const auto early = all("2025-02-10"), late = all("2025-09-30");
  EXPECT_LT(early.size(), late.size());
  EXPECT_TRUE(std::includes(late.begin(), late.end(), early.begin(), early.end()));
}

TEST(CatalogueTest, WhatIsRareIsRare) {
  std::map<std::string, int> counts;
  ForEach(Sample(), [&](const OutgoingEvent& event) { ++counts[event.type->short_name]; });
  const double plant_years = 6 * 26.0 / 12;
  for (const char* name :
       {"operations.OrgUnitMoved", "operations.OrgUnitClosed", "operations.CalendarCorrected",
        "operations.RoleChanged", "standard_work.JobChanged", "standard_work.JobRetired",
        "standard_work.RevisionWithdrawn", "safety.IncidentReclassified", "safety.PeriodReported",
        "training.SkillLevelRevoked", "training.TrainerCertificateRevoked", "training.TrainerSuspended",
        "training.TrainerReinstated", "relations.CaseReopened", "management.ParticipantDropped",
        "rollout.StageEntered", "rollout.GateReviewed"}) {
    EXPECT_GE(counts[name], 2) << name;
    EXPECT_LE(counts[name] / plant_years, 12) << name;
  }
}

TEST(CatalogueTest, RetiredJobsAndClosedStationsAreUsedNoMore) {
  std::map<std::string, WallTime> ended;  // plant/job and plant/station
  ForEachTold([&](const Told& told) {
    if (dynamic_cast<const sw::JobRetired*>(told.event) != nullptr) {
      ended[told.plant + "/" + Text(*told.event, "job_id")] = told.at;
      return;
    }
    if (const auto* closed = dynamic_cast<const op::OrgUnitClosed*>(told.event)) {
      ended[told.plant + "/" + closed->unit_id()] = told.at + kDay;
      return;
    }
    // A proposal about the job is withdrawn, and what became of the finished ones is still looked at.
    if (told.event->GetDescriptor()->full_name().find("improvement") != std::string::npos) return;
    for (const std::string& key : {Text(*told.event, "job_id"), told.context->station_id()}) {
      auto it = ended.find(told.plant + "/" + key);
      if (it == ended.end()) continue;
      EXPECT_LT(told.at, it->second) << told.event->ShortDebugString();
    }
  });
  EXPECT_GE(ended.size(), 4u);
}

TEST(CatalogueTest, WithdrawnRevisionsAreUsedNoMore) {
  std::map<std::string, WallTime> withdrawn;
  ForEachTold([&](const Told& told) {
    const std::string key =
        told.plant + "/" + Text(*told.event, "job_id") + "/" + std::to_string(Revision(*told.event));
    if (dynamic_cast<const sw::RevisionWithdrawn*>(told.event) != nullptr) {
      EXPECT_FALSE(withdrawn.contains(key)) << key;
      withdrawn[key] = told.at;
      return;
    }
    auto it = withdrawn.find(key);
    if (it == withdrawn.end()) return;
    // What was done that morning was not yet wrong, and may be reported late.
    EXPECT_LT(told.at, it->second + kDay) << told.event->ShortDebugString();
  });
  EXPECT_GE(withdrawn.size(), 4u);
}

TEST(CatalogueTest, TrainersTeachOnlyWhileCertified) {
  std::map<std::string, WallTime> revoked;
  std::set<std::string> certified;
  ForEachTold([&](const Told& told) {
    const std::string key = told.plant + "/" + Text(*told.event, "trainer_ref");
    if (dynamic_cast<const tr::TrainerCertified*>(told.event) != nullptr) {
      certified.insert(key);
      EXPECT_FALSE(revoked.contains(key)) << "renewed after it was revoked: " << key;
    } else if (dynamic_cast<const tr::TrainerCertificateRevoked*>(told.event) != nullptr) {
      EXPECT_TRUE(certified.contains(key));
      revoked[key] = told.at;
    } else if (dynamic_cast<const tr::SessionCompleted*>(told.event) != nullptr) {
      EXPECT_TRUE(certified.contains(key)) << told.event->ShortDebugString();
      auto it = revoked.find(key);
      EXPECT_TRUE(it == revoked.end() || told.at < it->second) << told.event->ShortDebugString();
    }
  });
  EXPECT_GE(revoked.size(), 2u);
}

TEST(CatalogueTest, CancelledPlansAreNotTaught) {
  std::map<std::string, int> plans;  // 1 planned, 2 taught, 3 cancelled
  int cancelled = 0;
  ForEachTold([&](const Told& told) {
    const std::string plan = Text(*told.event, "plan_id");
    // Rollouts have plans too.
    if (plan.empty() || told.event->GetDescriptor()->file()->package() != "yokoten.training.v1") return;
    int& state = plans[plan];
    if (dynamic_cast<const tr::TrainingPlanned*>(told.event) != nullptr) {
      EXPECT_EQ(state, 0);
      state = 1;
    } else {
      EXPECT_EQ(state, 1) << told.event->ShortDebugString();
      const bool taught = dynamic_cast<const tr::SessionStarted*>(told.event) != nullptr;
      state = taught ? 2 : 3;
      cancelled += !taught;
    }
  });
  EXPECT_GE(cancelled, 6);
}

TEST(CatalogueTest, SafetyIsSummarisedOrItemisedNeverBoth) {
  std::map<std::string, std::map<std::string, op::ReportingMode>> modes;  // plant -> from -> mode
  std::map<std::string, std::string> until;  // plant -> last day of a period report
  ForEachTold([&](const Told& told) {
    if (const auto* mode = dynamic_cast<const op::ReportingModeSet*>(told.event)) {
      if (mode->feed() == op::REPORTING_FEED_SAFETY) modes[told.plant][mode->valid_from()] = mode->mode();
      return;
    }
    auto mode_on = [&](const std::string& day) {
      return std::prev(modes[told.plant].upper_bound(day))->second;
    };
    if (const auto* period = dynamic_cast<const sf::PeriodReported*>(told.event)) {
      EXPECT_EQ(mode_on(period->period_from()), op::REPORTING_MODE_AGGREGATED);
      EXPECT_EQ(mode_on(period->period_to()), op::REPORTING_MODE_AGGREGATED);
      // Months without a gap or an overlap.
      std::string& last = until[told.plant];
      EXPECT_EQ(period->period_from(), last.empty() ? "2024-01-01" : FormatDay(*ParseDay(last) + 1));
      last = period->period_to();
      EXPECT_GT(period->hours_worked(), 5000);
      EXPECT_GT(period->average_employees(), 50);
    } else if (dynamic_cast<const sf::IncidentReported*>(told.event) != nullptr) {
      const Day day{static_cast<int32_t>(ToMicros(told.at) / 86'400'000'000)};
      EXPECT_EQ(mode_on(FormatDay(day + 1)), op::REPORTING_MODE_ITEMIZED) << told.event->ShortDebugString();
    }
  });
  ASSERT_EQ(until.size(), 2u);
  for (const auto& [plant, last] : until) EXPECT_EQ(last, "2024-06-30") << plant;
}

TEST(CatalogueTest, MovedLinesReportFromTheirNewWorkshop) {
  std::map<std::string, std::pair<std::string, WallTime>> moved;  // plant/line -> workshop, since
  int64_t before = 0, after = 0;
  std::map<std::string, std::string> home;
  ForEachTold([&](const Told& told) {
    const std::string key = told.plant + "/" + told.context->line_id();
    if (const auto* move = dynamic_cast<const op::OrgUnitMoved*>(told.event)) {
      moved[told.plant + "/" + move->unit_id()] = {move->parent_id(), told.at};
      return;
    }
    const auto* output = dynamic_cast<const op::ShiftOutputReported*>(told.event);
    if (output == nullptr) return;
    auto it = moved.find(key);
    if (it != moved.end() && told.at >= it->second.second) {
      EXPECT_EQ(told.context->workshop_id(), it->second.first) << told.event->ShortDebugString();
      EXPECT_NE(home[key], it->second.first);
      ++after;
    } else {
      auto [known, fresh] = home.try_emplace(key, told.context->workshop_id());
      EXPECT_EQ(known->second, told.context->workshop_id()) << told.event->ShortDebugString();
      ++before;
    }
  });
  EXPECT_GE(moved.size(), 3u);
  EXPECT_GT(after, 0);
  EXPECT_GT(before, 0);
}

TEST(CatalogueTest, ReclassifiedCasesStayRecordable) {
  // The truth file gives the true rate of recordable injuries: a later judgement must not change it.
  int64_t judged = 0;
  ForEachTold([&](const Told& told) {
    const auto* again = dynamic_cast<const sf::IncidentReclassified*>(told.event);
    if (again == nullptr) return;
    ++judged;
    EXPECT_TRUE(again->work_related());
    EXPECT_GE(again->osha_outcome(), sf::OSHA_OUTCOME_OTHER_RECORDABLE);
  });
  EXPECT_GT(judged, 0);
}

TEST(CatalogueTest, CorrectedCalendarsCloseADayOnWhichNobodyWorked) {
  std::map<std::string, std::set<std::string>> published, worked;
  std::map<std::string, std::vector<std::string>> added;
  ForEachTold([&](const Told& told) {
    if (const auto* calendar = dynamic_cast<const op::CalendarPublished*>(told.event)) {
      published[told.plant] = {calendar->holidays().begin(), calendar->holidays().end()};
    } else if (const auto* corrected = dynamic_cast<const op::CalendarCorrected*>(told.event)) {
      EXPECT_EQ(corrected->calendar_version(), 1);
      for (const std::string& day : corrected->holidays()) {
        if (!published[told.plant].contains(day)) added[told.plant].push_back(day);
      }
    } else if (const auto* output = dynamic_cast<const op::ShiftOutputReported*>(told.event)) {
      worked[told.plant].insert(output->production_day());
    }
  });
  ASSERT_EQ(added.size(), 6u);
  for (const auto& [plant, days] : added) {
    ASSERT_EQ(days.size(), 1u) << plant;
    EXPECT_FALSE(worked[plant].contains(days[0])) << plant << " " << days[0];
  }
}

}  // namespace
}  // namespace yokoten::cli

// The stories of relations, management, rollout and trainers keep to the states of what they tell of.
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include <gmock/gmock.h>

#include "cli/simulate/simulation.h"
#include "yokoten/management/v1/events.pb.h"
#include "yokoten/relations/v1/events.pb.h"
#include "yokoten/rollout/v1/events.pb.h"
#include "yokoten/standard_work/v1/events.pb.h"
#include "yokoten/training/v1/events.pb.h"

namespace yokoten::cli {
namespace {

namespace jr = relations::v1;
namespace mg = management::v1;
namespace rl = rollout::v1;
namespace sw = standard_work::v1;
namespace tr = training::v1;

struct Kept {
  OutgoingEvent out;
  std::string plant;
  WallTime at;  // a date is its first instant in UTC
  std::string day;
  template <typename Event>
  const Event* As() const {
    return dynamic_cast<const Event*>(out.event.get());
  }
};

bool Wanted(const OutgoingEvent& e) {
  const std::string& name = e.type->short_name;
  for (const char* prefix :
       {"relations.", "management.", "rollout.", "training.Trainer", "training.Ttt", "training.Coached",
        "training.Class", "standard_work.RevisionReleased", "standard_work.RevisionDrafted"}) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

// The events of these stories in the sample of `deploy/quickstart` until a fixed day, in the order in which
// they happened. Told once for all tests.
const std::vector<Kept>& Events() {
  static const auto* told = [] {
    SimulationOptions options;
    options.plants = 6;
    options.months = 26;
    options.seed = 7;
    options.from = *ParseDay("2024-01-01");
    options.until = *ParseDay("2026-03-20");
    options.now = FromMicros((int64_t{options.until.value} + 1) * 86'400'000'000);
    auto* kept = new std::vector<Kept>;
    Simulation simulation(options);
    std::vector<OutgoingEvent> day;
    while (simulation.NextDay(day)) {
      for (OutgoingEvent& e : day) {
        if (!Wanted(e)) continue;
        const auto& context = events::ContextOf(*e.type, *e.event);
        const WallTime at =
            context.has_occurred_at()
                ? events::FromTimestamp(context.occurred_at())
                : FromMicros(int64_t{ParseDay(context.occurred_on())->value} * 86'400'000'000);
        const std::string date = FormatDay(Day{static_cast<int32_t>(ToMicros(at) / 86'400'000'000)});
        kept->push_back({std::move(e), context.plant_id(), at, date});
      }
    }
    std::stable_sort(kept->begin(), kept->end(), [](const Kept& a, const Kept& b) { return a.at < b.at; });
    return kept;
  }();
  return *told;
}

// Calls visit for each event of the type, in the order in which they happened.
template <typename Event, typename Visit>
void Each(Visit visit) {
  for (const Kept& e : Events()) {
    if (const Event* event = e.As<Event>()) visit(*event, e);
  }
}

template <typename Event>
bool Follows(const Kept& e, std::string& state, const std::set<std::string>& from, const char* to) {
  if (e.As<Event>() == nullptr) return false;
  EXPECT_TRUE(from.contains(state)) << "after " << state << ": " << e.out.event->ShortDebugString();
  state = to;
  return true;
}

std::string CaseOf(const Kept& e) {
  const auto* field = e.out.event->GetDescriptor()->FindFieldByName("case_id");
  return field == nullptr ? "" : e.out.event->GetReflection()->GetString(*e.out.event, field);
}

TEST(RelationsStoryTest, AfterAClosedCaseComesNothingButItsReopening) {
  std::map<std::string, std::string> states;
  std::map<std::string, int> rounds;
  int reopened = 0;
  for (const Kept& e : Events()) {
    const std::string id = CaseOf(e);
    if (id.empty()) continue;
    std::string& state = states[id];
    if (Follows<jr::CaseReopened>(e, state, {"closed"}, "reopened")) {
      ++rounds[id];
      ++reopened;
    } else if (Follows<jr::CaseOpened>(e, state, {""}, "opened")) {
      rounds[id] = 1;
    } else {
      EXPECT_TRUE(Follows<jr::FactsGathered>(e, state, {"opened", "reopened"}, "facts") ||
                  Follows<jr::ActionDecided>(e, state, {"facts"}, "decided") ||
                  Follows<jr::ActionTaken>(e, state, {"decided"}, "acted") ||
                  Follows<jr::ResultChecked>(e, state, {"acted", "checked"}, "checked") ||
                  Follows<jr::CaseClosed>(e, state, {"checked"}, "closed"));
    }
    const auto* round = e.out.event->GetDescriptor()->FindFieldByName("case_round");
    EXPECT_EQ(e.out.event->GetReflection()->GetInt32(*e.out.event, round), rounds[id]) << id;
  }
  EXPECT_GE(states.size(), 200u);
  EXPECT_GE(reopened, 5);
}

TEST(RelationsStoryTest, ACaseIsToldOfItsWorkshopByWhoHandlesIt) {
  std::map<std::string, std::string> places;
  for (const Kept& e : Events()) {
    const std::string id = CaseOf(e);
    if (id.empty()) continue;
    const auto& context = events::ContextOf(*e.out.type, *e.out.event);
    EXPECT_FALSE(context.workshop_id().empty() || context.actor().empty());
    EXPECT_TRUE(context.line_id().empty() && context.station_id().empty());
    auto [known, fresh] = places.try_emplace(id, context.workshop_id() + "/" + context.actor());
    EXPECT_EQ(known->second, context.workshop_id() + "/" + context.actor());
  }
}

TEST(RelationsStoryTest, SomeChecksComeLate) {
  std::map<std::string, std::string> due;
  int late = 0, all = 0;
  for (const Kept& e : Events()) {
    if (const auto* taken = e.As<jr::ActionTaken>()) due[taken->case_id()] = taken->next_check_on();
    const auto* checked = e.As<jr::ResultChecked>();
    if (checked == nullptr || checked->check_no() != 1) continue;
    ++all;
    late += e.day > due[checked->case_id()];
  }
  EXPECT_GT(late, all / 20);
  EXPECT_LT(late, all / 2);
}

TEST(MeetingStoryTest, EachScheduledMeetingIsHeldOrCancelledAtMostOnce) {
  std::map<std::string, WallTime> starts;
  std::set<std::string> ended;
  int64_t cancelled = 0;
  for (const Kept& e : Events()) {
    if (const auto* scheduled = e.As<mg::MeetingScheduled>()) {
      const WallTime at = events::FromTimestamp(scheduled->starts_at());
      EXPECT_LT(e.at, at);
      EXPECT_TRUE(starts.emplace(e.plant + "/" + scheduled->meeting_id(), at).second);
    } else if (const auto* held = e.As<mg::MeetingHeld>()) {
      EXPECT_TRUE(starts.contains(e.plant + "/" + held->meeting_id()));
      EXPECT_TRUE(ended.insert(e.plant + "/" + held->meeting_id()).second);
    } else if (const auto* off = e.As<mg::MeetingCancelled>()) {
      EXPECT_LT(e.at, starts.at(e.plant + "/" + off->meeting_id()));
      EXPECT_TRUE(ended.insert(e.plant + "/" + off->meeting_id()).second);
      ++cancelled;
    }
  }
  EXPECT_GT(cancelled, 20);
  EXPECT_GT(starts.size(), ended.size());  // some are simply not held
}

TEST(MeetingStoryTest, TreatedPlantsHoldThemMorePunctually) {
  std::map<std::string, WallTime> starts;
  std::map<std::string, std::pair<int, int>> punctual;  // plant -> on time, scheduled, of the last half-year
  for (const Kept& e : Events()) {
    if (e.day < "2025-09-01") continue;
    if (const auto* scheduled = e.As<mg::MeetingScheduled>()) {
      starts[e.plant + scheduled->meeting_id()] = events::FromTimestamp(scheduled->starts_at());
      ++punctual[e.plant].second;
    } else if (const auto* held = e.As<mg::MeetingHeld>()) {
      auto it = starts.find(e.plant + held->meeting_id());
      if (it == starts.end()) continue;
      const auto off = events::FromTimestamp(held->started_at()) - it->second;
      punctual[e.plant].first += off < std::chrono::minutes(15) && off > -std::chrono::minutes(15);
    }
  }
  auto share = [&](const char* plant) { return 1.0 * punctual[plant].first / punctual[plant].second; };
  EXPECT_GT(share("CN-SZ1"), 0.85);
  EXPECT_LT(share("DE-LE1"), 0.75);
}

TEST(ActionStoryTest, AnActionGoesUpWhileItIsOpenAndIsClosedOnce) {
  struct Action {
    int tier = 0;
    bool closed = false;
    std::string due;
  };
  std::map<std::string, Action> actions;
  int escalated = 0, late = 0, closed_ones = 0;
  for (const Kept& e : Events()) {
    if (const auto* opened = e.As<mg::ActionOpened>()) {
      EXPECT_GT(opened->due_date(), e.day);
      EXPECT_TRUE(
          actions.emplace(opened->action_id(), Action{opened->tier(), false, opened->due_date()}).second);
    } else if (const auto* up = e.As<mg::ActionEscalated>()) {
      Action& action = actions.at(up->action_id());
      EXPECT_FALSE(action.closed) << up->ShortDebugString();
      EXPECT_EQ(up->to_tier(), action.tier + 1);
      action.tier = up->to_tier();
      ++escalated;
    } else if (const auto* closed = e.As<mg::ActionClosed>()) {
      Action& action = actions.at(closed->action_id());
      EXPECT_FALSE(action.closed);
      action.closed = true;
      ++closed_ones;
      late += closed->done_on() > action.due;
    }
  }
  EXPECT_GT(escalated, 20);
  EXPECT_GT(late, closed_ones / 20);
  EXPECT_LT(late, closed_ones / 2);
}

TEST(CourseStoryTest, ACourseRunsFromItsPlanToItsEnd) {
  std::map<std::string, std::string> states;
  std::map<std::string, int> modules;
  int cancelled = 0, completed = 0;
  for (const Kept& e : Events()) {
    const auto* field = e.out.event->GetDescriptor()->FindFieldByName("cohort_id");
    if (field == nullptr) continue;
    const std::string id = e.out.event->GetReflection()->GetString(*e.out.event, field);
    std::string& state = states[id];
    if (Follows<mg::CohortPlanned>(e, state, {""}, "planned")) {
      EXPECT_EQ(e.As<mg::CohortPlanned>()->modules_size(), 6);
    } else if (Follows<mg::ModuleDelivered>(e, state, {"open", "running"}, "running")) {
      ++modules[id];
      const auto& m = *e.As<mg::ModuleDelivered>();
      const int practice = m.minutes_case() + m.minutes_roleplay() + m.minutes_exercise();
      const bool treated = e.plant == "CN-SZ1" && e.day >= "2024-08-01";
      if (treated) {
        EXPECT_GT(practice * 10, (practice + m.minutes_lecture()) * 7);
      }
    } else if (Follows<mg::CohortCompleted>(e, state, {"running"}, "done")) {
      EXPECT_EQ(modules[id], 6);
      ++completed;
    } else {
      Follows<mg::CohortOpened>(e, state, {"planned"}, "open");
      cancelled += Follows<mg::CohortCancelled>(e, state, {"planned"}, "cancelled");
    }
  }
  EXPECT_EQ(cancelled, 1);
  EXPECT_GE(completed, 15);
}

TEST(CourseStoryTest, WhoPassesAttendedEnoughAndKnowsTheTerms) {
  std::map<std::string, int> delivered;  // cohort -> minutes
  struct Member {
    int minutes = 0;
    double score = 0;
    bool enrolled = false, gone = false;
  };
  std::map<std::string, Member> members;
  int passed = 0, failed = 0, repeated = 0;
  for (const Kept& e : Events()) {
    auto of = [&](const auto& event) -> Member& {
      return members[event.cohort_id() + "/" + event.person_ref()];
    };
    if (const auto* module = e.As<mg::ModuleDelivered>()) {
      delivered[module->cohort_id()] += module->minutes_lecture() + module->minutes_case() +
                                        module->minutes_roleplay() + module->minutes_exercise();
    } else if (const auto* enrolled = e.As<mg::ParticipantEnrolled>()) {
      EXPECT_FALSE(of(*enrolled).enrolled);
      of(*enrolled).enrolled = true;
    } else if (const auto* attended = e.As<mg::ModuleAttended>()) {
      EXPECT_TRUE(of(*attended).enrolled && !of(*attended).gone) << attended->ShortDebugString();
      of(*attended).minutes += attended->minutes();
    } else if (const auto* quiz = e.As<mg::QuizTaken>()) {
      EXPECT_TRUE(of(*quiz).enrolled && !of(*quiz).gone);
      repeated += quiz->attempt() > 1;
      if (quiz->kind() == mg::QUIZ_KIND_MANAGEMENT_LANGUAGE) of(*quiz).score = quiz->score_pct();
    } else if (const auto* dropped = e.As<mg::ParticipantDropped>()) {
      EXPECT_TRUE(of(*dropped).enrolled && !of(*dropped).gone);
      of(*dropped).gone = true;
    } else if (const auto* completed = e.As<mg::ParticipantCompleted>()) {
      Member& member = of(*completed);
      EXPECT_FALSE(member.gone);
      member.gone = true;
      EXPECT_EQ(completed->passed(),
                member.minutes * 10 >= delivered[completed->cohort_id()] * 8 && member.score >= 80);
      ++(completed->passed() ? passed : failed);
    }
  }
  EXPECT_GT(passed, failed);
  EXPECT_GT(failed, 0);
  EXPECT_GT(repeated, 0);
}

TEST(RolloutStoryTest, WhatIsComparedIsFrozenBeforeTheTreatment) {
  std::map<std::string, WallTime> frozen;
  std::map<std::string, std::string> start, hashes;
  std::map<std::string, std::set<std::string>> treated, controls;
  for (const Kept& e : Events()) {
    if (const auto* arm = e.As<rl::ArmAssigned>()) {
      EXPECT_FALSE(frozen.contains(arm->plan_id()))
          << "assigned after the baseline: " << arm->ShortDebugString();
      EXPECT_EQ(arm->treatment_start().empty(), arm->arm() == rl::ARM_CONTROL);
      (arm->arm() == rl::ARM_CONTROL ? controls : treated)[arm->plan_id()].insert(e.plant + "/" +
                                                                                  arm->unit_id());
      if (arm->arm() != rl::ARM_CONTROL) start[arm->plan_id()] = arm->treatment_start();
    } else if (const auto* baseline = e.As<rl::BaselineFrozen>()) {
      EXPECT_TRUE(frozen.emplace(baseline->plan_id(), e.at).second);
      EXPECT_LT(e.day, start.at(baseline->plan_id()));
      EXPECT_LT(baseline->to_day(), e.day);
      EXPECT_GE((*ParseDay(baseline->to_day()) - ParseDay(baseline->from_day())->value).value, 12 * 7 - 1);
      EXPECT_EQ(baseline->analysis_plan_hash().size(), 64u);
      hashes[baseline->analysis_plan_hash()] = baseline->plan_id();
    }
  }
  ASSERT_EQ(frozen.size(), 3u);
  EXPECT_EQ(hashes.size(), 3u);
  for (const auto& [plan, at] : frozen) {
    EXPECT_EQ(treated[plan].size(), 3u) << plan;
    EXPECT_GE(controls[plan].size(), 2 * treated[plan].size()) << plan;
  }
}

TEST(RolloutStoryTest, AStageIsEnteredWhenTheOneBeforeIsPassed) {
  std::map<std::pair<std::string, int>, std::string> stages;
  int reverted = 0, conditional = 0, failed = 0;
  for (const Kept& e : Events()) {
    if (const auto* planned = e.As<rl::RolloutPlanned>()) {
      stages[{planned->plan_id(), 0}] = "passed";  // nothing comes before the first stage
    } else if (const auto* entered = e.As<rl::StageEntered>()) {
      EXPECT_EQ((stages[{entered->plan_id(), entered->stage() - 1}]), "passed")
          << entered->ShortDebugString();
      std::string& state = stages[{entered->plan_id(), entered->stage()}];
      EXPECT_EQ(state, "");
      state = "in progress";
    } else if (const auto* review = e.As<rl::GateReviewed>()) {
      std::string& state = stages[{review->plan_id(), review->stage()}];
      EXPECT_EQ(state, "in progress") << review->ShortDebugString();
      const auto missed = std::count_if(review->criteria().begin(), review->criteria().end(),
                                        [](const auto& c) { return !c.met(); });
      EXPECT_EQ(missed == 0, review->decision() == rl::GATE_DECISION_PASS) << review->ShortDebugString();
      if (review->decision() == rl::GATE_DECISION_PASS) state = "passed";
      conditional += review->decision() == rl::GATE_DECISION_CONDITIONAL;
      failed += review->decision() == rl::GATE_DECISION_FAIL;
    } else if (const auto* back = e.As<rl::StageReverted>()) {
      std::string& state = stages[{back->plan_id(), back->stage()}];
      EXPECT_EQ(state, "passed");
      state = "in progress";
      ++reverted;
    }
  }
  EXPECT_EQ(reverted, 1);
  EXPECT_GE(conditional, 2);
  EXPECT_GE(failed, 1);
  EXPECT_EQ((stages[{"RP-CN-SZ1", rl::STAGE_S4}]), "passed");
}

TEST(RolloutStoryTest, SurveysHaveEnoughAnswersAndBarriersGiveWay) {
  std::map<std::string, std::vector<int>> surveys;  // plan -> answers of each
  std::map<std::string, Day> last;
  std::map<std::string, std::pair<double, int>> early, late;
  Each<rl::DiagnosisRecorded>([&](const rl::DiagnosisRecorded& e, const Kept& kept) {
    EXPECT_TRUE(events::ContextOf(*kept.out.type, *kept.out.event).actor().empty());
    auto& [sum, n] = (kept.day < "2025-07-01" ? early : late)[e.plan_id()];
    sum += e.scores().b1();
    ++n;
    // A survey is open for days, the next one is months away.
    const Day day = *ParseDay(kept.day);
    if (!last.contains(e.plan_id()) || last[e.plan_id()] + 60 < day) surveys[e.plan_id()].push_back(0);
    last[e.plan_id()] = day;
    ++surveys[e.plan_id()].back();
  });
  ASSERT_EQ(surveys.size(), 3u);
  for (const auto& [plan, answers] : surveys) {
    EXPECT_GE(answers.size(), 3u) << plan;
    for (int n : answers) EXPECT_TRUE(n >= 12 && n <= 40) << plan << " " << n;
  }
  const auto mean = [](const std::pair<double, int>& x) { return x.first / x.second; };
  EXPECT_LT(mean(late["RP-CN-SZ1"]), mean(early["RP-CN-SZ1"]));
}

TEST(AuditStoryTest, AuditsAddUpAndFindingsComeFromThem) {
  std::map<std::string, std::pair<std::string, std::string>> scheduled;  // audit -> window
  std::map<std::string, int> bad;
  std::map<std::string, int> raised;
  std::map<std::string, bool> findings;  // closed
  int in_window = 0;
  for (const Kept& e : Events()) {
    if (const auto* audit = e.As<rl::AuditScheduled>()) {
      EXPECT_LE(audit->due_from(), audit->due_to());
      EXPECT_TRUE(scheduled.emplace(audit->audit_id(), std::pair(audit->due_from(), audit->due_to())).second);
    } else if (const auto* made = e.As<rl::AuditPerformed>()) {
      EXPECT_EQ(made->items_na() + made->items_ok() + made->items_nok(), made->items_total());
      const auto& [from, to] = scheduled.at(made->audit_id());
      EXPECT_GE(e.day, from);
      in_window += e.day <= to;
      EXPECT_TRUE(bad.emplace(made->audit_id(), made->items_nok()).second) << "performed twice";
    } else if (const auto* finding = e.As<rl::FindingRaised>()) {
      EXPECT_LE(++raised[finding->audit_id()], bad.at(finding->audit_id()));
      EXPECT_TRUE(findings.emplace(finding->finding_id(), false).second);
    } else if (const auto* closed = e.As<rl::FindingClosed>()) {
      EXPECT_FALSE(std::exchange(findings.at(closed->finding_id()), true)) << "closed twice";
    }
  }
  EXPECT_LT(bad.size(), scheduled.size());  // some are missed
  EXPECT_GT(in_window, static_cast<int>(scheduled.size() * 7 / 10));
  EXPECT_LT(in_window, static_cast<int>(bad.size()));  // some come late
  EXPECT_GT(findings.size(), 100u);
}

TEST(TrainerStoryTest, TrainersComeToBeInOrder) {
  // nominated, selected, taught, coached, certified; certified before the story began is certified from the
  // start.
  std::map<std::tuple<std::string, int>, std::string> careers;
  int whole = 0, only_nominated = 0;
  for (const Kept& e : Events()) {
    auto state = [&](const auto& event) -> std::string& {
      return careers[{event.trainer_ref(), event.pillar()}];
    };
    if (const auto* x = e.As<tr::TrainerNominated>())
      Follows<tr::TrainerNominated>(e, state(*x), {""}, "nominated");
    if (const auto* x = e.As<tr::TrainerSelected>()) {
      Follows<tr::TrainerSelected>(e, state(*x), {"nominated"}, "selected");
    }
    if (const auto* x = e.As<tr::TttCompleted>())
      Follows<tr::TttCompleted>(e, state(*x), {"selected"}, "taught");
    if (const auto* x = e.As<tr::CoachedClassDelivered>()) {
      EXPECT_NE(x->coach_ref(), x->trainer_ref());
      Follows<tr::CoachedClassDelivered>(e, state(*x), {"taught", "coached"}, "coached");
    }
    if (const auto* x = e.As<tr::TrainerCertified>()) {
      whole += state(*x) == "coached";
      Follows<tr::TrainerCertified>(e, state(*x), {"coached", "certified"}, "certified");
    }
    if (const auto* x = e.As<tr::TrainerSuspended>()) {
      Follows<tr::TrainerSuspended>(e, state(*x), {"certified"}, "suspended");
    }
    if (const auto* x = e.As<tr::TrainerReinstated>()) {
      Follows<tr::TrainerReinstated>(e, state(*x), {"suspended"}, "certified");
    }
  }
  for (const auto& [who, state] : careers) only_nominated += state == "nominated";
  EXPECT_GE(whole, 15);
  EXPECT_GE(only_nominated, 1);
}

TEST(TrainerStoryTest, OwnTrainersGiveClassesOnlyWhileCertified) {
  std::set<std::pair<std::string, int>> certified, suspended;
  std::map<std::string, int> members;
  int external = 0, internal = 0;
  bool own_before = false;
  for (const Kept& e : Events()) {
    if (const auto* x = e.As<tr::TrainerCertified>()) certified.insert({x->trainer_ref(), x->pillar()});
    if (const auto* x = e.As<tr::TrainerSuspended>()) suspended.insert({x->trainer_ref(), x->pillar()});
    if (const auto* x = e.As<tr::TrainerReinstated>()) suspended.erase({x->trainer_ref(), x->pillar()});
    if (const auto* x = e.As<tr::ClassDelivered>()) {
      members[x->class_id()] = x->participants();
      EXPECT_LE(x->participants(), 10);
      ++(x->external_trainer() ? external : internal);
      own_before |= !x->external_trainer() && e.day < "2024-08-01";
      if (x->external_trainer()) continue;
      EXPECT_TRUE(certified.contains({x->trainer_ref(), x->pillar()})) << x->ShortDebugString();
      EXPECT_FALSE(suspended.contains({x->trainer_ref(), x->pillar()})) << x->ShortDebugString();
    }
    if (const auto* x = e.As<tr::ClassAttended>()) --members.at(x->class_id());
  }
  for (const auto& [id, missing] : members) EXPECT_EQ(missing, 0) << id;
  EXPECT_GT(internal, 10);
  EXPECT_GT(external, 10);
  EXPECT_FALSE(own_before);
}

TEST(StandardsStoryTest, ReleasesAreSignedBeforeThemAndLaterRevisionsSayWhatChanges) {
  int unsigned_stage = 0, releases = 0;
  Each<sw::RevisionReleased>([&](const sw::RevisionReleased& e, const Kept& kept) {
    ++releases;
    ASSERT_GE(e.approvals_size(), 1);
    ASSERT_LE(e.approvals_size(), 3);
    unsigned_stage += e.change_class() == sw::CHANGE_CLASS_MAJOR && e.approvals_size() < 3;
    for (int i = 0; i < e.approvals_size(); ++i) {
      EXPECT_EQ(e.approvals(i).stage(), i + 1);
      EXPECT_LT(events::FromTimestamp(e.approvals(i).signed_at()), kept.at);
      EXPECT_FALSE(e.approvals(i).signer_ref().empty());
    }
  });
  EXPECT_GT(unsigned_stage, 0);
  EXPECT_LT(unsigned_stage, releases / 10);
  Each<sw::RevisionDrafted>([&](const sw::RevisionDrafted& e, const Kept&) {
    if (e.revision_no() == 1) return;
    int changed = 0;
    for (const auto& step : e.steps()) {
      EXPECT_NE(step.change(), sw::STEP_CHANGE_UNSPECIFIED);
      EXPECT_EQ(step.change_note().empty(), step.change() == sw::STEP_CHANGE_UNCHANGED);
      changed += step.change() != sw::STEP_CHANGE_UNCHANGED;
    }
    EXPECT_GT(changed, 0) << e.ShortDebugString();
  });
}

}  // namespace
}  // namespace yokoten::cli

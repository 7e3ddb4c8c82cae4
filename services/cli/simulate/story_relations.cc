// Job relations: what comes up between leaders and people, handled in four steps. A case is told of a
// workshop and never of the people it concerns.
#include <algorithm>

#include "cli/simulate/plant_story.h"
#include "yokoten/operations/v1/events.pb.h"
#include "yokoten/relations/v1/events.pb.h"

namespace yokoten::cli {

namespace jr = relations::v1;
namespace op = operations::v1;

namespace {
// Where people are asked to speak, more cases come up.
constexpr double kCasesPerMonth = 1.0, kCasesPerMonthTreated = 1.4;
constexpr int kChecksMax = 3, kRoundsMax = 3;
}  // namespace

template <typename Event>
Event PlantStory::OfCase(const RelationsCase& c, const std::string& what, Day day) {
  Event event;
  event::v1::EventContext& context = *event.mutable_context();
  context = At("hr", c.id + "-" + std::to_string(c.round) + "-" + what, DayTime(day, relations_random_));
  context.set_workshop_id(c.workshop);
  context.set_actor(c.handler);
  event.set_case_id(c.id);
  event.set_case_round(c.round);
  return event;
}

void PlantStory::Relations(Day day) {
  const double working_days = 4.35 * static_cast<double>(plant_.weekdays.size());
  const double cases = plant_.Treated(day) ? kCasesPerMonthTreated : kCasesPerMonth;
  for (const std::string& workshop : plant_.workshops) {
    if (relations_random_.Chance(cases / working_days)) OpenCase(workshop, day);
  }
}

void PlantStory::OpenCase(const std::string& workshop, Day day) {
  Random& random = relations_random_;
  RelationsCase c;
  c.id = Number("JR", cases_);
  c.workshop = workshop;
  std::vector<std::string> leaders;
  for (const SimPerson& person : plant_.people) {
    if (person.role == op::ROLE_TEAM_LEADER && person.line >= 0 && Active(person, day) &&
        plant_.lines[static_cast<size_t>(person.line)].workshop == workshop) {
      leaders.push_back(person.ref);
    }
  }
  c.handler =
      leaders.empty() || random.Chance(0.2) ? SomeOf(op::ROLE_SUPERVISOR, random) : random.Pick(leaders);
  auto opened = OfCase<jr::CaseOpened>(c, "opened", day);
  opened.set_category(
      static_cast<jr::CaseCategory>(random.Between(jr::CASE_CATEGORY_WORKLOAD, jr::CASE_CATEGORY_OTHER)));
  opened.set_people_involved(static_cast<int>(1 + std::min<int64_t>(random.Poisson(0.8), 4)));
  outbox_.Put(day, opened);
  GatherFacts(c, day);
}

void PlantStory::GatherFacts(const RelationsCase& c, Day day) {
  const int wait = static_cast<int>(relations_random_.Between(1, plant_.Treated(day) ? 4 : 9));
  Evening(day + wait, [=, this](Day d) {
    outbox_.Put(d, OfCase<jr::FactsGathered>(c, "facts", d));
    Evening(d + static_cast<int>(relations_random_.Between(1, 5)), [=, this](Day e) { DecideCase(c, e); });
  });
}

void PlantStory::DecideCase(const RelationsCase& c, Day day) {
  Random& random = relations_random_;
  const jr::ActionKind action =
      random.Chance(0.55) ? jr::ACTION_KIND_HANDLED_SELF
      : random.Chance(0.5)
          ? jr::ACTION_KIND_HELP_SOUGHT
          : static_cast<jr::ActionKind>(random.Between(jr::ACTION_KIND_REFERRED, jr::ACTION_KIND_NONE));
  auto decided = OfCase<jr::ActionDecided>(c, "decided", day);
  decided.set_action(action);
  outbox_.Put(day, decided);
  Evening(day + static_cast<int>(random.Between(1, 6)), [=, this](Day d) {
    Random& chance = relations_random_;
    const Day due = WorkingDay(d + static_cast<int>(chance.Between(1, 4)) * 7);
    auto taken = OfCase<jr::ActionTaken>(c, "taken", d);
    taken.set_action(action);
    taken.set_next_check_on(FormatDay(due));
    outbox_.Put(d, taken);
    const bool on_time = chance.Chance(plant_.Treated(d) ? 0.9 : 0.65);
    const Day check = on_time ? due - static_cast<int>(chance.Between(0, 2))
                              : due + static_cast<int>(chance.Between(1, 15));
    Evening(check, [=, this](Day e) { CheckCase(c, 1, due, e); });
  });
}

void PlantStory::CheckCase(const RelationsCase& c, int check, Day due, Day day) {
  Random& random = relations_random_;
  auto checked = OfCase<jr::ResultChecked>(c, "check" + std::to_string(check), day);
  checked.set_check_no(check);
  const bool helped = random.Chance(plant_.Treated(day) ? 0.85 : 0.7);
  checked.set_helped(helped);
  if (helped || check == kChecksMax) {
    outbox_.Put(day, checked);
    Evening(day + static_cast<int>(random.Between(1, 5)), [=, this](Day d) { CloseCase(c, helped, d); });
    return;
  }
  const Day next = WorkingDay(std::max(day, due) + 14);
  checked.set_next_check_on(FormatDay(next));
  outbox_.Put(day, checked);
  const int late = random.Chance(0.75) ? 0 : static_cast<int>(random.Between(1, 10));
  Evening(next + late, [=, this](Day d) { CheckCase(c, check + 1, next, d); });
}

void PlantStory::CloseCase(const RelationsCase& c, bool helped, Day day) {
  Random& random = relations_random_;
  auto closed = OfCase<jr::CaseClosed>(c, "closed", day);
  closed.set_outcome(helped
                         ? (random.Chance(0.88) ? jr::CASE_OUTCOME_RESOLVED : jr::CASE_OUTCOME_PARTLY)
                         : (random.Chance(0.6) ? jr::CASE_OUTCOME_REFERRED_UP : jr::CASE_OUTCOME_UNRESOLVED));
  outbox_.Put(day, closed);
  if (c.round == kRoundsMax || !random.Chance(helped ? 0.05 : 0.25)) return;
  Evening(day + static_cast<int>(random.Between(15, 90)), [=, this](Day d) {
    RelationsCase again = c;
    ++again.round;
    outbox_.Put(d, OfCase<jr::CaseReopened>(again, "reopened", d));
    GatherFacts(again, d);
  });
}

}  // namespace yokoten::cli

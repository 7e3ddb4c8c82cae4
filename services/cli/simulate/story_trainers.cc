// Internal trainers and the classes supervisors take: trainers are nominated, selected, taught, coached and
// certified, now and then suspended; classes are given by external trainers at first and by the plant's own
// later.
#include <algorithm>

#include "cli/simulate/plant_story.h"
#include "events/identity.h"
#include "yokoten/operations/v1/events.pb.h"
#include "yokoten/training/v1/events.pb.h"

namespace yokoten::cli {

namespace op = operations::v1;
namespace tr = training::v1;

namespace {

constexpr size_t kClassMin = 4, kClassMax = 10;
constexpr int kCareerDays = 75;
constexpr int kClassHolds = 540;  // days until a class is taken again
constexpr int kClassBefore = 14;  // days between the class and leading a team
constexpr int kPillars = 4;       // JI, JM, JR, JS

const char* WordOf(tr::Pillar pillar) {
  switch (pillar) {
    case tr::PILLAR_JI:
      return "JI";
    case tr::PILLAR_JM:
      return "JM";
    case tr::PILLAR_JR:
      return "JR";
    case tr::PILLAR_JS:
      return "JS";
    default:
      return "MTP";
  }
}

}  // namespace

std::string PlantStory::ExternalTrainer(tr::Pillar pillar) const {
  return "x-" + std::to_string(1000 + 10 * plant_.index + pillar);
}

const PlantStory::InternalTrainer* PlantStory::TrainerOf(tr::Pillar pillar, Day day) const {
  for (const InternalTrainer& trainer : internal_trainers_) {
    if (trainer.pillar != pillar || !trainer.certified || trainer.suspended) continue;
    for (const SimPerson& person : plant_.people) {
      if (person.ref == trainer.ref && Active(person, day)) return &trainer;
    }
  }
  return nullptr;
}

template <typename Event>
Event PlantStory::OfTrainer(const InternalTrainer& trainer, const std::string& what, WallTime time) const {
  Event event;
  *event.mutable_context() =
      At("academy", std::string("trainer-") + trainer.ref + "-" + WordOf(trainer.pillar) + "-" + what, time);
  event.set_trainer_ref(trainer.ref);
  event.set_pillar(trainer.pillar);
  return event;
}

void PlantStory::TellCareer(const std::string& ref, tr::Pillar pillar, Day certified) {
  Random& random = trainers_random_;
  Day begin = certified - kCareerDays;
  for (const SimPerson& person : plant_.people) {
    if (person.ref == ref) begin = std::max(begin, person.hired + 1);
  }
  begin = std::min(begin, certified - 20);
  const int days = (certified - begin.value).value;
  const InternalTrainer trainer{ref, pillar, false, false};
  // Share of the way, in hundredths; always a day of its own.
  auto at = [&](int share) { return DayTime(begin + days * share / 100, random); };
  auto nominated = OfTrainer<tr::TrainerNominated>(trainer, "nominated", at(0));
  nominated.set_nomination(1);
  nominated.set_nominated_by(SomeOf(op::ROLE_SUPERVISOR, random));
  outbox_.Put(certified, nominated);
  auto selected = OfTrainer<tr::TrainerSelected>(trainer, "selected", at(20));
  selected.set_nomination(1);
  outbox_.Put(certified, selected);
  auto taught = OfTrainer<tr::TttCompleted>(trainer, "ttt", at(50));
  taught.set_nomination(1);
  taught.set_hours(40);
  outbox_.Put(certified, taught);
  for (int n = 1; n <= 2; ++n) {
    auto coached =
        OfTrainer<tr::CoachedClassDelivered>(trainer, "coached" + std::to_string(n), at(55 + 20 * n));
    coached.set_class_id("CC-" + ref + "-" + WordOf(pillar) + "-" + std::to_string(n));
    coached.set_coach_ref(ExternalTrainer(pillar));
    coached.set_passed(true);
    outbox_.Put(certified, coached);
  }
}

void PlantStory::RaiseTrainers(Day day) {
  // From the staff and those who lead, one for each pillar; each of them teaches one alone.
  std::vector<std::string> candidates;
  for (int role : {op::ROLE_STAFF, op::ROLE_SUPERVISOR}) {
    for (const SimPerson& person : plant_.people) {
      if (person.role == role && Active(person, day) && !IsTrainer(person.ref) &&
          !former_trainers_.contains(person.ref)) {
        candidates.push_back(person.ref);
      }
    }
  }
  const tr::Pillar pillars[] = {tr::PILLAR_JI, tr::PILLAR_JM, tr::PILLAR_JR, tr::PILLAR_JS, tr::PILLAR_MTP};
  for (size_t p = 0; p < std::size(pillars) && p < candidates.size(); ++p) {
    const size_t trainer = internal_trainers_.size();
    internal_trainers_.push_back({candidates[p], pillars[p], false, false});
    Evening(day + static_cast<int>(p) * 12, [=, this](Day d) { Nominate(trainer, d); });
  }
}

void PlantStory::Nominate(size_t index, Day day) {
  Random& random = trainers_random_;
  const InternalTrainer trainer = internal_trainers_[index];
  auto nominate = [&](const InternalTrainer& who) {
    auto nominated = OfTrainer<tr::TrainerNominated>(who, "nominated", DayTime(day, random));
    nominated.set_nomination(1);
    nominated.set_nominated_by(SomeOf(op::ROLE_MANAGER, random));
    outbox_.Put(day, nominated);
  };
  nominate(trainer);
  // Some are nominated and not selected; instructors at the workplace are another matter.
  const std::string& other = SomeOf(op::ROLE_TEAM_LEADER, random);
  if (random.Chance(0.3) && trainer.pillar != tr::PILLAR_JI) nominate({other, trainer.pillar, false, false});
  Evening(day + static_cast<int>(random.Between(7, 20)), [=, this](Day d) {
    auto selected = OfTrainer<tr::TrainerSelected>(trainer, "selected", DayTime(d, trainers_random_));
    selected.set_nomination(1);
    outbox_.Put(d, selected);
    Evening(d + static_cast<int>(trainers_random_.Between(14, 30)), [=, this](Day e) {
      auto taught = OfTrainer<tr::TttCompleted>(trainer, "ttt", DayTime(e, trainers_random_));
      taught.set_nomination(1);
      taught.set_hours(static_cast<double>(40 + 4 * trainers_random_.Between(0, 3)));
      outbox_.Put(e, taught);
      Evening(e + static_cast<int>(trainers_random_.Between(7, 15)),
              [=, this](Day f) { Coach(index, 1, f); });
    });
  });
}

void PlantStory::Coach(size_t index, int number, Day day) {
  Random& random = trainers_random_;
  const InternalTrainer& trainer = internal_trainers_[index];
  auto coached =
      OfTrainer<tr::CoachedClassDelivered>(trainer, "coached" + std::to_string(number), DayTime(day, random));
  coached.set_class_id("CC-" + trainer.ref + "-" + WordOf(trainer.pillar) + "-" + std::to_string(number));
  coached.set_coach_ref(ExternalTrainer(trainer.pillar));
  // The first may go wrong, the later ones do not.
  coached.set_passed(number > 1 || random.Chance(0.75));
  outbox_.Put(day, coached);
  const Day next = day + static_cast<int>(random.Between(7, 15));
  if (number < 3) {
    Evening(next, [=, this](Day d) { Coach(index, number + 1, d); });
  } else {
    Evening(next, [=, this](Day d) { Certify(index, 0, tr::TRAINER_GRADE_TRAINER, d); });
  }
}

void PlantStory::Certify(size_t index, int renewal, tr::TrainerGrade grade, Day day) {
  InternalTrainer& trainer = internal_trainers_[index];
  trainer.certified = true;
  // From the morning on, so that it holds for what is taught on its first day.
  auto certificate = OfTrainer<tr::TrainerCertified>(
      trainer, "certified-" + std::to_string(grade) + "-" + std::to_string(renewal),
      plant_.zone.ToUtc(day, 7 * 3600));
  certificate.set_grade(grade);
  certificate.set_issuer("Group lean academy / 集团精益学院");
  certificate.set_valid_from(FormatDay(day));
  certificate.set_valid_until(FormatDay(day + 729));
  certificate.set_ttt_hours(40);
  outbox_.Put(day, certificate);
  Evening(day + 700, [=, this](Day d) { Certify(index, renewal + 1, grade, d); });
  if (renewal > 0 || grade == tr::TRAINER_GRADE_MASTER) return;
  if (trainers_random_.Chance(0.4)) {
    Evening(day + static_cast<int>(trainers_random_.Between(60, 240)),
            [=, this](Day d) { Suspend(index, d); });
  }
  // One of them goes on to be the plant's master trainer.
  if (trainer.pillar == tr::PILLAR_JM) {
    Evening(day + 365, [=, this](Day d) { Certify(index, 0, tr::TRAINER_GRADE_MASTER, d); });
  }
}

void PlantStory::Suspend(size_t index, Day day) {
  InternalTrainer& trainer = internal_trainers_[index];
  trainer.suspended = true;
  // After the last class of the day, and before the first of that on which it ends.
  auto suspended = OfTrainer<tr::TrainerSuspended>(trainer, "suspended", plant_.zone.ToUtc(day, 17 * 3600));
  suspended.set_suspension(1);
  suspended.set_comment("年度复核未做 / the yearly review is missing");
  outbox_.Put(day, suspended);
  Evening(day + static_cast<int>(trainers_random_.Between(14, 50)), [=, this](Day d) {
    InternalTrainer& back = internal_trainers_[index];
    back.suspended = false;
    auto reinstated = OfTrainer<tr::TrainerReinstated>(back, "reinstated", plant_.zone.ToUtc(d, 7 * 3600));
    reinstated.set_suspension(1);
    outbox_.Put(d, reinstated);
  });
}

void PlantStory::GiveClass(int number, Day day) {
  Random& random = trainers_random_;
  const bool treated = plant_.Treated(day);
  Evening(day + static_cast<int>(treated ? random.Between(20, 35) : random.Between(100, 170)),
          [=, this](Day d) { GiveClass(number + 1, d); });
  const auto pillar = static_cast<tr::Pillar>(tr::PILLAR_JI + (number - 1) % kPillars);
  const InternalTrainer* own = TrainerOf(pillar, day);
  const bool external = own == nullptr || random.Chance(0.1);
  const std::string trainer = external ? ExternalTrainer(pillar) : own->ref;
  std::vector<std::string> members;
  for (int role : {op::ROLE_SUPERVISOR, op::ROLE_TEAM_LEADER}) {
    for (const SimPerson& person : plant_.people) {
      if (person.role != role || person.ref == trainer || !Active(person, day)) continue;
      auto passed = classes_passed_.find({pillar, person.ref});
      if (passed != classes_passed_.end() && day < passed->second + kClassHolds) continue;
      if (members.size() < kClassMax && random.Chance(0.85)) members.push_back(person.ref);
    }
  }
  if (members.size() < kClassMin) return;
  const std::string id = "CL-" + plant_.id + "-" + WordOf(pillar) + "-" + std::to_string(number);
  const WallTime end = DayTime(day, random);
  tr::ClassDelivered delivered;
  *delivered.mutable_context() = At("academy", id, end);
  delivered.set_class_id(id);
  delivered.set_pillar(pillar);
  delivered.set_trainer_ref(trainer);
  delivered.set_participants(static_cast<int>(members.size()));
  delivered.set_hours(pillar == tr::PILLAR_JS ? 12 : 10);
  delivered.set_external_trainer(external);
  outbox_.Put(day, delivered);
  for (const std::string& ref : members) {
    tr::ClassAttended attended;
    *attended.mutable_context() = At("academy", id + "-" + ref, end + std::chrono::minutes(1));
    attended.set_class_id(id);
    attended.set_pillar(pillar);
    attended.set_person_ref(ref);
    attended.set_passed(random.Chance(treated ? 0.96 : 0.88));
    if (attended.passed()) classes_passed_[{pillar, ref}] = day;
    outbox_.Put(day, attended);
  }
}

void PlantStory::TeachLeaderToBe(const std::string& ref, Day takes_over) {
  // A chance of its own: what else is told stays as it was.
  Random random = Random(options_.seed).Branch("leader to be " + ref);
  const Day day = takes_over - kClassBefore;
  const WallTime end = DayTime(day, random);
  const std::string id = "CL-" + plant_.id + "-JI-" + ref;
  tr::ClassDelivered delivered;
  *delivered.mutable_context() = At("academy", id, end);
  delivered.set_class_id(id);
  delivered.set_pillar(tr::PILLAR_JI);
  delivered.set_trainer_ref(ExternalTrainer(tr::PILLAR_JI));
  delivered.set_participants(1);
  delivered.set_hours(10);
  delivered.set_external_trainer(true);
  outbox_.Put(takes_over, delivered);
  tr::ClassAttended attended;
  *attended.mutable_context() = At("academy", id + "-" + ref, end + std::chrono::minutes(1));
  attended.set_class_id(id);
  attended.set_pillar(tr::PILLAR_JI);
  attended.set_person_ref(ref);
  attended.set_passed(random.Chance(0.9));
  outbox_.Put(takes_over, attended);
}

}  // namespace yokoten::cli

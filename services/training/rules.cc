#include "training/rules.h"

#include "ingest/rules.h"
#include "yokoten/training/v1/events.pb.h"

namespace yokoten::training {
namespace {

using ingest::Before;
using ingest::Check;

constexpr int kCertificateMonths = 24;

// Last day a certificate from `first` on may hold: the same date two years later.
Day LastCertificateDay(Day first) {
  const CivilDate date = ToCivil(first);
  const int32_t year = date.year + kCertificateMonths / 12;
  const bool leap_day = date.month == 2 && date.day == 29;
  return FromCivil(year, date.month, leap_day ? 28 : date.day);
}

void CheckCertificate(Check& check, const v1::TrainerCertified& e) {
  check.Refuse(Before(e.valid_until(), e.valid_from()), "valid_until", "order",
               "is before valid_from; swap them", "早于 valid_from，请更正");
  const auto from = ParseDay(e.valid_from()), until = ParseDay(e.valid_until());
  check.Refuse(from && until && *until > LastCertificateDay(*from), "valid_until", "range",
               "is more than 24 months after valid_from; certificates are renewed at least every two years",
               "超过 valid_from 之后 24 个月，证书至少每两年换证一次");
}

void CheckTrainer(Check& check, const std::string& trainer, const std::string& person) {
  check.Refuse(trainer == person, "trainer_ref", "differs", "is the person trained; name who taught",
               "不得与受训人相同，请填写培训者");
}

}  // namespace

void CheckRules(const events::EventType& type, const google::protobuf::Message& event,
                std::vector<events::Violation>& violations) {
  Check check(type, event, violations);
  check.On<v1::SessionStarted>([&](const auto& e) { CheckTrainer(check, e.trainer_ref(), e.person_ref()); });
  check.On<v1::SessionCompleted>(
      [&](const auto& e) { CheckTrainer(check, e.trainer_ref(), e.person_ref()); });
  check.On<v1::SkillLevelAssessed>([&](const auto& e) {
    check.Refuse(e.assessor_ref() == e.person_ref(), "assessor_ref", "differs",
                 "is the person assessed; name who assessed", "不得与被评价人相同，请填写评价者");
  });
  check.On<v1::CoachedClassDelivered>([&](const auto& e) {
    check.Refuse(e.coach_ref() == e.trainer_ref(), "coach_ref", "differs", "is the trainer; name who coached",
                 "不得与受辅导的培训者相同，请填写辅导者");
  });
  check.On<v1::TrainerCertified>([&](const auto& e) { CheckCertificate(check, e); });
}

}  // namespace yokoten::training

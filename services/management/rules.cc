#include "management/rules.h"

#include <set>
#include <string>

#include "ingest/rules.h"
#include "yokoten/management/v1/events.pb.h"

namespace yokoten::management {

using ingest::Check;

void CheckRules(const events::EventType& type, const google::protobuf::Message& event,
                std::vector<events::Violation>& violations) {
  Check check(type, event, violations);
  check.On<v1::CohortPlanned>([&](const auto& e) {
    std::set<std::string> codes;
    for (const auto& module : e.modules()) codes.insert(module.code());
    check.Refuse(static_cast<int>(codes.size()) != e.modules_size(), "modules", "distinct",
                 "has a code twice; name each module once", "模块代码重复，每个模块只填写一次");
  });
  check.On<v1::ModuleDelivered>([&](const auto& e) {
    check.Refuse(e.minutes_lecture() + e.minutes_case() + e.minutes_roleplay() + e.minutes_exercise() == 0,
                 "minutes_lecture", "sum",
                 "and the other minutes are all 0; a module that was given took time",
                 "与其他分钟数之和必须大于 0");
  });
  check.On<v1::QuizTaken>([&](const auto& e) {
    check.Refuse(e.kind() == v1::QUIZ_KIND_MODULE && e.module().empty(), "module", "required",
                 "is required for the quiz of a module; name it", "模块测验必须填写模块代码");
  });
}

}  // namespace yokoten::management

#include "relations/rules.h"

#include "ingest/rules.h"
#include "yokoten/relations/v1/events.pb.h"

namespace yokoten::relations {

void CheckRules(const events::EventType& type, const google::protobuf::Message& event,
                std::vector<events::Violation>& violations) {
  ingest::Check check(type, event, violations);
  if (event.GetDescriptor() == event::v1::Voided::descriptor()) return;
  const auto& context = check.context();
  check.Refuse(context.workshop_id().empty(), "context.workshop_id", "required",
               "is required for this event type; name the workshop", "此类事件必须填写车间");
  check.Refuse(!context.line_id().empty(), "context.line_id", "confidential",
               "must be empty: a case is told of a workshop, nothing finer",
               "必须为空：关系案例只记录到车间");
  check.Refuse(!context.station_id().empty(), "context.station_id", "confidential",
               "must be empty: a case is told of a workshop, nothing finer",
               "必须为空：关系案例只记录到车间");
  check.Refuse(context.actor().empty(), "context.actor", "required",
               "is required: it is who handles the case", "为必填项：案例处理人");
}

}  // namespace yokoten::relations

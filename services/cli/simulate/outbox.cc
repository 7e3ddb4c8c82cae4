#include "cli/simulate/outbox.h"

namespace yokoten::cli {

bool Outbox::Happened(const event::v1::EventContext& context) const {
  if (context.has_occurred_at() && events::FromTimestamp(context.occurred_at()) > now_) return false;
  if (context.has_reported_at() && events::FromTimestamp(context.reported_at()) > now_) return false;
  if (!context.occurred_on().empty()) {
    auto day = ParseDay(context.occurred_on());
    if (day && int64_t{day->value} * 86'400'000'000 > ToMicros(now_)) return false;
  }
  return true;
}

void Outbox::Put(Day send_day, const google::protobuf::Message& event) {
  const events::Registry& registry = events::Registry::Linked();
  const events::EventType* type = registry.Find(event.GetDescriptor());
  if (!Happened(events::ContextOf(*type, event))) return;
  std::unique_ptr<google::protobuf::Message> copy(event.New());
  copy->CopyFrom(event);
  ++counts[type->short_name];
  days_[send_day].push_back({type, registry.DomainOf(*type), std::move(copy)});
}

void Outbox::PutVoid(Day send_day, const google::protobuf::Message& event, const std::string& id, WallTime at,
                     event::v1::VoidReason reason) {
  const events::Registry& registry = events::Registry::Linked();
  const events::EventType* type = registry.Find(event.GetDescriptor());
  const event::v1::EventContext& target = events::ContextOf(*type, event);
  auto voided = std::make_unique<event::v1::Voided>();
  voided->mutable_context()->set_source(target.source());
  voided->mutable_context()->set_id(id);
  voided->mutable_context()->set_plant_id(target.plant_id());
  *voided->mutable_context()->mutable_occurred_at() = events::ToTimestamp(at);
  voided->mutable_voids()->set_source(target.source());
  voided->mutable_voids()->set_id(target.id());
  voided->mutable_voids()->set_plant_id(target.plant_id());
  voided->mutable_voids()->set_entity(events::EntityOf(*type, event));
  voided->set_reason(reason);
  if (!Happened(voided->context())) return;
  ++counts["event.Voided"];
  ++mishaps.voids;
  days_[send_day].push_back({&registry.Voided(), registry.DomainOf(*type), std::move(voided)});
}

std::vector<OutgoingEvent> Outbox::TakeUpTo(Day day) {
  std::vector<OutgoingEvent> out;
  while (!days_.empty() && days_.begin()->first <= day) {
    for (OutgoingEvent& event : days_.begin()->second) out.push_back(std::move(event));
    days_.erase(days_.begin());
  }
  return out;
}

}  // namespace yokoten::cli

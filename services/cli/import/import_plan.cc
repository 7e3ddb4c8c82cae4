#include "cli/import/import_plan.h"

#include <cstring>
#include <unordered_map>

#include "events/identity.h"

namespace yokoten::cli {

using event::v1::EventContext;
using google::protobuf::Message;

namespace {

// A row whose event was voided and that is there again this often is a quarrel of two systems, not an import.
constexpr int kGenerationsMax = 50;

EventContext& MutableContext(const events::EventType& type, Message& event) {
  return static_cast<EventContext&>(*event.GetReflection()->MutableMessage(&event, type.context));
}

std::string GenerationKey(const std::string& source_key, int generation) {
  return generation == 0 ? source_key : source_key + "|again " + std::to_string(generation);
}

event::v1::CorrectionReason ReasonOf(importing::v1::CorrectBecause because) {
  switch (because) {
    case importing::v1::CORRECT_BECAUSE_SOURCE_RESTATED:
      return event::v1::CORRECTION_REASON_SOURCE_RESTATED;
    case importing::v1::CORRECT_BECAUSE_LATE_INFORMATION:
      return event::v1::CORRECTION_REASON_LATE_INFORMATION;
    default:
      return event::v1::CORRECTION_REASON_DATA_ENTRY;
  }
}

bool SameContent(const Message& event, const StoredEvents::Stored& stored) {
  auto hash = events::ContentHash(event);
  return stored.content_hash().size() == hash.size() &&
         std::memcmp(stored.content_hash().data(), hash.data(), hash.size()) == 0;
}

}  // namespace

ImportPlan::ImportPlan(const LoadedMapping& mapping, StoredEvents& stored, WallTime started)
    : mapping_(mapping), stored_(stored), started_(started) {}

void ImportPlan::AlreadyDone(const MappedEvent& event) { present_.insert(event.id); }

Status ImportPlan::Compare(std::vector<MappedEvent> events, std::vector<PlannedEvent>& planned) {
  const std::string& source = mapping_.proto().source();
  for (int generation = 0; !events.empty(); ++generation) {
    if (generation > kGenerationsMax) {
      return Aborted("row " + std::to_string(events.front().row) + " was voided " +
                     std::to_string(kGenerationsMax) +
                     " times and is still in the file; find out who voids it");
    }
    std::vector<std::string> ids;
    for (MappedEvent& event : events) {
      if (generation > 0) {
        const EventContext& context = events::ContextOf(*event.event);
        event.id = events::DeriveId(source, GenerationKey(context.source_key(), generation));
      }
      ids.push_back(event.id);
    }
    YK_ASSIGN_OR_RETURN(std::vector<StoredEvents::Stored> found, stored_.Find(source, ids));
    std::unordered_map<std::string, const StoredEvents::Stored*> by_id;
    for (const StoredEvents::Stored& stored : found) by_id[stored.id()] = &stored;
    std::vector<MappedEvent> voided;
    for (MappedEvent& event : events) {
      auto it = by_id.find(event.id);
      if (it != by_id.end() && it->second->voided()) {
        voided.push_back(std::move(event));
        continue;
      }
      present_.insert(event.id);
      if (it == by_id.end()) {
        MutableContext(*event.rule->type, *event.event).set_id(event.id);
        Change change = generation == 0 ? Change::kNew : Change::kReissued;
        planned.push_back(
            {change, event.rule->type, event.rule->domain, std::move(event.event), event.id, event.row});
      } else if (SameContent(*event.event, *it->second)) {
        planned.push_back(
            {Change::kSame, event.rule->type, event.rule->domain, nullptr, event.id, event.row});
      } else {
        planned.push_back(Correct(std::move(event), *it->second));
      }
    }
    events = std::move(voided);
  }
  return OkStatus();
}

PlannedEvent ImportPlan::Correct(MappedEvent event, const StoredEvents::Stored& stored) const {
  EventContext& context = MutableContext(*event.rule->type, *event.event);
  // The number tells a return to earlier content from the earlier correction itself.
  auto hash = events::ContentHash(*event.event);
  std::string key = context.source_key() + "|" + stored.id() + "|correction " +
                    std::to_string(stored.corrections() + 1) + "|" + events::FormatUuid(hash);
  context.clear_source_key();
  context.set_id(events::DeriveId(context.source(), key));
  event::v1::EventReference* target = context.mutable_corrects();
  target->set_source(context.source());
  target->set_id(stored.id());
  target->set_plant_id(stored.plant_id());
  target->set_entity(stored.entity());
  context.set_reason_code(ReasonOf(mapping_.proto().correct_because()));
  return {Change::kChanged,       event.rule->type, event.rule->domain,
          std::move(event.event), stored.id(),      event.row};
}

PlannedEvent ImportPlan::Void(const StoredEvents::Stored& stored) const {
  const events::Registry& registry = events::Registry::Linked();
  const events::EventType* type = registry.Find(stored.event_type());
  auto voided = std::make_unique<event::v1::Voided>();
  EventContext& context = *voided->mutable_context();
  context.set_source(mapping_.proto().source());
  context.set_id(events::DeriveId(context.source(), "void " + stored.id()));
  context.set_plant_id(stored.plant_id());
  *context.mutable_occurred_at() = events::ToTimestamp(started_);
  voided->mutable_voids()->set_source(context.source());
  voided->mutable_voids()->set_id(stored.id());
  voided->mutable_voids()->set_plant_id(stored.plant_id());
  voided->mutable_voids()->set_entity(stored.entity());
  voided->set_reason(event::v1::VOID_REASON_NOT_OCCURRED);
  return {Change::kGone, &registry.Voided(), registry.DomainOf(*type), std::move(voided), stored.id(), 0};
}

Status ImportPlan::FindGone(std::vector<PlannedEvent>& planned) {
  Status unknown = OkStatus();
  YK_RETURN_IF_ERROR(stored_.ForEach(mapping_.proto().source(), [&](const StoredEvents::Stored& stored) {
    if (stored.voided() || present_.contains(stored.id())) return;
    const events::EventType* type = events::Registry::Linked().Find(stored.event_type());
    if (type == nullptr) {
      unknown = FailedPrecondition("the server knows event type " + stored.event_type() +
                                   ", this program does not; use the program of the server's version");
    } else if (!type->is_void()) {
      planned.push_back(Void(stored));
      // Pages move while events arrive: one may come twice.
      present_.insert(stored.id());
    }
  }));
  return unknown;
}

}  // namespace yokoten::cli

// Events of the story by the day on which they are sent, with what real senders do wrong: late, twice,
// corrected, voided.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <google/protobuf/message.h>

#include "base/clock.h"
#include "base/date.h"
#include "cli/simulate/group.h"
#include "cli/simulate/random.h"
#include "events/identity.h"
#include "events/registry.h"

namespace yokoten::cli {

// How often each kind of mishap befell; part of the truth.
struct Mishaps {
  int64_t late = 0, duplicates = 0, corrections = 0, voids = 0, missing = 0, business_duplicates = 0,
          id_conflicts = 0;
};

// One event ready to be sent. `domain` is where a void goes.
struct OutgoingEvent {
  const events::EventType* type = nullptr;
  const events::Domain* domain = nullptr;
  std::unique_ptr<google::protobuf::Message> event;
};

// Not thread-safe.
class Outbox {
 public:
  explicit Outbox(WallTime now) : now_(now) {}

  // Keeps the event for the day it is sent. What lies after `now` has not happened and is dropped.
  void Put(Day send_day, const google::protobuf::Message& event);
  // A void of an event of the story, at an instant.
  void PutVoid(Day send_day, const google::protobuf::Message& event, const std::string& id, WallTime at,
               event::v1::VoidReason reason);
  // Takes what is to be sent up to a day, in order.
  std::vector<OutgoingEvent> TakeUpTo(Day day);

  Mishaps mishaps;
  std::map<std::string, int64_t> counts;  // by short type name

 private:
  bool Happened(const event::v1::EventContext& context) const;

  WallTime now_;
  std::map<Day, std::vector<OutgoingEvent>> days_;
};

}  // namespace yokoten::cli

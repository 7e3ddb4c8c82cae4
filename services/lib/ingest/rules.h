// What a domain's rules.cc is written with: rules between fields of one event, each on one event type.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <google/protobuf/message.h>

#include "base/clock.h"
#include "base/date.h"
#include "events/identity.h"
#include "events/registry.h"
#include "events/validator.h"
#include "yokoten/event/v1/event.pb.h"

namespace yokoten::ingest {

// One event under check. Fields are each fine by themselves: dates parse, enums are known, required ones are
// set.
class Check {
 public:
  Check(const events::EventType& type, const google::protobuf::Message& event,
        std::vector<events::Violation>& violations)
      : event_(event), context_(events::ContextOf(type, event)), violations_(violations) {}

  const event::v1::EventContext& context() const { return context_; }

  // Calls `rule(event)` when the event is an `Event`.
  template <typename Event, typename Rule>
  void On(Rule rule) {
    if (event_.GetDescriptor() == Event::descriptor()) rule(static_cast<const Event&>(event_));
  }

  // Reports `field` (path from the event) when `broken`. Texts say what is wrong and what to do.
  void Refuse(bool broken, std::string_view field, std::string_view rule, std::string_view en,
              std::string_view zh) {
    if (!broken) return;
    violations_.push_back({std::string(field), std::string(rule), std::string(en), std::string(zh)});
  }

  // The event must be about a line.
  void NeedsLine() {
    Refuse(context_.line_id().empty(), "context.line_id", "required",
           "is required for this event type; name the line", "此类事件必须填写产线");
  }
  // The event must carry the date `day` of field `name` as its date of occurrence.
  void NeedsOccurredOn(const std::string& day, const std::string& name) {
    Refuse(context_.occurred_on() != day, "context.occurred_on", "equal",
           "must be the same date as " + name + "; set it, and leave occurred_at out",
           "必须与 " + name + " 为同一日期，请填写并省略 occurred_at");
  }
  // A sum of money and its currency come together.
  void NeedsCurrency(const std::string& money, const std::string& currency, std::string_view money_field) {
    Refuse(!money.empty() && currency.empty(), "currency", "required",
           "is required with " + std::string(money_field) + "; name the ISO 4217 code",
           "填写金额时必须填写货币代码");
    Refuse(money.empty() && !currency.empty(), money_field, "required",
           "is required with currency; set it or leave both out", "填写货币代码时必须填写金额");
  }

 private:
  const google::protobuf::Message& event_;
  const event::v1::EventContext& context_;
  std::vector<events::Violation>& violations_;
};

// Whether one date lies before another; false when either is absent.
inline bool Before(const std::string& a, const std::string& b) {
  const auto day_a = ParseDay(a), day_b = ParseDay(b);
  return day_a && day_b && *day_a < *day_b;
}

}  // namespace yokoten::ingest

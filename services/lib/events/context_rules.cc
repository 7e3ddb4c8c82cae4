#include "events/context_rules.h"

#include "base/date.h"
#include "events/identity.h"
#include "yokoten/event/v1/event.pb.h"

namespace yokoten::events {
namespace {

constexpr int64_t kDay = 86'400;
// The earth's local dates: some places are 14 hours ahead of UTC, some 12 behind.
constexpr std::chrono::hours kEastmost{14};

void Add(std::vector<Violation>& violations, const std::string& field, const char* rule, std::string en,
         std::string zh) {
  violations.push_back({"context." + field, rule, std::move(en), std::move(zh)});
}

std::string Seconds(std::chrono::milliseconds tolerance) { return std::to_string(tolerance.count() / 1000); }

void CheckAhead(const google::protobuf::Timestamp& time, const std::string& field,
                const ValidateOptions& options, std::vector<Violation>& violations) {
  if (!IsValidTimestamp(time) || FromTimestamp(time) <= options.now + options.future_tolerance) return;
  Add(violations, field, "future",
      "lies more than " + Seconds(options.future_tolerance) +
          " s in the future; check the sender's clock and time zone",
      "晚于当前时间超过 " + Seconds(options.future_tolerance) + " 秒，请检查发送方的时钟与时区");
}

void CheckTime(const event::v1::EventContext& context, const ValidateOptions& options,
               std::vector<Violation>& violations) {
  if (context.has_occurred_at() && !context.occurred_on().empty()) {
    Add(violations, "occurred_on", "exclusive",
        "is set beside occurred_at; send the time or the date, not both",
        "与 occurred_at 同时出现，时间与日期只能填写其一");
  }
  if (!context.has_occurred_at() && context.occurred_on().empty()) {
    Add(violations, "occurred_at", "required",
        "is required; where the source knows only the date, set occurred_on",
        "为必填项；若来源只知道日期，请填写 occurred_on");
  }
  if (context.has_occurred_at()) CheckAhead(context.occurred_at(), "occurred_at", options, violations);
  const auto on = ParseDay(context.occurred_on());
  if (on) {
    const WallTime begins = FromMicros(int64_t{on->value} * kDay * 1'000'000) - kEastmost;
    if (begins > options.now + options.future_tolerance) {
      Add(violations, "occurred_on", "future", "lies in the future everywhere on earth; check the date",
          "日期在将来，请检查");
    }
  }
  if (!context.has_reported_at() || !IsValidTimestamp(context.reported_at())) return;
  CheckAhead(context.reported_at(), "reported_at", options, violations);
  const WallTime reported = FromTimestamp(context.reported_at());
  const bool before_time = context.has_occurred_at() && IsValidTimestamp(context.occurred_at()) &&
                           reported < FromTimestamp(context.occurred_at());
  const bool before_date = on && reported < FromMicros(int64_t{on->value} * kDay * 1'000'000) - kEastmost;
  if (before_time || before_date) {
    Add(violations, "reported_at", "order", "is before the event happened; correct one of the two times",
        "早于事件发生时间，请更正其中之一");
  }
}

void CheckReference(const EventType& type, const google::protobuf::Message& event,
                    const event::v1::EventContext& context, std::vector<Violation>& violations) {
  if (context.has_corrects() && type.is_void()) {
    Add(violations, "corrects", "void",
        "is set, but a void cannot correct; send the fact again under a new id",
        "作废事件不能作为更正，请用新的 id 重新发送事实");
  }
  if (context.has_corrects() && context.reason_code() == event::v1::CORRECTION_REASON_UNSPECIFIED) {
    Add(violations, "reason_code", "required", "is required with corrects; say why the event is corrected",
        "更正事件必须填写原因");
  }
  if (!context.has_corrects() && context.reason_code() != event::v1::CORRECTION_REASON_UNSPECIFIED) {
    Add(violations, "reason_code", "exclusive",
        "is set without corrects; name the event that is corrected or leave it out",
        "未填写 corrects 时不得填写原因");
  }
  const std::string id =
      context.id().empty() ? DeriveId(context.source(), context.source_key()) : context.id();
  if (context.has_corrects() && context.corrects().source() == context.source() &&
      context.corrects().id() == id) {
    Add(violations, "corrects.id", "self", "is the event's own id; give the correction an id of its own",
        "与本事件的 id 相同，更正事件需要自己的 id");
  }
  if (!type.is_void()) return;
  const auto& voids = static_cast<const event::v1::Voided&>(event).voids();
  if (!voids.plant_id().empty() && voids.plant_id() != context.plant_id()) {
    Add(violations, "plant_id", "void", "must be the plant of the cancelled event, voids.plant_id",
        "必须与被作废事件的工厂一致");
  }
  if (voids.source() == context.source() && voids.id() == id) {
    violations.push_back({"voids.id", "self", "is the void's own id; a void cannot cancel itself",
                          "与本事件的 id 相同，作废事件不能作废自身"});
  }
}

}  // namespace

bool IsValidTimestamp(const google::protobuf::Timestamp& time) {
  return time.seconds() >= int64_t{kFirstDay.value} * kDay &&
         time.seconds() < (int64_t{kLastDay.value} + 1) * kDay && time.nanos() >= 0 &&
         time.nanos() <= 999'999'999;
}

void CheckContext(const EventType& type, const google::protobuf::Message& event,
                  const ValidateOptions& options, std::vector<Violation>& violations) {
  if (!event.GetReflection()->HasField(event, type.context)) return;  // reported as required already
  const auto& context = ContextOf(type, event);
  if (context.id().empty() && context.source_key().empty()) {
    Add(violations, "id", "required",
        "is required; where the source has a key of its own for the record, set source_key",
        "为必填项；若来源对该记录有自己的键，请填写 source_key");
  }
  CheckTime(context, options, violations);
  CheckReference(type, event, context, violations);
}

}  // namespace yokoten::events

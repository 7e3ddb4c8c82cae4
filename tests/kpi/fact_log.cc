// The pipeline's own stages, fed from memory.
#include "kpi/fact_log.h"

#include <cstdio>
#include <cstdlib>
#include <sstream>

#include <google/protobuf/util/json_util.h>

#include "aggregator/batch.h"
#include "aggregator/identity_pass.h"
#include "aggregator/writer.h"
#include "base/date.h"
#include "events/envelope.h"
#include "events/identity.h"

namespace yokoten::test {
namespace {

constexpr char kDirty[] = "dirty";
// Tests record on one day unless they wait; mostly the order alone matters.
constexpr int64_t kRecordedMs = 1'780'000'000'000;

[[noreturn]] void Abort(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::abort();
}

event::v1::EventContext* MutableContext(google::protobuf::Message& message) {
  const auto* field = message.GetDescriptor()->FindFieldByName("context");
  return static_cast<event::v1::EventContext*>(message.GetReflection()->MutableMessage(&message, field));
}

}  // namespace

WallTime ParseInstant(std::string_view text) {
  int hour = 0, minute = 0, second = 0, zone_hour = 0, zone_minute = 0;
  char sign = 'Z';
  const std::optional<Day> day = text.size() >= 20 ? ParseDay(text.substr(0, 10)) : std::nullopt;
  const int read = std::sscanf(std::string(text.substr(std::min<size_t>(text.size(), 11))).c_str(),
                               "%d:%d:%d%c%d:%d", &hour, &minute, &second, &sign, &zone_hour, &zone_minute);
  if (!day || read < 4) Abort("not an instant: " + std::string(text));
  int64_t offset = zone_hour * 3600 + zone_minute * 60;
  if (sign == '-') offset = -offset;
  return FromMicros((day->value * int64_t{86400} + hour * 3600 + minute * 60 + second - offset) * 1'000'000);
}

Status MemorySink::Produce(const std::string& topic, events::Record record, kafka::DeliveryCallback done) {
  records[topic].push_back(std::move(record));
  kafka::Delivery delivery;
  delivery.partition = 0;
  delivery.offset = static_cast<int64_t>(records[topic].size()) - 1;
  done(delivery);
  return OkStatus();
}

event::v1::EventContext& ContextOf(LoggedEvent& logged) { return *MutableContext(*logged.event); }

FactLog::FactLog(clickhouse::Client& client) : client_(client), decoder_(events::Registry::Linked()) {}

Status FactLog::Store(const std::vector<LoggedEvent>& events) {
  aggregator::Batch batch;
  std::vector<events::Record> records;
  records.reserve(events.size());
  for (const LoggedEvent& logged : events) {
    records.push_back(events::Encode(*logged.type, *logged.event));
    const events::Record& record = records.back();
    aggregator::RecordView view;
    view.topic = logged.type->is_void() ? std::string_view("yokoten.operations.v1")
                                        : std::string_view(logged.type->topic);
    view.position = {.epoch = 1,
                     .partition = 0,
                     .offset = next_offset_,
                     .recorded_ms = kRecordedMs + waited_ms_ + next_offset_};
    ++next_offset_;
    view.key = record.key;
    view.value = record.value;
    for (const auto& [name, value] : record.headers) view.headers.emplace_back(name, value);
    aggregator::Verdict verdict = decoder_.Decode(view);
    if (verdict.rejection)
      return InvalidArgument(logged.type->short_name + ": " + verdict.rejection->message);
    batch.Add(view, std::move(verdict));
  }
  aggregator::BatchWriter writer({.dirty_topic = kDirty, .dead_letter_topic = "dead"}, decoder_, client_,
                                 sink_);
  YK_ASSIGN_OR_RETURN(aggregator::Written written, writer.Write(batch));
  if (!written.halts.empty()) return Internal(written.halts.front().message);
  return OkStatus();
}

WallTime FactLog::recorded_until() const {
  return FromMicros((kRecordedMs + waited_ms_ + next_offset_ - 1) * 1000);
}

Status FactLog::JudgeIdentity() {
  prometheus::Counter changes;
  prometheus::Gauge waiting;
  aggregator::IdentityPass pass({.dirty_topic = kDirty}, client_, sink_, changes, waiting);
  return pass.Run(true);
}

std::map<std::string, std::vector<internal::v1::Touch>> FactLog::TakeTouches() {
  std::map<std::string, std::vector<internal::v1::Touch>> touches;
  for (const events::Record& record : sink_.records[kDirty]) {
    internal::v1::Touch touch;
    if (!touch.ParseFromString(record.value)) Abort("a touch does not parse");
    touches[touch.plant_id()].push_back(std::move(touch));
    ++dirty_offset_;
  }
  sink_.records[kDirty].clear();
  return touches;
}

Result<std::vector<LoggedEvent>> ReadFacts(const std::string& text) {
  std::vector<LoggedEvent> events;
  event::v1::EventContext defaults;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.empty() || line[0] == '#') continue;
    const size_t blank = line.find(' ');
    const std::string word = line.substr(0, blank),
                      json = blank == std::string::npos ? "" : line.substr(blank + 1);
    const auto wrong = [&](const std::string& what) {
      return InvalidArgument("line " + std::to_string(number) + ": " + what);
    };
    if (word == "@context") {
      event::v1::EventContext context;
      const auto status = google::protobuf::util::JsonStringToMessage(json, &context);
      if (!status.ok()) return wrong(status.ToString());
      defaults = context;
      continue;
    }
    const events::EventType* type = events::Registry::Linked().Find(word);
    if (type == nullptr) return wrong("no event type " + word);
    std::shared_ptr<google::protobuf::Message> event(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(type->descriptor)->New());
    const auto status = google::protobuf::util::JsonStringToMessage(json, event.get());
    if (!status.ok()) return wrong(status.ToString());
    event::v1::EventContext own = *MutableContext(*event);
    event::v1::EventContext merged = defaults;
    if (own.has_occurred_at()) merged.clear_occurred_on();
    if (!own.occurred_on().empty()) merged.clear_occurred_at();
    merged.MergeFrom(own);
    if (merged.id().empty()) merged.set_id("line" + std::to_string(number));
    *MutableContext(*event) = merged;
    events.push_back({type, std::move(event)});
  }
  return events;
}

}  // namespace yokoten::test

#include "derive/event_log.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <google/protobuf/descriptor.h>

#include "events/derived.h"
#include "events/identity.h"

namespace yokoten::derive {
namespace {

// Records looked at for one page, so that a filter that fits little does not hold the reader up.
constexpr int64_t kScanMax = 2000;

// One derived event into the answer's oneof, by its type.
void SetData(const google::protobuf::Message& event, derived::v1::DerivedEvent* out) {
  const auto* type = out->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (field->containing_oneof() == nullptr || field->message_type() != event.GetDescriptor()) continue;
    out->GetReflection()->MutableMessage(out, field)->CopyFrom(event);
  }
}

derived::v1::DerivedEvent ReadRecord(const kafka::Message& message) {
  derived::v1::DerivedEvent out;
  const kafka::HeaderViews headers = message.headers();
  *out.mutable_recorded_at() = events::ToTimestamp(FromMicros(message.timestamp_ms() * 1000));
  auto decoded = events::DecodeDerived(headers, message.value());
  if (!decoded.ok()) return out;
  out.set_id(decoded->id);
  out.set_source(decoded->source);
  out.set_type(decoded->type);
  out.set_subject(decoded->subject);
  out.set_plant_id(decoded->plant);
  if (decoded->event == nullptr) return out;
  *out.mutable_time() = events::DerivedContextOf(*decoded->event).due_at();
  SetData(*decoded->event, &out);
  return out;
}

}  // namespace

std::string FormatCursor(const Cursor& cursor) {
  char text[48];
  std::snprintf(text, sizeof text, "%lld-%016llx", static_cast<long long>(cursor.offset),
                static_cast<unsigned long long>(cursor.checksum));
  return text;
}

Result<Cursor> ParseCursor(const std::string& text) {
  const size_t dash = text.find('-');
  const bool digits = dash != std::string::npos && dash > 0 && dash <= 18 &&
                      text.find_first_not_of("0123456789") == dash && text.size() == dash + 17 &&
                      text.find_first_not_of("0123456789abcdef", dash + 1) == std::string::npos;
  if (!digits)
    return InvalidArgument("cursor: '" + text +
                           "' is none; give the next_cursor of an earlier answer, or leave it out");
  return Cursor{std::strtoll(text.c_str(), nullptr, 10), std::strtoull(text.c_str() + dash + 1, nullptr, 16)};
}

bool Filter::Wants(const derived::v1::DerivedEvent& event) const {
  const std::string name = event.type().substr(event.type().rfind('.') + 1);
  return !event.id().empty() && (types.empty() || types.contains(name)) &&
         (plants.empty() || plants.contains(event.plant_id()));
}

Result<Filter> FilterOf(const google::protobuf::RepeatedPtrField<std::string>& types,
                        const google::protobuf::RepeatedPtrField<std::string>& plants) {
  Filter filter{{types.begin(), types.end()}, {plants.begin(), plants.end()}};
  const auto* data = derived::v1::DerivedEvent::descriptor()->FindOneofByName("data");
  std::string all;
  std::set<std::string> known;
  for (int i = 0; i < data->field_count(); ++i) {
    known.insert(data->field(i)->message_type()->name());
    all += (i == 0 ? "" : ", ") + data->field(i)->message_type()->name();
  }
  for (const std::string& type : filter.types) {
    if (!known.contains(type)) return InvalidArgument("types: there is no '" + type + "'; use " + all);
  }
  return filter;
}

EventLog::EventLog(std::unique_ptr<kafka::LogReader> reader, std::string topic)
    : partition_(std::move(topic), 0), reader_(std::move(reader)) {}

Result<std::unique_ptr<EventLog>> EventLog::Create(const std::string& bootstrap_servers, std::string topic) {
  YK_ASSIGN_OR_RETURN(auto reader, kafka::LogReader::Create(bootstrap_servers));
  return std::unique_ptr<EventLog>(new EventLog(std::move(reader), std::move(topic)));
}

Result<int64_t> EventLog::End(std::chrono::milliseconds timeout) {
  const std::lock_guard lock(mutex_);
  YK_ASSIGN_OR_RETURN(const kafka::LogRange range, reader_->Range(partition_, timeout));
  return range.next;
}

Result<Page> EventLog::Read(const std::string& text, const Filter& filter, size_t size,
                            std::chrono::milliseconds timeout) {
  Cursor cursor;
  if (!text.empty() && text != "end") {
    YK_ASSIGN_OR_RETURN(cursor, ParseCursor(text));
  }
  const std::lock_guard lock(mutex_);
  YK_ASSIGN_OR_RETURN(const kafka::LogRange range, reader_->Range(partition_, timeout));
  if (text.empty()) cursor.offset = range.first;
  if (text == "end") cursor.offset = range.next;
  const bool check = !text.empty() && text != "end" && cursor.offset > 0;
  if (check && cursor.offset <= range.first && range.first > 0) {
    return FailedPrecondition(
        "cursor: the events behind it are gone; leave the cursor out to begin with the first "
        "that is there, and read what you keep again from the facts");
  }
  const auto foreign = [] {
    return FailedPrecondition(
        "cursor: it is of another log (another deployment, or the topic was made anew); leave "
        "the cursor out to begin with the first event");
  };
  if (cursor.offset > range.next) return foreign();
  // The record before the first one wanted is the cursor's witness.
  const int64_t begin = cursor.offset > range.first ? cursor.offset - 1 : cursor.offset;
  const int64_t end = std::min(range.next, cursor.offset + kScanMax);
  Page page;
  page.next = cursor;
  YK_ASSIGN_OR_RETURN(const std::vector<kafka::Message> records,
                      reader_->ReadAll(partition_, {begin, end}, timeout));
  for (const kafka::Message& record : records) {
    if (record.offset() < cursor.offset) {
      if (check && record.Checksum() != cursor.checksum) return foreign();
      page.next.checksum = record.Checksum();
      continue;
    }
    if (page.events.size() >= size) break;
    page.next = {record.offset() + 1, record.Checksum()};
    derived::v1::DerivedEvent event = ReadRecord(record);
    if (!filter.Wants(event)) continue;
    event.set_cursor(FormatCursor(page.next));
    page.events.push_back(std::move(event));
  }
  page.more = page.next.offset < range.next;
  return page;
}

}  // namespace yokoten::derive

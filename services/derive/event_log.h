// The topic of derived events, read from a cursor.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/status.h"
#include "kafka/log_reader.h"
#include "yokoten/derived/v1/service.pb.h"

namespace yokoten::derive {

// A place in the log: behind the record at offset - 1, whose checksum tells another log from this one.
struct Cursor {
  int64_t offset = 0;
  uint64_t checksum = 0;  // 0 at the log's very beginning
};

// "<offset>-<checksum in hexadecimal>".
std::string FormatCursor(const Cursor& cursor);
// InvalidArgument for anything else.
Result<Cursor> ParseCursor(const std::string& text);

// What a reader wants; empty = all.
struct Filter {
  std::set<std::string> types;  // message names ("AuditMissed")
  std::set<std::string> plants;
  bool Wants(const derived::v1::DerivedEvent& event) const;
};
// InvalidArgument names the type that does not exist.
Result<Filter> FilterOf(const google::protobuf::RepeatedPtrField<std::string>& types,
                        const google::protobuf::RepeatedPtrField<std::string>& plants);

struct Page {
  std::vector<derived::v1::DerivedEvent> events;
  Cursor next;
  bool more = false;
};

// Thread-safe; one reader at a time.
class EventLog {
 public:
  // `topic` with the deployment's prefix. Does not wait for Kafka.
  static Result<std::unique_ptr<EventLog>> Create(const std::string& bootstrap_servers, std::string topic);

  // At most `size` events behind the cursor ("" = the first, "end" = none yet). FailedPrecondition: the
  // cursor is of another log, or of records that are gone. Unavailable when Kafka does not answer in time.
  Result<Page> Read(const std::string& cursor, const Filter& filter, size_t size,
                    std::chrono::milliseconds timeout);
  // Offset of the next event to be published.
  Result<int64_t> End(std::chrono::milliseconds timeout);

 private:
  EventLog(std::unique_ptr<kafka::LogReader> reader, std::string topic);

  const kafka::TopicPartition partition_;
  std::mutex mutex_;
  std::unique_ptr<kafka::LogReader> reader_;
};

}  // namespace yokoten::derive

// Events and fakes for this room's unit tests.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "aggregator/decoder.h"
#include "clickhouse/client.h"
#include "kafka/producer.h"
#include "yokoten/operations/v1/events.pb.h"

namespace yokoten::aggregator {

inline operations::v1::ShiftOutputReported MakeOutput(const std::string& id,
                                                      const std::string& plant = "PL1") {
  operations::v1::ShiftOutputReported event;
  auto& context = *event.mutable_context();
  context.set_source("/test");
  context.set_id(id);
  context.set_plant_id(plant);
  context.set_line_id("L1");
  context.set_occurred_on("2026-03-02");
  event.set_product("P1");
  event.set_production_day("2026-03-02");
  event.set_shift_code("D");
  event.set_produced_qty(10);
  event.set_good_qty(10);
  event.set_scrap_qty(0);
  event.set_rework_qty(0);
  event.set_snapshot_version(1);
  return event;
}

// A record as the broker would hand it over; owns its bytes.
class TestRecord {
 public:
  TestRecord(events::Record record, int64_t offset, int32_t partition = 0,
             std::string topic = "yokoten.operations.v1")
      : record_(std::move(record)), topic_(std::move(topic)), partition_(partition), offset_(offset) {}
  template <typename Event>
  static TestRecord Of(const Event& event, int64_t offset, int32_t partition = 0) {
    return {events::Encode(*events::Registry::Linked().Find(event.GetDescriptor()), event), offset,
            partition};
  }
  events::Record& record() { return record_; }
  RecordView view() const {
    return {.topic = topic_,
            .position = {.epoch = 1,
                         .partition = partition_,
                         .offset = offset_,
                         .recorded_ms = 1772409600000 + offset_},
            .key = record_.key,
            .value = record_.value,
            .headers = {record_.headers.begin(), record_.headers.end()}};
  }

 private:
  events::Record record_;
  std::string topic_;
  int32_t partition_;
  int64_t offset_;
};

// Remembers what it is asked; answers inserts by a function and selects with no rows.
class FakeDatabase final : public clickhouse::Database {
 public:
  Status Execute(std::string_view, const clickhouse::Params&) override { return OkStatus(); }
  Result<clickhouse::Rows> Select(std::string_view sql, const clickhouse::Params&) override {
    const std::lock_guard lock(mutex_);
    steps.push_back("select");
    return on_select ? on_select(sql) : Result<clickhouse::Rows>(clickhouse::Rows{});
  }
  Status Insert(std::string_view table, const clickhouse::NativeBlock& block,
                const clickhouse::Params&) override {
    const std::lock_guard lock(mutex_);
    const Status status = on_insert ? on_insert(std::string(table), block) : OkStatus();
    if (status.ok()) {
      steps.push_back(std::string(table));
      rows[std::string(table)] += block.rows();
    }
    return status;
  }

  std::function<Status(const std::string&, const clickhouse::NativeBlock&)> on_insert;
  std::function<Result<clickhouse::Rows>(std::string_view)> on_select;
  std::vector<std::string> steps;  // in order, across all calls
  std::map<std::string, size_t> rows;

 private:
  std::mutex mutex_;
};

// Takes records at once, or fails the first `failures` of them.
class FakeSink final : public kafka::RecordSink {
 public:
  explicit FakeSink(FakeDatabase& database) : database_(database) {}
  Status Produce(const std::string& topic, events::Record record, kafka::DeliveryCallback done) override {
    if (failures > 0) {
      --failures;
      done({.status = Unavailable("not now"), .possibly_persisted = true});
      return OkStatus();
    }
    database_.steps.push_back(topic);
    records.emplace_back(topic, std::move(record));
    done({.status = OkStatus(), .partition = 0, .offset = static_cast<int64_t>(records.size())});
    return OkStatus();
  }
  Status Health() const override { return OkStatus(); }

  int failures = 0;
  std::vector<std::pair<std::string, events::Record>> records;

 private:
  FakeDatabase& database_;
};

}  // namespace yokoten::aggregator

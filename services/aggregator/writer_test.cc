#include "aggregator/writer.h"

#include <set>

#include <gmock/gmock.h>

#include "aggregator/test_events.h"
#include "base/error_ids.h"
#include "yokoten/event/v1/event.pb.h"
#include "yokoten/internal/v1/internal.pb.h"

namespace yokoten::aggregator {
namespace {

using ::testing::ElementsAre;

Status Refused(const char* what) { return InvalidArgument(what); }

class WriterTest : public ::testing::Test {
 protected:
  void Add(const TestRecord& record) {
    records_.push_back(std::make_unique<TestRecord>(record));
    batch_.Add(records_.back()->view(), decoder_.Decode(records_.back()->view()));
  }
  // Retryable as ClickHouse's own failures are: through a client that finds nobody.
  static Status Away() { return clickhouse::Client({.url = "http://127.0.0.1:1"}).Ping(); }

  const Decoder decoder_{events::Registry::Linked()};
  FakeDatabase database_;
  FakeSink sink_{database_};
  BatchWriter writer_{{.dirty_topic = "dirty",
                       .dead_letter_topic = "dead",
                       .backoff_min = std::chrono::milliseconds(1),
                       .backoff_max = std::chrono::milliseconds(2),
                       .connections = 1},
                      decoder_,
                      database_,
                      sink_};
  std::vector<std::unique_ptr<TestRecord>> records_;
  Batch batch_;
};

TEST_F(WriterTest, WritesFactsThenDirtThenArchive) {
  Add(TestRecord::Of(MakeOutput("a"), 0));
  Add(TestRecord({.key = "k", .value = "garbage", .headers = {}}, 1));
  const auto written = writer_.Write(batch_);
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_THAT(database_.steps, ElementsAre("fact_operations_shift_output_reported", "event_key",
                                           "business_key", "select", "dead", "dirty", "archive"));
  EXPECT_EQ(written->next.at({"yokoten.operations.v1", 0}), 2);
  EXPECT_EQ(database_.rows["archive"], 2u);
  EXPECT_EQ(written->dead_letters, 1u);
}

TEST_F(WriterTest, TouchesThePlacesOfACorrectionAndItsTarget) {
  auto event = MakeOutput("b", "PL2");
  auto& reference = *event.mutable_context()->mutable_corrects();
  reference.set_source("/test");
  reference.set_id("a");
  reference.set_plant_id("PL1");
  reference.set_entity("line/L7");
  event.mutable_context()->set_reason_code(event::v1::CORRECTION_REASON_DATA_ENTRY);
  Add(TestRecord::Of(event, 0));
  ASSERT_TRUE(writer_.Write(batch_).ok());
  ASSERT_EQ(sink_.records.size(), 2u);
  internal::v1::Touch touch;
  ASSERT_TRUE(touch.ParseFromString(sink_.records[0].second.value));
  EXPECT_EQ(touch.plant_id(), "PL1");
  EXPECT_THAT(touch.entities(), ElementsAre("line/L7"));
  EXPECT_EQ(touch.root_keys_size(), 1);
  ASSERT_TRUE(touch.ParseFromString(sink_.records[1].second.value));
  EXPECT_EQ(touch.plant_id(), "PL2");
  EXPECT_THAT(touch.days(), ElementsAre(ParseDay("2026-03-02")->value));
  EXPECT_EQ(database_.rows["amendment"], 2u) << "one row for each plant concerned";
}

TEST_F(WriterTest, TouchesEveryPlaceThatAVersionStandsInWhenItsRootIsVoided) {
  const std::string root = "11111111-2222-5333-8444-555555555555";
  database_.on_select = [&](std::string_view sql) {
    clickhouse::Rows rows;
    if (sql.find("FROM amendment LIMIT 1") != std::string_view::npos) {
      rows = {{"one"}, {{"1"}}};
    } else if (sql.find("FROM event_key") != std::string_view::npos) {
      rows = {{"event_type", "plant", "entity", "root_key"},
              {{"operations.ShiftOutputReported", "PL1", "line/L1", root}}};
    } else {
      rows = {{"root_key", "event_type", "target_plant", "target_entity", "body_plant", "body_entity"},
              {{root, "operations.ShiftOutputReported", "PL1", "line/L1", "PL2", "line/L7"}}};
    }
    return Result<clickhouse::Rows>(rows);
  };
  event::v1::Voided voided;
  voided.mutable_context()->set_source("/test");
  voided.mutable_context()->set_id("v");
  voided.mutable_context()->set_plant_id("PL1");
  voided.mutable_context()->set_occurred_on("2026-03-02");
  voided.mutable_voids()->set_source("/test");
  voided.mutable_voids()->set_id("a");
  voided.mutable_voids()->set_plant_id("PL1");
  voided.mutable_voids()->set_entity("line/L1");
  voided.set_reason(event::v1::VOID_REASON_DUPLICATE);
  Add(TestRecord::Of(voided, 0));
  ASSERT_TRUE(writer_.Write(batch_).ok());
  std::set<std::string> touched;
  for (const auto& [topic, record] : sink_.records) {
    internal::v1::Touch touch;
    ASSERT_TRUE(touch.ParseFromString(record.value));
    if (touch.root_keys_size() > 0 && touch.event_type() == "yokoten.operations.v1.ShiftOutputReported") {
      touched.insert(touch.plant_id() + " " + touch.entities(0));
    }
  }
  EXPECT_THAT(touched, ElementsAre("PL1 line/L1", "PL2 line/L7"));
}

TEST_F(WriterTest, RepeatsWhatMaySucceedLaterUntilItDoes) {
  Add(TestRecord::Of(MakeOutput("a"), 0));
  int failures = 3;
  const Status away = Away();
  database_.on_insert = [&](const std::string&, const auto&) { return failures-- > 0 ? away : OkStatus(); };
  sink_.failures = 2;
  ASSERT_TRUE(writer_.Write(batch_).ok());
  EXPECT_EQ(database_.rows["archive"], 1u);
}

TEST_F(WriterTest, IsGivenUpOnCancelWithoutTheArchive) {
  Add(TestRecord::Of(MakeOutput("a"), 0));
  const Status away = Away();
  database_.on_insert = [&](const std::string& table, const auto&) {
    if (table == "event_key") writer_.Cancel();
    return table == "event_key" ? away : OkStatus();
  };
  EXPECT_EQ(writer_.Write(batch_).status().code(), StatusCode::kCancelled);
  EXPECT_EQ(database_.rows["archive"], 0u);
}

// Refuses every block that holds the event with id "bad".
Status RefuseBad(const std::string& table, const clickhouse::NativeBlock& block) {
  if (table.starts_with("fact_") && block.Encode().find("bad") != std::string::npos)
    return Refused("value out of range");
  return OkStatus();
}

TEST_F(WriterTest, HaltsThePartitionAtTheOneRecordClickHouseRefuses) {
  for (int i = 0; i < 9; ++i) Add(TestRecord::Of(MakeOutput(i == 4 ? "bad" : "good" + std::to_string(i)), i));
  for (int i = 0; i < 3; ++i) Add(TestRecord::Of(MakeOutput("other" + std::to_string(i)), i, 1));
  database_.on_insert = RefuseBad;
  const auto written = writer_.Write(batch_);
  ASSERT_TRUE(written.ok()) << written.status();
  ASSERT_EQ(written->halts.size(), 1u);
  EXPECT_EQ(written->halts[0].source, (Source{"yokoten.operations.v1", 0}));
  EXPECT_EQ(written->halts[0].offset, 4);
  EXPECT_EQ(written->halts[0].error_id, error_id::kRecordRefused);
  EXPECT_NE(written->halts[0].message.find("value out of range"), std::string::npos);
  EXPECT_EQ(written->next.at({"yokoten.operations.v1", 0}), 4) << "nothing behind the halt is archived";
  EXPECT_EQ(written->next.at({"yokoten.operations.v1", 1}), 3) << "other partitions go on";
  EXPECT_EQ(database_.rows["archive"], 7u);
}

TEST_F(WriterTest, FindsTwoRefusedRecordsInTwoPartitions) {
  Add(TestRecord::Of(MakeOutput("bad1"), 0, 0));
  Add(TestRecord::Of(MakeOutput("good"), 0, 1));
  Add(TestRecord::Of(MakeOutput("bad2"), 1, 1));
  database_.on_insert = RefuseBad;
  const auto written = writer_.Write(batch_);
  ASSERT_TRUE(written.ok());
  EXPECT_EQ(written->halts.size(), 2u);
  EXPECT_FALSE(written->next.contains({"yokoten.operations.v1", 0}));
  EXPECT_EQ(written->next.at({"yokoten.operations.v1", 1}), 1);
}

TEST(TouchSet, SplitsWhatIsTooMuchForOneRecord) {
  TouchSet touches;
  for (int i = 0; i < 4500; ++i) touches.Date("PL1", "t", "e", i);
  const auto records = touches.Records();
  ASSERT_EQ(records.size(), 3u);
  int days = 0;
  for (const auto& record : records) {
    internal::v1::Touch touch;
    ASSERT_TRUE(touch.ParseFromString(record.value));
    EXPECT_EQ(record.key, "PL1");
    days += touch.days_size();
  }
  EXPECT_EQ(days, 4500);
}

}  // namespace
}  // namespace yokoten::aggregator

#include "events/wire.h"

#include <random>

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include "yokoten/training/v1/events.pb.h"
#include "yokoten/training/v1/service.pb.h"

namespace yokoten::events {
namespace {

using training::v1::StreamEventsRequest;
using training::v1::TrainingEvent;

TrainingEvent Session(const std::string& job) {
  TrainingEvent event;
  auto& session = *event.mutable_session_completed();
  session.mutable_context()->set_source("/plants/PL1/x");
  session.set_job_id(job);
  session.set_attempt(300);
  return event;
}

// A string of the right length, for patching bytes a message would not let in.
std::string Patched(std::string bytes, const std::string& from, const std::string& to) {
  bytes.replace(bytes.find(from), from.size(), to);
  return bytes;
}

TEST(WireTest, ABatchComesApartIntoTheBytesOfItsEvents) {
  StreamEventsRequest request;
  *request.add_events() = Session("J-1");
  *request.add_events() = Session("J-2");
  request.set_sequence(1ull << 63);
  const std::string bytes = request.SerializeAsString();
  const auto batch = SplitBatch(bytes, 10);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->sequence, 1ull << 63);
  ASSERT_EQ(batch->events.size(), 2u);
  EXPECT_EQ(batch->events[1], Session("J-2").SerializeAsString());
}

TEST(WireTest, ABrokenEventLeavesTheOthersReadable) {
  StreamEventsRequest request;
  *request.add_events() = Session("J-1");
  *request.add_events() = Session("J-BAD");
  *request.add_events() = Session("J-3");
  const std::string bytes = Patched(request.SerializeAsString(), "J-BAD", "\xff\xfe\xfd\xfc\xfb");
  EXPECT_FALSE(StreamEventsRequest().ParseFromString(bytes));  // what a typed server would answer
  const auto batch = SplitBatch(bytes, 10);
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->events.size(), 3u);
  EXPECT_TRUE(
      TrainingEvent().ParseFromArray(batch->events[2].data(), static_cast<int>(batch->events[2].size())));
}

TEST(WireTest, ReadingStopsAtTheLimit) {
  StreamEventsRequest request;
  for (int i = 0; i < 10; ++i) request.add_events();
  EXPECT_EQ(SplitBatch(request.SerializeAsString(), 4)->events.size(), 5u);
}

TEST(WireTest, ATruncatedBatchIsBroken) {
  StreamEventsRequest request;
  *request.add_events() = Session("J-1");
  const std::string bytes = request.SerializeAsString();
  EXPECT_FALSE(SplitBatch(bytes.substr(0, bytes.size() - 1), 10));
  EXPECT_TRUE(SplitBatch("", 10));
}

TEST(WireTest, BrokenUtf8IsNamedByItsField) {
  const std::string good = Session("J-BAD").SerializeAsString();
  const std::string bytes = Patched(good, "J-BAD",
                                    "J-\xff"
                                    "AD");
  ASSERT_FALSE(TrainingEvent().ParseFromString(bytes));
  const WireFault fault = FindWireFault(*TrainingEvent::descriptor(), bytes);
  EXPECT_EQ(fault.kind, WireFault::kUtf8);
  EXPECT_EQ(fault.field, "session_completed.job_id");
  EXPECT_EQ(FindWireFault(*TrainingEvent::descriptor(), good).kind, WireFault::kNone);
  const std::string in_context = Patched(good, "PL1",
                                         "P\x80"
                                         "1");
  EXPECT_EQ(FindWireFault(*TrainingEvent::descriptor(), in_context).field,
            "session_completed.context.source");
}

// The hand-written walk and the parser must agree on what is broken.
TEST(WireTest, WhateverDoesNotParseHasAFaultAndTheReverse) {
  google::protobuf::LogSilencer silencer;
  std::mt19937 random(7);
  const std::string good = Session("J-104").SerializeAsString();
  int refused = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string bytes = good;
    for (int flips = static_cast<int>(random() % 3) + 1; flips > 0; --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 1));
    const bool parses = TrainingEvent().ParseFromString(bytes);
    const WireFault fault = FindWireFault(*TrainingEvent::descriptor(), bytes);
    if (!parses) {
      ++refused;
      EXPECT_NE(fault.kind, WireFault::kNone) << i;
    }
    (void)SplitBatch(bytes, 100);
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace yokoten::events

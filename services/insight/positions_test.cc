// What is refused of a token before anybody is asked; the waiting itself is shown with a real Kafka.
#include "insight/positions.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace yokoten::insight {
namespace {

class PositionsTest : public testing::Test {
 protected:
  PositionsTest() {
    PositionsOptions options;
    options.bootstrap_servers = "127.0.0.1:1";
    options.domain_topics = {"yokoten.training.v1"};
    positions_ = *Positions::Create(std::move(options), clickhouse_, SystemClock());
  }
  Status WaitFor(const std::string& topic, int32_t partition, int64_t offset) {
    event::v1::ConsistencyToken token;
    auto* position = token.add_positions();
    position->set_topic(topic);
    position->set_partition(partition);
    position->set_offset(offset);
    return positions_->WaitFor(token, Stage::kFacts, SystemClock().Monotonic());
  }

  clickhouse::Client clickhouse_{clickhouse::ClientOptions()};
  std::unique_ptr<Positions> positions_;
};

TEST_F(PositionsTest, ATokenOfAnotherDeploymentIsRefused) {
  EXPECT_EQ(WaitFor("yokoten.cooking.v1", 0, 1).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(WaitFor("yokoten.training.v1", 0, 1).code(), StatusCode::kDeadlineExceeded) << "nobody answers";
}

TEST_F(PositionsTest, PlacesThatNoLogHasAreRefused) {
  EXPECT_EQ(WaitFor("yokoten.training.v1", -1, 1).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(WaitFor("yokoten.training.v1", 0, -1).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(WaitFor("yokoten.training.v1", 0, INT64_MAX).code(), StatusCode::kInvalidArgument);
}

TEST_F(PositionsTest, AnEmptyTokenWaitsForNothing) {
  EXPECT_TRUE(positions_->WaitFor({}, Stage::kCells, SystemClock().Monotonic()).ok());
}

}  // namespace
}  // namespace yokoten::insight

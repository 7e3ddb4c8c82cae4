// The log refuses what it does not know; the exposition names what was registered.
#include <gtest/gtest.h>

#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace yokoten {
namespace {

TEST(LogTest, RefusesALevelItDoesNotKnow) {
  EXPECT_TRUE(log::Setup("warn").ok());
  const Status status = log::Setup("loud");
  ASSERT_FALSE(status.ok());
  EXPECT_NE(Message(status).find("log.level is 'loud'"), std::string::npos);
}

TEST(MetricsTest, ExpositionNamesWhatWasRegistered) {
  telemetry::Metrics metrics;
  auto& family = prometheus::BuildCounter().Name("yokoten_events_total").Help("Events.").Register(metrics);
  family.Add({{"domain", "training"}}).Increment(3);
  const std::string text = telemetry::Exposition(metrics);
  EXPECT_NE(text.find("yokoten_events_total{domain=\"training\"} 3"), std::string::npos) << text;
}

}  // namespace
}  // namespace yokoten

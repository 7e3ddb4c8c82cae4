#include "app/config.h"

#include <cstdio>
#include <fstream>

#include <gtest/gtest.h>

namespace yokoten::app {
namespace {

std::string WriteFile(const std::string& text) {
  const std::string path = testing::TempDir() + "yokoten_config_test.textproto";
  std::ofstream(path) << text;
  return path;
}

TEST(ConfigTest, DefaultsComeFromTheProto) {
  const auto config = DefaultConfig();
  EXPECT_EQ(config.gateway().listen_address(), "127.0.0.1:8080");
  EXPECT_EQ(config.aggregator().batch_age_ms(), 150);
  EXPECT_DOUBLE_EQ(config.aggregator().dead_letter_percent_max(), 1.0);
  EXPECT_FALSE(config.deployment().simulated());
}

TEST(ConfigTest, SetWinsOverFileAndFileOverDefault) {
  const auto path = WriteFile("aggregator { batch_age_ms: 70 batch_records_max: 9 }");
  const auto config = LoadConfig(path, {"aggregator.batch_age_ms=80"});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->aggregator().batch_age_ms(), 80);
  EXPECT_EQ(config->aggregator().batch_records_max(), 9);
}

TEST(ConfigTest, UnknownKeysStopTheStartAndAreLocated) {
  const auto in_file = LoadConfig(WriteFile("aggregator {\n  batch_aeg_ms: 70\n}"), {});
  ASSERT_FALSE(in_file.ok());
  EXPECT_NE(Message(in_file.status()).find(":2:"), std::string::npos) << in_file.status();
  EXPECT_NE(Message(in_file.status()).find("batch_aeg_ms"), std::string::npos);
  const auto in_set = LoadConfig("", {"aggregator.batch_aeg_ms=70"});
  ASSERT_FALSE(in_set.ok());
  EXPECT_NE(Message(in_set.status()).find("batch_aeg_ms"), std::string::npos);
}

TEST(ConfigTest, BoundsAreChecked) {
  const auto low = LoadConfig("", {"aggregator.batch_age_ms=0"});
  ASSERT_FALSE(low.ok());
  EXPECT_EQ(Message(low.status()), "setting aggregator.batch_age_ms is 0; it must be at least 1 ms");
  EXPECT_FALSE(LoadConfig("", {"ingest.event_bytes_max=99999999"}).ok());
  EXPECT_FALSE(LoadConfig("", {"aggregator.batch_age_ms=soon"}).ok());
}

TEST(ConfigTest, BackendsAreSetByTargetName) {
  const auto config = LoadConfig("", {"gateway.backends.training=127.0.0.1:1"});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->gateway().backends().at("training"), "127.0.0.1:1");
}

TEST(ConfigTest, SecretsAreMaskedAndTheHashDoesNotDependOnThem) {
  const auto a = LoadConfig("", {"clickhouse.password=one"});
  const auto b = LoadConfig("", {"clickhouse.password=two"});
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(EffectiveConfigText(*a).find("one"), std::string::npos);
  EXPECT_NE(EffectiveConfigText(*a).find("*****"), std::string::npos);
  EXPECT_EQ(ConfigHash(*a), ConfigHash(*b));
  EXPECT_NE(ConfigHash(*a), ConfigHash(DefaultConfig()));
}

}  // namespace
}  // namespace yokoten::app

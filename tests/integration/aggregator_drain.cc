// How fast a backlog drains from Kafka into ClickHouse: sends records, then starts an aggregator and prints
// the rate.
//   aggregator_drain [RECORDS]
#include <cstdio>
#include <thread>

#include "integration/aggregator_world.h"

int main(int argc, char** argv) {
  using namespace yokoten;  // NOLINT: a measuring program, not a room
  using std::chrono::steady_clock;
  const size_t count = argc > 1 ? std::stoul(argv[1]) : 200000;
  test::World world("drain", 4);
  const auto* type = events::Registry::Linked().Find("operations.ShiftOutputReported");
  std::vector<std::pair<std::string, events::Record>> records;
  const auto sending = steady_clock::now();
  for (size_t i = 0; i < count; ++i) {
    const int day = static_cast<int>(i % 700);
    const auto event = test::Output("d" + std::to_string(i), "PL" + std::to_string(i % 12),
                                    "L" + std::to_string(i / 12 % 40), FormatDay(FromCivil(2024, 1, 1) + day),
                                    static_cast<int64_t>(i % 1000));
    records.emplace_back(world.TopicOf(event), events::Encode(*type, event));
    if (records.size() == 20000 || i + 1 == count) {
      world.SendAll(records);
      records.clear();
    }
  }
  const std::chrono::duration<double> sent = steady_clock::now() - sending;
  auto options = world.Options();
  options.batch_age = std::chrono::milliseconds(150);
  options.identity_interval = std::chrono::seconds(5);
  prometheus::Registry registry;
  const auto began = steady_clock::now();
  aggregator::Aggregator aggregator(options, world.client(), world.producer(), registry);
  if (!aggregator.Start().ok()) return 1;
  if (const Status status = world.WaitConsumed(std::chrono::minutes(10)); !status.ok()) {
    std::printf("%s\n", Message(status).c_str());
    return 1;
  }
  const std::chrono::duration<double> took = steady_clock::now() - began;
  std::printf(
      "%zu records sent in %.1f s, drained in %.2f s from the start of the aggregator: %.0f records/s\n",
      count, sent.count(), took.count(), static_cast<double>(count) / took.count());
  const auto identity = steady_clock::now();
  if (!aggregator.RunIdentityPass(true).ok()) return 1;
  std::printf("full identity pass %.2f s\n",
              std::chrono::duration<double>(steady_clock::now() - identity).count());
  aggregator.Stop();
  return 0;
}

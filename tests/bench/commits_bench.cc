// Tells when a consumer group commits: one JSON line for each change of its positions, until standard input
// ends.
//
//   commits_bench BOOTSTRAP GROUP TOPIC    {"at": monotonic seconds, "sum": sum of committed offsets}
#include <chrono>
#include <cstdio>

#include <poll.h>
#include <unistd.h>

#include "bench/bare_producer.h"
#include "kafka/offsets.h"

namespace yokoten::bench {
namespace {

constexpr std::chrono::seconds kAnswer{10};
constexpr int kEveryMs = 20;

int Run(const char* bootstrap_servers, const char* group, const char* topic) {
  auto reader = kafka::OffsetReader::Create(bootstrap_servers, group);
  if (!reader.ok()) Fail(Message(reader.status()));
  const auto partitions = (*reader)->Partitions({topic}, kAnswer);
  if (!partitions.ok()) Fail(Message(partitions.status()));
  int64_t seen = -1;
  pollfd input{STDIN_FILENO, POLLIN, 0};
  do {
    const auto committed = (*reader)->Committed(*partitions, kAnswer);
    if (!committed.ok()) continue;  // while the group moves, its coordinator may not answer
    int64_t sum = 0;
    for (const auto& [partition, offset] : *committed) sum += offset;
    if (sum == seen) continue;
    seen = sum;
    const double at =
        std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    std::printf("{\"at\": %.4f, \"sum\": %lld}\n", at, static_cast<long long>(sum));
    std::fflush(stdout);
  } while (poll(&input, 1, kEveryMs) == 0);
  return 0;
}

}  // namespace
}  // namespace yokoten::bench

int main(int argc, char** argv) {
  if (argc != 4) yokoten::bench::Fail("commits_bench BOOTSTRAP GROUP TOPIC");
  return yokoten::bench::Run(argv[1], argv[2], argv[3]);
}

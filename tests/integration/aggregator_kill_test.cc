// Aggregators as processes, killed at random points while events come in; the warehouse too. Nothing may be
// lost or counted twice. Runs in every CI run; YOKOTEN_KILLS makes it longer.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <gmock/gmock.h>

#include "events/columns.h"
#include "integration/aggregator_world.h"
#include "support/process.h"

namespace yokoten::test {
namespace {

using std::chrono::milliseconds;

std::unique_ptr<Process> StartAggregator(World& world, const std::string& log) {
  std::vector<std::string> argv = {
      (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "aggregator_process").string()};
  for (const auto& setting : world.Settings()) argv.push_back(setting);
  argv.push_back("aggregator.batch_records_max=200");
  auto process = Process::Start(argv, {}, log);
  EXPECT_TRUE(process.ok()) << process.status();
  return process.ok() ? *std::move(process) : nullptr;
}

// What the processes complained about, for the one who reads a failure.
std::string Complaints(const std::string& folder) {
  std::string out;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream lines(file.path());
    for (std::string line; std::getline(lines, line);) {
      if (line.find("[info]") == std::string::npos)
        out += file.path().filename().string() + ": " + line + "\n";
    }
  }
  return out;
}

TEST(KillLoop, LosesNothingAndCountsNothingTwice) {
  World world("kill");
  TempDir logs;
  const int kills = std::stoi(Environment("YOKOTEN_KILLS", "12"));
  std::mt19937_64 random(Seed() + 1);
  std::vector<std::unique_ptr<Process>> running(2);
  for (size_t i = 0; i < running.size(); ++i)
    running[i] = StartAggregator(world, logs.path() + "/" + std::to_string(i));
  pid_t stopped = 0;
  for (int kill = 0; kill < kills; ++kill) {
    // Events keep coming until the moment of the kill, so that it falls into a batch.
    const auto until = std::chrono::steady_clock::now() + milliseconds(300 + random() % 900);
    while (std::chrono::steady_clock::now() < until) world.SendAll(world.Mix(60));
    auto& victim = running[random() % running.size()];
    if (kill % 5 == 3) {
      // A zombie: it loses its place, wakes with a batch in its hands and goes on writing.
      if (stopped != 0) ::kill(stopped, SIGCONT);
      stopped = victim->pid();
      victim->Signal(SIGSTOP);
      continue;
    }
    if (kill % 6 == 5) {
      ASSERT_TRUE(Neighbours::Get().warehouse().KillAndRestart().ok());
      continue;
    }
    if (victim->pid() == stopped) stopped = 0;
    victim->Kill();
    victim = StartAggregator(world, logs.path() + "/" + std::to_string(kill + 10));
  }
  if (stopped != 0) ::kill(stopped, SIGCONT);
  world.SendAll(world.Mix(60));
  const Status consumed = world.WaitConsumed(std::chrono::seconds(120));
  ASSERT_TRUE(consumed.ok()) << consumed << "\n" << Complaints(logs.path());
  EXPECT_THAT(world.Differences(world.sent()), ::testing::IsEmpty());
  for (auto& process : running) EXPECT_EQ(process->Stop(std::chrono::seconds(40)), 0) << "stops cleanly";

  // The same log in one go, by one process that nobody disturbs, gives the same tables.
  {
    prometheus::Registry registry;
    aggregator::Aggregator settle(world.Options(), world.client(), world.producer(), registry);
    EXPECT_TRUE(settle.RunIdentityPass(true).ok());
  }
  const auto other = world.OtherDatabase("batch");
  prometheus::Registry registry;
  aggregator::Aggregator batch(world.Options(), *other, world.producer(), registry);
  ASSERT_TRUE(batch.Start().ok());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  for (int64_t archived = 0; archived < static_cast<int64_t>(world.sent().size());) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    test::PollPause(milliseconds(50));
    const auto rows = other->Select("SELECT count() AS n FROM archive");
    if (rows.ok()) archived = rows->Int(0, "n");
  }
  EXPECT_TRUE(batch.RunIdentityPass(true).ok());
  batch.Stop();
  EXPECT_THAT(world.StateDifferences(world.client(), *other), ::testing::IsEmpty());
  std::printf("%zu records, %d kills\n", world.sent().size(), kills);
}

}  // namespace
}  // namespace yokoten::test

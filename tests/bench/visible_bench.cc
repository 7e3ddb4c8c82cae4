// How long after its acknowledgement an event is in a KPI answer, at half load: a part of a simulated group's
// history is sent as fast as it is taken until the figures include it, which tells the load; the next part is
// sent at half of that rate, while probes are sent and read with their tokens. A probe's figure has to count
// exactly the probes sent. Prints one JSON line.
//
//   visible_bench SERVER PART SECONDS    PART numbers runs against one deployment from 0
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "bench/bare_producer.h"
#include "cli/connection.h"
#include "cli/doctor_probe.h"
#include "cli/event_sender.h"
#include "cli/import/import_run.h"
#include "cli/simulate/simulation.h"

namespace yokoten::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kPlants = 2;
constexpr int kDaysPerPart = 30;           // of history that tells the load
constexpr int kProbers = 10;               // plants that are probed
constexpr milliseconds kProbeEvery{1000};  // each of them
constexpr milliseconds kTick{100};         // of the background's pace
constexpr milliseconds kPatience{30'000};
constexpr double kGivenUpAfterS = 300;

double Since(steady_clock::time_point begun) {
  return std::chrono::duration<double>(steady_clock::now() - begun).count();
}

// Waits until a time; nothing else could end the wait.
void Until(steady_clock::time_point when) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  while (steady_clock::now() < when) never.wait_until(lock, when);
}

class Bench {
 public:
  Bench(std::shared_ptr<cli::Connection> connection, int part)
      : connection_(std::move(connection)),
        part_(part),
        sender_(connection_, {}, [this](uint64_t, const event::v1::EventResult& result) {
          if (result.status() != event::v1::EVENT_STATUS_ACCEPTED) refused_ = true;
        }) {
    options_.plants = kPlants;
    options_.seed = 11;
    options_.now = SystemClock().Now();
    options_.until = *ParseDay("2026-06-30");
    options_.from = options_.until - 2 * kDaysPerPart * 8;
    simulation_.emplace(options_);
    for (int day = 0; day < 2 * kDaysPerPart * part_; ++day) Day();  // earlier runs sent these
  }

  void Run(double seconds) {
    const double rate = Load() / 2;
    std::vector<std::thread> probers;
    std::vector<std::vector<double>> ms(kProbers);
    const auto begun = steady_clock::now();
    const auto end =
        begun + std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(seconds));
    for (int i = 0; i < kProbers; ++i)
      probers.emplace_back(
          [this, i, begun, end, &ms] { Probe(i, begun + kProbeEvery * i / kProbers, end, ms[i]); });
    const double sent = Background(rate, begun, end);
    for (auto& prober : probers) prober.join();
    std::vector<double> all;
    for (const auto& some : ms) all.insert(all.end(), some.begin(), some.end());
    std::sort(all.begin(), all.end());
    if (all.size() < 10) Fail("only " + std::to_string(all.size()) + " probes came through");
    if (refused_) Fail("an event was refused");
    std::printf(
        "{\"value\": %.1f, \"p50_ms\": %.1f, \"max_ms\": %.1f, \"probes\": %zu, \"events_per_s\": %.1f}\n",
        all[all.size() * 99 / 100], all[all.size() / 2], all.back(), all.size(), sent / seconds);
  }

 private:
  std::vector<cli::OutgoingEvent> Day() {
    std::vector<cli::OutgoingEvent> day;
    if (!simulation_->NextDay(day)) Fail("the history is too short for part " + std::to_string(part_));
    return day;
  }
  void Send(const cli::OutgoingEvent& event) {
    if (const Status status = sender_.Send(*event.domain, *event.type, *event.event, 0); !status.ok())
      Fail(Message(status));
  }
  void Flush() {
    if (const Status status = sender_.Flush(); !status.ok()) Fail(Message(status));
  }

  // Events per second from gRPC to cells.
  double Load() {
    const auto begun = steady_clock::now();
    size_t events = 0;
    for (int day = 0; day < kDaysPerPart; ++day) {
      for (const auto& event : Day()) Send(event), ++events;
    }
    Flush();
    const Status status = cli::WaitForFigures(*connection_, sender_.token(), std::chrono::minutes(10));
    if (!status.ok()) Fail(Message(status));
    return static_cast<double>(events) / Since(begun);
  }

  // Sends what is due, tick by tick; how many events that were.
  double Background(double rate, steady_clock::time_point begun, steady_clock::time_point end) {
    double sent = 0;
    std::vector<cli::OutgoingEvent> day;
    size_t next = 0;
    for (auto tick = begun; tick < end; tick += kTick) {
      Until(tick);
      for (const double due = rate * Since(begun); sent < due; ++sent) {
        while (next == day.size()) day = Day(), next = 0;
        Send(day[next++]);
      }
      Flush();
    }
    return sent;
  }

  // A probe every second. From its acknowledgement, or from when it was due where the one before it took
  // longer than that, to the answer that has it.
  void Probe(int worker, steady_clock::time_point due, steady_clock::time_point end,
             std::vector<double>& ms) {
    cli::DoctorProbe probe(connection_, "PROBE-" + std::to_string(part_) + "-" + std::to_string(worker),
                           "bench", SystemClock());
    for (; due < end; due += kProbeEvery) {
      const bool late = steady_clock::now() > due + milliseconds(1);
      Until(due);
      const auto token = probe.Send();
      if (!token.ok()) Fail(Message(token.status()));
      const auto acknowledged = steady_clock::now();
      auto counted = probe.Read(&*token, kPatience);
      // The service answers after a while that the figure is not there yet; the time goes on.
      while (counted.status().code() == StatusCode::kDeadlineExceeded && Since(acknowledged) < kGivenUpAfterS)
        counted = probe.Read(&*token, kPatience);
      if (!counted.ok()) Fail(Message(counted.status()));
      if (*counted != probe.sent())
        Fail("a figure counts " + std::to_string(*counted) + " probes of " + std::to_string(probe.sent()));
      ms.push_back(Since(late ? due : acknowledged) * 1000);
    }
  }

  std::shared_ptr<cli::Connection> connection_;
  const int part_;
  std::atomic<bool> refused_{false};
  cli::EventSender sender_;
  cli::SimulationOptions options_;
  std::optional<cli::Simulation> simulation_;
};

int Main(int argc, char** argv) {
  if (argc != 4) Fail("visible_bench SERVER PART SECONDS");
  auto connection = cli::Connection::Make({{argv[1]}});
  if (!connection.ok()) Fail(Message(connection.status()));
  Bench(*connection, std::atoi(argv[2])).Run(std::atof(argv[3]));
  return 0;
}

}  // namespace
}  // namespace yokoten::bench

int main(int argc, char** argv) { return yokoten::bench::Main(argc, argv); }

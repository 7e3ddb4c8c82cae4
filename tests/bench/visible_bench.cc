// How long after its acknowledgement an event is in a KPI answer, at half load. A simulated group's last five
// days up to now: the first sets the plants up; the second is sent as fast as it is taken until the figures
// include it, which tells the load; the others are sent at half of that rate, while probes are sent and read
// with their tokens. A plant's figure has to count its probes, never fewer than the token names. Prints one
// JSON line.
//
//   visible_bench SERVER SECONDS
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

constexpr int kPlants = 60;
constexpr int kDays = 5;
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

struct Sent {
  event::v1::ConsistencyToken token;
  steady_clock::time_point at;  // of the acknowledgement
};

// A plant's probes in the order of their acknowledgements. Thread-safe.
class Acknowledged {
 public:
  void Add(Sent sent) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(sent));
    changed_.notify_all();
  }
  void End() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  // Waits for it; nothing when the last one came before.
  std::optional<Sent> At(size_t index) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return index < all_.size() || ended_; });
    return index < all_.size() ? std::optional(all_[index]) : std::nullopt;
  }
  size_t size() const {
    const std::lock_guard lock(mutex_);
    return all_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Sent> all_;
  bool ended_ = false;
};

class Bench {
 public:
  explicit Bench(std::shared_ptr<cli::Connection> connection)
      : connection_(std::move(connection)),
        sender_(connection_, {}, [this](uint64_t, const event::v1::EventResult& result) {
          if (result.status() != event::v1::EVENT_STATUS_ACCEPTED) refused_ = true;
        }) {
    options_.plants = kPlants;
    options_.seed = 11;
    options_.now = SystemClock().Now();
    options_.until = Day{static_cast<int32_t>(ToMicros(options_.now) / 86'400'000'000)};
    options_.from = options_.until - (kDays - 1);
    simulation_.emplace(options_);
  }

  void Run(double seconds) {
    SendDay();
    const double rate = SendDay() / 2;
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
  void Send(const cli::OutgoingEvent& event) {
    if (const Status status = sender_.Send(*event.domain, *event.type, *event.event, 0); !status.ok())
      Fail(Message(status));
  }
  void Flush() {
    if (const Status status = sender_.Flush(); !status.ok()) Fail(Message(status));
  }

  // As fast as it is taken; events per second from gRPC to cells.
  double SendDay() {
    std::vector<cli::OutgoingEvent> day;
    simulation_->NextDay(day);
    const auto begun = steady_clock::now();
    for (const auto& event : day) Send(event);
    Flush();
    const Status status = cli::WaitForFigures(*connection_, sender_.token(), std::chrono::minutes(10));
    if (!status.ok()) Fail(Message(status));
    return static_cast<double>(day.size()) / Since(begun);
  }

  // Sends what is due, tick by tick; how many events that were.
  double Background(double rate, steady_clock::time_point begun, steady_clock::time_point end) {
    double sent = 0;
    std::vector<cli::OutgoingEvent> day;
    size_t next = 0;
    for (auto tick = begun; tick < end; tick += kTick) {
      Until(tick);
      for (const double due = rate * Since(begun); sent < due; ++sent) {
        while (next == day.size()) {
          if (!simulation_->NextDay(day))
            Fail("the last days are over after " + std::to_string(Since(begun)) + " s");
          next = 0;
        }
        Send(day[next++]);
      }
      Flush();
    }
    return sent;
  }

  // Sends a probe every second, whether or not those before it are visible; notes when each is.
  void Probe(int worker, steady_clock::time_point due, steady_clock::time_point end,
             std::vector<double>& ms) {
    const std::string plant = "PROBE-" + std::to_string(worker);
    Acknowledged acknowledged;
    std::thread reader([&] { Watch(plant, acknowledged, ms); });
    cli::DoctorProbe probe(connection_, plant, "bench", SystemClock());
    for (; due < end; due += kProbeEvery) {
      Until(due);
      auto token = probe.Send();
      if (!token.ok()) Fail(Message(token.status()));
      acknowledged.Add({*std::move(token), steady_clock::now()});
    }
    acknowledged.End();
    reader.join();
  }

  // Reads with the token of the oldest probe not yet seen; the answer may have later ones too.
  void Watch(const std::string& plant, Acknowledged& acknowledged, std::vector<double>& ms) {
    cli::DoctorProbe reads(connection_, plant, "bench", SystemClock());
    while (const auto oldest = acknowledged.At(ms.size())) {
      const auto counted = reads.Read(&oldest->token, kPatience);
      const auto seen = steady_clock::now();
      // The service answers after a while that the figure is not there yet; the time goes on.
      if (counted.status().code() == StatusCode::kDeadlineExceeded && Since(oldest->at) < kGivenUpAfterS)
        continue;
      if (!counted.ok()) Fail(Message(counted.status()));
      // One more may be counted whose acknowledgement is still on its way.
      const auto count = static_cast<size_t>(*counted), sent = acknowledged.size();
      if (count <= ms.size() || count > sent + 1)
        Fail("a figure counts " + std::to_string(count) + " probes of " + std::to_string(sent) +
             " sent and " + std::to_string(ms.size()) + " seen before");
      for (const size_t known = std::min(count, sent); ms.size() < known;)
        ms.push_back(
            std::chrono::duration<double, std::milli>(seen - acknowledged.At(ms.size())->at).count());
    }
  }

  std::shared_ptr<cli::Connection> connection_;
  std::atomic<bool> refused_{false};
  cli::EventSender sender_;
  cli::SimulationOptions options_;
  std::optional<cli::Simulation> simulation_;
};

int Main(int argc, char** argv) {
  if (argc != 3) Fail("visible_bench SERVER SECONDS");
  auto connection = cli::Connection::Make({{argv[1]}});
  if (!connection.ok()) Fail(Message(connection.status()));
  Bench(*connection).Run(std::atof(argv[2]));
  return 0;
}

}  // namespace
}  // namespace yokoten::bench

int main(int argc, char** argv) { return yokoten::bench::Main(argc, argv); }

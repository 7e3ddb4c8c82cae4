// One run of a figure of the way in: the ingest target, and beside it what bounds it, in the order asked for.
// Prints one JSON line. Whatever arrived otherwise than it was sent ends it with 1 and a line.
//
//   ingest_bench stream ours,ceiling EVENTS    events/s: streams of batches; a bare librdkafka loop
//   ingest_bench unary ours,ceiling EVENTS     requests/s: calls of one event; an empty callback echo
//   ingest_bench ack ours,ceiling SECONDS      p99 ms of calls at half of the unary rate; bare librdkafka at
//   it ingest_bench echo                          the empty echo
// with KAFKA=host:port, INGEST=host:port (target training) and ECHO=host:port in the environment.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <sstream>
#include <string>

#include "bench/bare_producer.h"
#include "bench/ingest_client.h"
#include "bench/load.h"
#include "support/process.h"

namespace yokoten::bench {
namespace {

using std::chrono::steady_clock;

constexpr char kTopic[] = "yokoten.training.v1";
constexpr size_t kPerBatch = 500;
constexpr int kStreams = 2;
constexpr int kConcurrency = 500;
// For what Kafka has not acknowledged after the last record was sent.
constexpr std::chrono::seconds kPatience{60};

using Numbers = std::vector<std::pair<std::string, double>>;

void WaitFor(const std::atomic<size_t>& counter, size_t wanted) {
  const auto end = steady_clock::now() + kPatience;
  while (counter.load() < wanted) {
    if (steady_clock::now() > end)
      Fail(std::to_string(wanted - counter.load()) + " of " + std::to_string(wanted) +
           " were never acknowledged");
    test::PollPause(std::chrono::milliseconds(1));
  }
}

// To the schedule, not to a condition: steady_clock is the kernel's monotonic clock.
void WaitUntil(steady_clock::time_point when) {
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count();
  const timespec until{ns / 1'000'000'000, ns % 1'000'000'000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

class Bench {
 public:
  Bench(std::string what, double size) : what_(std::move(what)), size_(size), arrivals_(kafka_, kTopic) {}

  void Measure(const std::string& side) {
    const bool ours = side == "ours";
    if (what_ == "stream") Add(side, ours ? Stream() : Bare());
    if (what_ == "unary") Add(side, ours ? Unary() : Echo());
    if (what_ == "ack") {
      if (rate_ == 0) Calibrate();
      Add(side, ours ? PacedCalls() : PacedBare());
    }
  }

  void Print() {
    std::string line;
    for (const auto& [name, number] : numbers_) {
      char text[160];
      std::snprintf(text, sizeof text, "%s\"%s\": %.6g", line.empty() ? "" : ", ", name.c_str(), number);
      line += text;
    }
    std::printf("{%s}\n", line.c_str());
  }

 private:
  void Add(const std::string& name, double number) { numbers_.emplace_back(name, number); }

  double Stream() {
    const Load load("stream", static_cast<size_t>(size_));
    Add("record_bytes", load.RecordBytes());
    const double seconds = SendStreams(ingest_, load.Batches(kPerBatch), kStreams);
    arrivals_.Check(load, load.size());
    return static_cast<double>(load.size()) / seconds;
  }

  double Bare() {
    const Load load("bare", static_cast<size_t>(size_));
    std::atomic<size_t> delivered{0};
    BareProducer producer(kafka_, kTopic, [&](size_t) { delivered.fetch_add(1); });
    const auto begun = steady_clock::now();
    for (size_t i = 0; i < load.size(); ++i) producer.Produce(load.records()[i], i);
    WaitFor(delivered, load.size());
    const double seconds = std::chrono::duration<double>(steady_clock::now() - begun).count();
    arrivals_.Check(load, load.size());
    return static_cast<double>(load.size()) / seconds;
  }

  double Unary() {
    const Load load("unary", static_cast<size_t>(size_));
    Caller caller(ingest_);
    const double seconds = caller.Closed(load, 0, load.size(), kConcurrency);
    arrivals_.Check(load, load.size());
    return static_cast<double>(load.size()) / seconds;
  }

  double Echo() {
    const Load load("echo", static_cast<size_t>(size_));
    Caller caller(echo_);
    const double seconds = caller.Closed(load, 0, load.size(), kConcurrency);
    arrivals_.Check(load, 0);
    return static_cast<double>(load.size()) / seconds;
  }

  // Half of what calls of one event reach.
  void Calibrate() {
    const Load load("calibrate", 30'000);
    Caller caller(ingest_);
    caller.Closed(load, 0, 10'000, kConcurrency);
    rate_ = 20'000 / caller.Closed(load, 10'000, 30'000, kConcurrency) / 2;
    arrivals_.Check(load, load.size());
    Add("events_per_s", rate_);
  }

  // Starts event i at begun + i / rate, however late the ones before are answered. The time of an event runs
  // from when it should have been sent, so that a pause of ours counts for every event that had to wait. 99th
  // percentile, in ms.
  double Paced(const Load& load, const std::function<void(size_t, std::function<void(size_t)>)>& send) {
    std::vector<double> ms(load.size());
    std::atomic<size_t> answered{0};
    const auto begun = steady_clock::now() + std::chrono::milliseconds(20);
    const auto due = [&](size_t i) {
      return begun + std::chrono::nanoseconds(static_cast<int64_t>(static_cast<double>(i) / rate_ * 1e9));
    };
    const std::function<void(size_t)> done = [&](size_t i) {
      ms[i] = std::chrono::duration<double, std::milli>(steady_clock::now() - due(i)).count();
      answered.fetch_add(1);
    };
    for (size_t i = 0; i < load.size(); ++i) {
      WaitUntil(due(i));
      send(i, done);
    }
    WaitFor(answered, load.size());
    arrivals_.Check(load, load.size());
    const size_t place = std::min(ms.size() - 1, ms.size() * 99 / 100);
    std::nth_element(ms.begin(), ms.begin() + static_cast<ptrdiff_t>(place), ms.end());
    return ms[place];
  }

  size_t PacedEvents() const { return static_cast<size_t>(rate_ * size_); }

  double PacedCalls() {
    const Load load("paced", PacedEvents());
    std::vector<grpc::ByteBuffer> requests;
    for (size_t i = 0; i < load.size(); ++i) requests.push_back(load.Single(i));
    Caller caller(ingest_);
    return Paced(load, [&](size_t i, std::function<void(size_t)> done) {
      caller.Start(requests[i], [i, done = std::move(done)] { done(i); });
    });
  }

  double PacedBare() {
    const Load load("paced-bare", PacedEvents());
    std::function<void(size_t)> delivered;
    BareProducer producer(kafka_, kTopic, [&](size_t i) { delivered(i); });
    return Paced(load, [&](size_t i, std::function<void(size_t)> done) {
      if (i == 0) delivered = std::move(done);
      producer.Produce(load.records()[i], i);
    });
  }

  const std::string what_;
  const double size_;
  const std::string kafka_ = test::Environment("KAFKA", "127.0.0.1:9092");
  const std::string ingest_ = test::Environment("INGEST", "127.0.0.1:8090");
  const std::string echo_ = test::Environment("ECHO", "");
  Arrivals arrivals_;
  double rate_ = 0;
  Numbers numbers_;
};

int Main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "echo") return RunEcho();
  if (argc != 4) Fail("ingest_bench stream|unary|ack ours,ceiling EVENTS|SECONDS, or ingest_bench echo");
  Bench bench(argv[1], std::atof(argv[3]));
  std::istringstream order(argv[2]);
  for (std::string side; std::getline(order, side, ',');) bench.Measure(side);
  bench.Print();
  return 0;
}

}  // namespace
}  // namespace yokoten::bench

int main(int argc, char** argv) { return yokoten::bench::Main(argc, argv); }

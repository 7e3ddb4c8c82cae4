// What a round of the rollup costs: a simulated plant's history in a real engine, then the facts of its last
// day once more, all of them and one domain's at a time, with the statements that take longest. Prints
// milliseconds; asserts nothing.
//
//   round_bench [MONTHS [SCALE]]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <sstream>

#include <unistd.h>

#include "cli/simulate/simulation.h"
#include "kpi/catalogue.h"
#include "kpi/fact_log.h"
#include "rollup_worker/engine.h"
#include "support/warehouse.h"

namespace yokoten::test {
namespace {

using rollup_worker::Engine;
using rollup_worker::PassReport;
using rollup_worker::PlantTouches;
using Touches = std::map<std::string, PlantTouches>;

constexpr size_t kBatch = 20'000;
constexpr int kRepeats = 3;

double Seconds(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

// CPU seconds of this program's children (the engine) and of itself: what a round costs when others compute
// on the machine too.
double CpuSeconds() {
  int64_t ticks = 0;
  std::vector<std::string> processes = {"self"};
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream children(task.path() / "children");
    for (std::string pid; children >> pid;) processes.push_back(pid);
  }
  for (const std::string& process : processes) {
    std::ifstream file("/proc/" + process + "/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    std::istringstream fields(text.substr(text.rfind(')') + 1));
    std::string field;
    for (int i = 3; i <= 15 && fields >> field; ++i) {
      if (i >= 14) ticks += std::atoll(field.c_str());  // user and system time
    }
  }
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

[[noreturn]] void Fail(const Status& status) {
  std::fprintf(stderr, "%s\n", Message(status).c_str());
  std::exit(1);
}

class Bench {
 public:
  Bench(clickhouse::Client& client, int months, double scale) : client_(client), log_(client) {
    options_.plants = 2;
    options_.months = months;
    options_.scale = scale;
    options_.seed = 7;
    // The log says that it was recorded a week later.
    options_.until = *ParseDay("2026-05-20");
    options_.from = options_.until - 30 * months;
    options_.now = FromMicros(int64_t{options_.until.value + 2} * 86'400'000'000);
    clock_.now = options_.now;
    engine_.emplace(client, kpi::Catalogue::Linked(), clock_, rollup_worker::RoundOptions{});
  }

  void Run() {
    cli::Simulation simulation(options_);
    std::vector<LoggedEvent> waiting;
    std::vector<cli::OutgoingEvent> day;
    size_t stored = 0;
    bool more = true;
    const auto begun = std::chrono::steady_clock::now();
    while (more) {
      day.clear();
      more = simulation.NextDay(day);
      for (cli::OutgoingEvent& event : day) waiting.push_back({event.type, std::move(event.event)});
      if (waiting.size() < kBatch && more) continue;
      if (const Status status = log_.Store(waiting); !status.ok()) Fail(status);
      stored += waiting.size();
      waiting.clear();
    }
    if (const Status status = log_.JudgeIdentity(); !status.ok()) Fail(status);
    std::printf("%zu events stored in %.1f s\n", stored, Seconds(begun));
    if (const Status status = engine_->Load(); !status.ok()) Fail(status);
    auto touches = log_.TakeTouches();
    Apply("history", Versioned(touches));
    NameEmpty();

    const std::string plant = simulation.plants().front().id;
    const std::vector<internal::v1::Touch> of_day = TouchesOfDay(touches[plant], options_.until);
    std::set<std::string> domains;
    for (const internal::v1::Touch& touch : of_day) domains.insert(DomainOf(touch));
    for (const std::string& domain : domains) {
      std::vector<internal::v1::Touch> own;
      std::copy_if(of_day.begin(), of_day.end(), std::back_inserter(own),
                   [&](const auto& touch) { return DomainOf(touch) == domain; });
      Apply(domain, Versioned({{plant, own}}), kRepeats);
    }
    Apply("all domains", Versioned({{plant, of_day}}), kRepeats);
  }

 private:
  // KPIs of which the whole history has nothing to say.
  void NameEmpty() {
    auto rows = client_.Select(
        "SELECT kpi, toString(sum(numerator)) AS n, toString(sum(denominator)) AS d, sum(length(samples)) AS "
        "s "
        "FROM kpi_cell FINAL WHERE grain = 'm' GROUP BY kpi HAVING sum(numerator) = 0 AND s = 0 ORDER BY "
        "kpi");
    if (!rows.ok()) Fail(rows.status());
    for (size_t i = 0; i < rows->size(); ++i) {
      std::printf("%s: numerator 0, denominator %s\n", rows->Text(i, "kpi").c_str(),
                  rows->Text(i, "d").c_str());
    }
  }

  // "yokoten.safety.v1.IncidentReported" to "safety".
  static std::string DomainOf(const internal::v1::Touch& touch) {
    const std::string& type = touch.event_type();
    const size_t from = type.find('.') + 1;
    return type.substr(from, type.find('.', from) - from);
  }

  // What of these says something happened on the day.
  static std::vector<internal::v1::Touch> TouchesOfDay(const std::vector<internal::v1::Touch>& touches,
                                                       Day day) {
    std::vector<internal::v1::Touch> out;
    for (internal::v1::Touch touch : touches) {
      std::vector<int64_t> instants;
      for (const int64_t us : touch.instants_us()) {
        if (us / 86'400'000'000 == day.value) instants.push_back(us);
      }
      const bool dated = std::count(touch.days().begin(), touch.days().end(), day.value) != 0;
      if (instants.empty() && !dated) continue;
      touch.clear_root_keys();
      touch.clear_days();
      if (dated) touch.add_days(day.value);
      touch.clear_instants_us();
      for (const int64_t us : instants) touch.add_instants_us(us);
      out.push_back(std::move(touch));
    }
    return out;
  }

  Touches Versioned(const std::map<std::string, std::vector<internal::v1::Touch>>& touches) {
    Touches out;
    for (const auto& [plant, own] : touches) {
      if (plant != "*") out[plant] = {own, 0};
    }
    return out;
  }

  void Apply(const std::string& what, Touches touches, int repeats = 1) {
    double best = 0, cpu = 0;
    std::optional<PassReport> report;
    for (int i = 0; i < repeats; ++i) {
      for (auto& [plant, own] : touches) own.version = rollup_worker::MakeVersion(1, ++version_, false);
      const auto begun = std::chrono::steady_clock::now();
      const double cpu_begun = CpuSeconds();
      auto pass = engine_->Apply(touches);
      if (!pass.ok()) Fail(pass.status());
      const double seconds = Seconds(begun);
      if (i == 0 || seconds < best) {
        best = seconds;
        cpu = CpuSeconds() - cpu_begun;
        report = *std::move(pass);
      }
    }
    std::vector<std::pair<double, std::string>> longest;
    // "live operations.ShiftOutputReported" is one of the live facts.
    std::map<std::string, std::pair<double, int>> kinds;
    for (const auto& [statement, ms] : report->timings) {
      longest.emplace_back(ms, statement);
      auto& [sum, count] = kinds[statement.substr(0, statement.find(' '))];
      sum += ms;
      ++count;
    }
    std::sort(longest.rbegin(), longest.rend());
    std::printf("%-14s %7.0f ms, %.0f ms of CPU, %zu kinds of statement;", what.c_str(), best * 1000,
                cpu * 1000, longest.size());
    for (size_t i = 0; i < std::min<size_t>(longest.size(), 6); ++i) {
      std::printf(" %s %.0f", longest[i].second.c_str(), longest[i].first);
    }
    for (const auto& [kind, sum] : kinds)
      std::printf("\n    %-12s %3d kinds %6.0f ms", kind.c_str(), sum.second, sum.first);
    std::printf("\n");
  }

  clickhouse::Client& client_;
  cli::SimulationOptions options_;
  FixedClock clock_;
  FactLog log_;
  std::optional<Engine> engine_;
  int64_t version_ = int64_t{1} << 30;
};

int Main(int argc, char** argv) {
  auto warehouse = Warehouse::Start();
  if (!warehouse.ok()) Fail(warehouse.status());
  auto client = (*warehouse)->NewDatabase("round_bench");
  if (!client.ok()) Fail(client.status());
  Bench(**client, argc > 1 ? std::atoi(argv[1]) : 26, argc > 2 ? std::atof(argv[2]) : 1.0).Run();
  return 0;
}

}  // namespace
}  // namespace yokoten::test

int main(int argc, char** argv) { return yokoten::test::Main(argc, argv); }

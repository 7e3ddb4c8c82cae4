// What a round of the rollup costs: a simulated plant's history in a real engine, then the facts of its last
// day once more, all of them and one domain's at a time, with the statements that take longest. Prints
// milliseconds; asserts nothing.
//
//   round_bench [MONTHS [SCALE]]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <set>

#include "bench/group_history.h"
#include "bench/measure.h"
#include "support/warehouse.h"

namespace yokoten::test {
namespace {

using rollup_worker::PassReport;

constexpr int kRepeats = 3;

class Bench {
 public:
  Bench(clickhouse::Client& client, int months, double scale)
      : client_(client), history_(client, 2, months, scale) {}

  void Run() {
    std::printf("%zu events stored\n", history_.events());
    const PlainTouches touches = history_.TakeTouches();
    Apply("history", touches);
    NameEmpty();

    const std::string plant = history_.first_plant();
    const auto of_day = TouchesOfDay(touches.at(plant), history_.until());
    std::set<std::string> domains;
    for (const internal::v1::Touch& touch : of_day) domains.insert(DomainOf(touch));
    for (const std::string& domain : domains) {
      std::vector<internal::v1::Touch> own;
      std::copy_if(of_day.begin(), of_day.end(), std::back_inserter(own),
                   [&](const auto& touch) { return DomainOf(touch) == domain; });
      Apply(domain, {{plant, own}}, kRepeats);
    }
    Apply("all domains", {{plant, of_day}}, kRepeats);
  }

 private:
  // KPIs of which the whole history has nothing to say.
  void NameEmpty() {
    const auto rows = Require(client_.Select(
        "SELECT kpi, toString(sum(numerator)) AS n, toString(sum(denominator)) AS d, sum(length(samples)) AS "
        "s "
        "FROM kpi_cell FINAL WHERE grain = 'm' GROUP BY kpi HAVING sum(numerator) = 0 AND s = 0 ORDER BY "
        "kpi"));
    for (size_t i = 0; i < rows.size(); ++i) {
      std::printf("%s: numerator 0, denominator %s\n", rows.Text(i, "kpi").c_str(),
                  rows.Text(i, "d").c_str());
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

  void Apply(const std::string& what, const PlainTouches& touches, int repeats = 1) {
    double best = 0, cpu = 0;
    PassReport report;
    for (int i = 0; i < repeats; ++i) {
      const auto begun = std::chrono::steady_clock::now();
      const double cpu_begun = CpuSeconds();
      PassReport pass = history_.Apply(touches);
      const double seconds = Seconds(begun);
      if (i == 0 || seconds < best) {
        best = seconds;
        cpu = CpuSeconds() - cpu_begun;
        report = std::move(pass);
      }
    }
    std::vector<std::pair<double, std::string>> longest;
    // "live operations.ShiftOutputReported" is one of the live facts.
    std::map<std::string, std::pair<double, int>> kinds;
    for (const auto& [statement, ms] : report.timings) {
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
  GroupHistory history_;
};

}  // namespace
}  // namespace yokoten::test

int main(int argc, char** argv) {
  using namespace yokoten::test;  // NOLINT: a measuring program, not a room
  try {
    const auto warehouse = Require(Warehouse::Start());
    const auto client = Require(warehouse->NewDatabase("round_bench"));
    Bench(*client, argc > 1 ? std::atoi(argv[1]) : 26, argc > 2 ? std::atof(argv[2]) : 1.0).Run();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

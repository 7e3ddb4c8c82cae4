// Says how many faults in the KPIs' SQL the references notice: each mutant of definitions/*.sql and
// steps/*.sql is computed for the references that use the file, until one of them fails.
//
//   kpi_mutation [--all | --sample N [--seed N]] [--only PREFIX] [--again FILE] [--at-least PERCENT]
//
// --again takes what a run before printed and looks at those alone that survived it.
// Mutants that mean the same as the original are named in equivalent_mutants.txt with the reason; they are
// not counted. Facts are stored and made into temporary tables once a file of facts; a mutant costs the
// statements it changes.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <sstream>

#include "kpi/catalogue.h"
#include "kpi/fact_log.h"
#include "kpi/mutants.h"
#include "kpi/reference.h"
#include "kpi/round_sql.h"
#include "rollup_worker/engine.h"
#include "rollup_worker/places.h"
#include "support/warehouse.h"

namespace yokoten::test {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = YOKOTEN_KPI_TESTS;
const fs::path kSql = YOKOTEN_KPI_SQL;
const std::string kSurvived = "survived: ";

[[noreturn]] void Stop(const std::string& why) {
  std::fprintf(stderr, "kpi_mutation: %s\n", why.c_str());
  std::exit(2);
}
void MustBe(const Status& status, const std::string& what) {
  if (!status.ok()) Stop(what + ": " + Message(status));
}
template <typename T>
T Must(Result<T> result, const std::string& what) {
  MustBe(result.status(), what);
  return *std::move(result);
}

// References of one file of facts and one clock: a session with their temporary tables. The database is
// empty before and after.
class Group {
 public:
  Group(clickhouse::Client& client, const kpi::Catalogue& catalogue, std::string name, const Reference& first,
        const std::vector<const kpi::Kpi*>& kpis)
      : name_(std::move(name)), client_(&client) {
    FactLog log(*client_);
    MustBe(log.Store(Must(FactsOf(kFolder, first), first.facts)), first.facts);
    if (!first.unjudged) MustBe(log.JudgeIdentity(), name_);
    plan_.kpis = kpis;
    Plan(log, first.clock);
    params_.session_id = name_;
    params_.session_timeout = std::chrono::seconds(3600);
    params_.no_database = true;
    Run({"round",
         "SET max_insert_threads = 1, max_threads = 1, max_execution_time = 20, max_memory_usage = "
         "2000000000",
         ""});
    Run({"round", "USE " + clickhouse::QuoteIdentifier(client_->options().database), ""});
    for (const kpi::Statement& statement : kpi::OpenRound(plan_)) {
      Run(statement);
      for (const char* table : {"TABLE round_cells ", "TABLE round_row "}) {
        if (statement.sql.find(table) != std::string::npos) empty_.push_back(statement);
      }
    }
    for (const kpi::Statement& statement : kpi::JudgeAmendments(plan_)) Run(statement);
    const clickhouse::Rows rows = Must(client_->Select(kpi::PresentEventsSql(plan_)), name_);
    std::set<std::string> present;
    for (size_t i = 0; i < rows.size(); ++i) present.insert(rows.Text(i, "event"));
    for (const std::string& event : kpi::EventsOf(plan_)) {
      if (!present.contains(event)) plan_.absent.insert(event);
    }
    for (const kpi::Statement& statement : kpi::PrepareRound(catalogue, plan_)) {
      if (!statement.what.starts_with("step ")) Run(statement);
    }
    Empty();
  }

  // How the KPI's cells differ from the reference; the error of ClickHouse where it refused a statement.
  // `step_changed`: nothing but steps differs from what the group was made with.
  Result<std::vector<std::string>> Check(const kpi::Catalogue& catalogue, const kpi::Kpi& kpi,
                                         const Reference& reference, bool step_changed) {
    kpi::RoundPlan plan = plan_;
    const size_t position = static_cast<size_t>(
        std::find_if(plan.kpis.begin(), plan.kpis.end(), [&](const auto* k) { return k->id() == kpi.id(); }) -
        plan.kpis.begin());
    plan.kpis.at(position) = &kpi;
    for (const kpi::Statement& statement : kpi::PrepareRound(catalogue, plan)) {
      if (!statement.what.starts_with("step ")) continue;
      const std::string step = statement.what.substr(5);
      if (std::find(kpi.all_steps.begin(), kpi.all_steps.end(), step) == kpi.all_steps.end()) continue;
      const std::string made_of = statement.sql + Contents(catalogue.FindStep(step)->query.steps);
      Made& made = made_[step];
      if (made.of == made_of) continue;
      made.of.clear();
      YK_RETURN_IF_ERROR(Execute(statement));
      YK_ASSIGN_OR_RETURN(
          const clickhouse::Rows rows,
          client_->Select(
              "SELECT count() AS n, sum(cityHash64(toString(tuple(*)))) AS hash FROM step_" + step, params_));
      made = {made_of, rows.Text(0, "n") + ":" + rows.Text(0, "hash") + ";"};
    }
    // Cells are made of the steps' rows: what leaves those as they are is noticed by nobody.
    const std::string contents = Contents(kpi.query.steps);
    const auto [unchanged, fresh] = contents_.try_emplace(kpi.id(), contents);
    if (step_changed && !fresh && unchanged->second == contents) return std::vector<std::string>{};
    for (const kpi::Statement& statement : empty_) YK_RETURN_IF_ERROR(Execute(statement));
    YK_RETURN_IF_ERROR(Execute(kpi::DayRows(plan, position)));
    YK_RETURN_IF_ERROR(Execute(kpi::DayCells(plan)));
    const std::string coarser = "mqy";
    for (const std::string& grains : {std::string("d"), coarser}) {
      if (grains == coarser) YK_RETURN_IF_ERROR(Execute(kpi::MonthCells(plan)));
      YK_ASSIGN_OR_RETURN(const ReferenceCells cells,
                          ReadReferenceCells(*client_, "round_cells", kpi, params_));
      std::vector<std::string> differences = Differences(reference, cells, grains);
      if (!differences.empty()) return differences;
    }
    return std::vector<std::string>{};
  }

 private:
  void Plan(FactLog& log, WallTime now) {
    constexpr int64_t kDayUs = 86'400'000'000;
    std::map<std::string, int64_t> earliest;
    std::map<std::string, uint64_t> versions;
    std::vector<std::string> plants;
    for (const auto& [plant, touches] : log.TakeTouches()) {
      if (plant == "*") continue;
      plants.push_back(plant);
      versions[plant] = rollup_worker::MakeVersion(1, 1, false);
      int64_t& at = earliest.try_emplace(plant, kLastDay.value * kDayUs).first->second;
      for (const internal::v1::Touch& touch : touches) {
        for (const int64_t us : touch.instants_us()) at = std::min(at, us);
        for (const int32_t day : touch.days()) at = std::min(at, day * kDayUs);
      }
    }
    rollup_worker::Places places(*client_);
    MustBe(places.Load(), name_);
    MustBe(places.Discover(earliest, now), name_);
    MustBe(places.RefreshCalendars(plants, now, versions).status(), name_);
    std::vector<uint16_t> all;
    for (size_t i = 0; i < plan_.kpis.size(); ++i) all.push_back(static_cast<uint16_t>(i));
    for (const std::string& plant : plants) {
      const rollup_worker::Place* place = places.Find(plant);
      if (place == nullptr || !place->FirstDay()) continue;
      kpi::PlantScope scope{
          plant, versions[plant], {*place->FirstDay(), place->timeline.CurrentDay(now)}, {}, {}};
      for (Day day = scope.range.first; day <= scope.range.second; day = day + 1) {
        scope.days.push_back({day, place->timeline.StartOf(day), place->timeline.EndOf(day)});
        scope.kpis.push_back(all);
      }
      plan_.plants.push_back(std::move(scope));
    }
  }

  // Keeps for the session what statements read beside their temporary tables, and leaves nothing else.
  void Empty() {
    const clickhouse::Rows full =
        Must(client_->Select("SELECT name FROM system.tables WHERE database = currentDatabase() AND "
                             "total_rows > 0 AND name NOT LIKE '%migration%'"),
             name_);
    for (size_t i = 0; i < full.size(); ++i) {
      const std::string table = full.Text(i, "name");
      if (table.starts_with("fact_")) {
        Run({"kept", "CREATE TEMPORARY TABLE kept ENGINE = Memory AS SELECT * FROM " + table, ""});
        Run({"kept", "CREATE TEMPORARY TABLE " + table + " ENGINE = Memory AS SELECT * FROM kept", ""});
        Run({"kept", "DROP TEMPORARY TABLE kept", ""});
      }
      MustBe(client_->Execute("TRUNCATE TABLE " + table), table);
    }
  }

  std::string Contents(const std::vector<std::string>& steps) const {
    std::string contents;
    for (const std::string& step : steps) contents += made_.at(step).rows;
    return contents;
  }

  Status Execute(const kpi::Statement& statement) {
    return statement.data.empty() ? client_->Execute(statement.sql, params_)
                                  : client_->InsertRaw(statement.sql, statement.data, params_);
  }
  void Run(const kpi::Statement& statement) { MustBe(Execute(statement), name_ + ", " + statement.what); }

  const std::string name_;
  clickhouse::Client* const client_;
  clickhouse::Params params_;
  kpi::RoundPlan plan_;
  std::vector<kpi::Statement> empty_;  // make the tables of rows and cells anew
  // What each step's table was made of, and a sum of its rows.
  struct Made {
    std::string of, rows;
  };
  std::map<std::string, Made> made_;
  // By KPI: its steps' rows without any change.
  std::map<std::string, std::string> contents_;
};

// "steps/hours: ...: ...  # reason", one a line.
std::set<std::string> ReadEquivalents() {
  std::set<std::string> ids;
  std::istringstream in(ReadText(kFolder / "equivalent_mutants.txt"));
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#' || line[0] == ' ') continue;
    ids.insert(line);
  }
  return ids;
}

struct Options {
  size_t sample = 0;  // 0 = all
  uint64_t seed = 1;  // of the sample
  std::string only;
  std::string again;
  double at_least = 0;
};

class Runner {
 public:
  Runner()
      : definitions_(ReadSqlFolder(kSql / "definitions")),
        steps_(ReadSqlFolder(kSql / "steps")),
        catalogue_(Must(kpi::Catalogue::Load(definitions_, steps_), "catalogue")),
        warehouse_(Must(Warehouse::Start(), "warehouse")),
        client_(Must(warehouse_->NewDatabase("kpi_mutation"), "database")) {
    for (const std::string& name : ReferenceNames(kFolder))
      references_.push_back(Must(ReadReference(kFolder, name), name));
  }

  int Run(const Options& options) {
    struct Job {
      bool is_step;
      std::string name;
      Mutant mutant;
    };
    std::vector<Job> jobs;
    std::set<std::string> equivalents = ReadEquivalents(), unknown = equivalents;
    std::set<std::string> survivors;
    std::istringstream before(ReadText(options.again));
    for (std::string line; std::getline(before, line);) {
      if (line.starts_with(kSurvived)) survivors.insert(line.substr(kSurvived.size()));
    }
    const auto add = [&](bool is_step, const kpi::SourceText& source) {
      const std::string name = (is_step ? "steps/" : "") + source.name;
      for (Mutant& mutant : MutantsOf(name, source.text)) {
        unknown.erase(mutant.id);
        const bool chosen = options.again.empty() || survivors.contains(mutant.id);
        if (chosen && name.starts_with(options.only) && !equivalents.contains(mutant.id))
          jobs.push_back({is_step, source.name, std::move(mutant)});
      }
    };
    std::set<std::string> used;
    for (const kpi::Kpi& kpi : catalogue_.kpis()) used.insert(kpi.all_steps.begin(), kpi.all_steps.end());
    for (const kpi::SourceText& source : definitions_) add(false, source);
    for (const kpi::SourceText& source : steps_) {
      if (used.contains(source.name)) {
        add(true, source);
      } else {
        std::printf("steps/%s is used by no KPI: who uses it has tests of it\n", source.name.c_str());
      }
    }
    for (const std::string& id : unknown) std::printf("no longer there, take it out: %s\n", id.c_str());
    if (options.sample > 0 && options.sample < jobs.size()) {
      std::vector<size_t> order(jobs.size());
      std::iota(order.begin(), order.end(), size_t{0});
      std::shuffle(order.begin(), order.end(), std::mt19937_64(options.seed));
      order.resize(options.sample);
      std::sort(order.begin(), order.end());  // mutants of one file are looked at together
      std::vector<Job> some;
      for (const size_t i : order) some.push_back(jobs[i]);
      jobs = std::move(some);
    }
    size_t killed = 0, refused = 0;
    std::map<std::string, std::pair<size_t, size_t>> by_file;
    const auto start = std::chrono::steady_clock::now();
    for (const Job& job : jobs) {
      const std::string fate = Fate(job.is_step, job.name, job.mutant);
      auto& [all, dead] = by_file[(job.is_step ? "steps/" : "") + job.name];
      ++all;
      if (fate.empty()) {
        std::printf("%s%s\n", kSurvived.c_str(), job.mutant.id.c_str());
        std::fflush(stdout);
        continue;
      }
      ++killed;
      ++dead;
      if (fate == "refused") ++refused;
    }
    for (const auto& [file, counts] : by_file) {
      if (counts.first != counts.second)
        std::printf("%-36s %4zu of %4zu killed\n", file.c_str(), counts.second, counts.first);
    }
    const double percent =
        jobs.empty() ? 0 : 100.0 * static_cast<double>(killed) / static_cast<double>(jobs.size());
    std::printf("%zu of the killed were refused by ClickHouse or the catalogue; %zu mutants are equivalent\n",
                refused, equivalents.size());
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start).count();
    std::printf("mutants %zu, killed %zu (%.1f %%) in %lld s\n", jobs.size(), killed, percent,
                static_cast<long long>(seconds));
    return percent >= options.at_least && unknown.empty() && !jobs.empty() ? 0 : 1;
  }

 private:
  // The group of a reference, made when first asked for.
  Group& GroupOf(const Reference& reference) {
    const auto key_of = [](const Reference& r) {
      std::string key =
          r.facts + "_" + std::to_string(ToMicros(r.clock) / 1'000'000) + (r.unjudged ? "_unjudged" : "");
      for (const std::string& type : r.retold) key += "_" + type;
      return key;
    };
    const std::string key = key_of(reference);
    std::unique_ptr<Group>& group = groups_[key];
    if (group == nullptr) {
      std::vector<const kpi::Kpi*> kpis;
      std::vector<const Reference*> own;
      for (const Reference& other : references_) {
        if (key_of(other) != key || other.lines[0][0] == "given") continue;
        own.push_back(&other);
        const kpi::Kpi* kpi = catalogue_.Find(other.kpi);
        if (kpi == nullptr) Stop("no KPI " + other.kpi);
        if (std::find(kpis.begin(), kpis.end(), kpi) == kpis.end()) kpis.push_back(kpi);
      }
      std::string name = "m_" + key;
      std::replace(name.begin(), name.end(), '.', '_');
      group = std::make_unique<Group>(*client_, catalogue_, name, reference, kpis);
      for (const Reference* other : own) {
        const std::vector<std::string> differences =
            Must(group->Check(catalogue_, *catalogue_.Find(other->kpi), *other, false), other->name);
        if (!differences.empty()) Stop(other->name + " fails without any change: " + differences[0]);
      }
    }
    return *group;
  }

  // "" when it lives, "refused", or the reference that noticed it.
  std::string Fate(bool is_step, const std::string& name, const Mutant& mutant) {
    std::vector<const Reference*> uses;
    for (const Reference& reference : references_) {
      const kpi::Kpi* kpi = catalogue_.Find(reference.kpi);
      if (kpi == nullptr) Stop(reference.name + ".reference: no KPI " + reference.kpi);
      const bool used =
          is_step ? std::find(kpi->all_steps.begin(), kpi->all_steps.end(), name) != kpi->all_steps.end()
                  : kpi->id() == name;
      if (used) uses.push_back(&reference);
    }
    // Who noticed the last one of the file is asked first.
    const auto last =
        std::find_if(uses.begin(), uses.end(), [&](const auto* r) { return r->name == last_killer_[name]; });
    if (last != uses.end()) std::rotate(uses.begin(), last, last + 1);
    for (const Reference* reference : uses) {
      std::vector<kpi::SourceText> definitions, steps = steps_;
      for (const kpi::SourceText& source : definitions_) {
        const auto& parts = catalogue_.Find(reference->kpi)->definition.parts();
        const bool is_part = std::any_of(parts.begin(), parts.end(),
                                         [&](const auto& part) { return part.kpi() == source.name; });
        if (source.name == reference->kpi || is_part) definitions.push_back(source);
      }
      for (kpi::SourceText& source : is_step ? steps : definitions) {
        if (source.name == name) source.text = mutant.text;
      }
      const Result<kpi::Catalogue> catalogue = kpi::Catalogue::Load(definitions, steps);
      if (!catalogue.ok()) return "refused";
      const kpi::Kpi& changed = *catalogue->Find(reference->kpi);
      if (changed.has_parts()) {
        if (!PartDifferences(*reference, changed.definition).empty())
          return last_killer_[name] = reference->name;
        continue;
      }
      Group& group = GroupOf(*reference);
      const auto differences = group.Check(*catalogue, changed, *reference, is_step);
      if (!differences.ok()) {
        if (clickhouse::ExceptionCode(differences.status()) == 0)
          Stop(mutant.id + ": " + Message(differences.status()));
        return "refused";
      }
      if (!differences->empty()) return last_killer_[name] = reference->name;
    }
    return "";
  }

  const std::vector<kpi::SourceText> definitions_, steps_;
  const kpi::Catalogue catalogue_;
  std::vector<Reference> references_;
  std::unique_ptr<Warehouse> warehouse_;
  std::unique_ptr<clickhouse::Client> client_;
  std::map<std::string, std::unique_ptr<Group>> groups_;
  std::map<std::string, std::string> last_killer_;
};

}  // namespace
}  // namespace yokoten::test

int main(int count, char** arguments) {
  yokoten::test::Options options;
  for (int i = 1; i < count; ++i) {
    const std::string word = arguments[i];
    if (word == "--all") continue;
    const std::set<std::string> known{"--sample", "--seed", "--only", "--again", "--at-least"};
    if (i + 1 == count || !known.contains(word)) {
      std::fprintf(stderr,
                   "usage: kpi_mutation [--all | --sample N [--seed N]] [--only PREFIX] [--again FILE] "
                   "[--at-least PERCENT]\n");
      return 2;
    }
    const std::string value = arguments[++i];
    if (word == "--sample") options.sample = std::stoul(value);
    if (word == "--seed") options.seed = std::stoull(value);
    if (word == "--only") options.only = value;
    if (word == "--again") options.again = value;
    if (word == "--at-least") options.at_least = std::stod(value);
  }
  static yokoten::test::Runner runner;  // its warehouse ends with the program, however that ends
  return runner.Run(options);
}

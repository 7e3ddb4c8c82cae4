#include "fake_clickhouse.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "clickhouse/migrate.h"
#include "clickhouse/transport.h"
#include "native_reader.h"
#include "sql_text.h"
#include "world.h"

namespace yokoten::simulation {
namespace {

using clickhouse::MakeError;
using clickhouse::ServerError;
using clickhouse::UInt128;

[[noreturn]] void Unknown(const std::string& sql) {
  std::fprintf(stderr, "the simulated ClickHouse does not know this statement: %s\n", sql.c_str());
  std::abort();
}

Site SiteOf(const std::string& sql, bool in_session) {
  const auto has = [&sql](std::string_view what) { return sql.find(what) != std::string::npos; };
  if (sql.starts_with("INSERT INTO archive ")) return Site::kArchive;
  if (sql.starts_with("INSERT INTO kpi_cell ")) return Site::kCells;
  if (in_session) return Site::kRound;
  if (has("topic_epoch")) return Site::kPrepare;
  if (has("FROM archive")) return Site::kPosition;
  if (sql.starts_with("INSERT INTO plant_state ")) return Site::kState;
  if (sql.starts_with("INSERT INTO ")) return Site::kFacts;
  if (has("FROM amendment LIMIT 1") || has("SELECT DISTINCT root_key, event_type, target_plant") ||
      has("SELECT DISTINCT event_type, plant, entity, root_key FROM event_key"))
    return Site::kLookUp;
  return Site::kRead;
}

// What the pass behind the hot path asks (identity_pass.cc): not simulated, there is never anything to judge.
bool IsIdentityPass(const std::string& sql) {
  return sql.find("FROM inert_fact FINAL WHERE told = 0") != std::string::npos ||
         sql.find("HAVING uniqExact(event_type, plant, entity) > 1") != std::string::npos;
}

std::string PlaceOf(const std::string& plant, const std::string& entity) { return plant + " " + entity; }

}  // namespace

Status Store::Run(const std::string& sql, std::string_view body,
                  const std::map<std::string, std::string>& url,
                  const std::function<bool(std::string_view)>& sink) {
  World& world = World::Current();
  Scheduler& scheduler = world.scheduler;
  const auto session = url.find("session_id");
  // A session that ends frees what it holds; it may end while its process is being killed.
  if (url.contains("close_session")) {
    if (session != url.end()) sessions_.erase(session->second);
    return OkStatus();
  }
  if (IsIdentityPass(sql)) return OkStatus();
  // The columns of a round's table, which nobody looks at here.
  if (sql.starts_with("DESCRIBE TABLE ")) {
    sink("name\ttype\nx\tUInt8\n");
    return OkStatus();
  }
  if (sql.starts_with("SELECT toUnixTimestamp64Micro(now64(6))"))
    return MakeError(StatusCode::kUnavailable, "the identity pass is not simulated", 0, true);
  const bool in_session = session != url.end();
  const Site site = SiteOf(sql, in_session);
  const Fate fate = world.Cross(site);
  if (world.broker.IsZombie(scheduler.running()->process) && sql.starts_with("INSERT"))
    world.Hit(Branch::kZombieWrites);
  if (fate.refused) return MakeError(StatusCode::kUnavailable, "no answer from ClickHouse", 0, true);
  const Status timed_out =
      MakeError(StatusCode::kDeadlineExceeded, "ClickHouse did not answer in time", 0, true);

  Status done;
  if (in_session) {
    Session& tables = sessions_[session->second];
    if (url.contains("session_check") && (tables.read_clock == UINT64_MAX || world.Chance(0.001))) {
      world.Hit(Branch::kSessionLost);
      sessions_.erase(session->second);
      return ServerError(404, 372, "Code: 372. DB::Exception: Session not found");
    }
    if (site == Site::kCells) {
      std::set<int32_t> years;
      for (const auto& [key, cell] : tables.cells) years.insert(YearStart(Day{key.day}).value);
      // A part a year: some may be there and others not.
      if (fate.partial && years.size() > 1) {
        years.erase(scheduler.random.Chance(0.5) ? years.begin() : std::prev(years.end()));
      } else if (fate.partial) {
        years.clear();
      }
      const auto store = [this, made = tables.cells, years] { StoreCells(made, years); };
      if (fate.late || world.sabotage() == Sabotage::kCommitBeforeCells) {
        scheduler.At(scheduler.now() + scheduler.random.Between(100'000, 3'000'000), store);
      } else {
        store();
      }
    } else {
      done = Round(sql, body, session->second);
    }
  } else if (sql.starts_with("INSERT INTO ")) {
    const std::string table = Between(sql, "INSERT INTO ", " ");
    for (const std::string& id : refused_ids) {
      if (!table.starts_with("fact_") || body.find(id) == std::string_view::npos) continue;
      world.Hit(Branch::kRecordRefused);
      return ServerError(400, 407, "Code: 407. DB::Exception: Decimal math overflow");
    }
    bool late = fate.late;
    if (world.sabotage() == Sabotage::kCommitBeforeArchive && table == "archive") late = true;
    if (world.sabotage() == Sabotage::kTouchBeforeFacts && table.starts_with("fact_")) late = true;
    if (table == "topic_epoch") {
      auto& last = epochs[url.at("param_topic")];
      const int32_t begun = std::atoi(url.at("param_epoch").c_str());
      if (begun > 1)
        world.Fail("a second epoch of " + url.at("param_topic") + " begins, and nobody asked for it");
      last = std::max(last, std::pair(begun, url.at("param_partitions")));
    } else if (late) {
      scheduler.At(scheduler.now() + scheduler.random.Between(100'000, 3'000'000),
                   [this, table, body = std::string(body)] { (void)Insert(table, body, false); });
    } else {
      done = Insert(table, body, fate.partial);
    }
  } else if (sql.starts_with("DELETE FROM kpi_cell")) {
    done = TakeAway(sql);
  } else {
    const auto answer = Answer(sql, url);
    world.Return(site);
    if (!answer.ok()) return answer.status();
    if (!answer->empty() && sink) sink(*answer);
    return OkStatus();
  }
  // What was stored in part is mended at once by whoever lives to try again.
  if (fate.partial && world.Chance(0.3)) world.Crash(site);
  world.Return(site);
  if (!done.ok()) return done;
  return fate.reply_lost || fate.late || fate.partial ? timed_out : OkStatus();
}

Status Store::Insert(const std::string& table, std::string_view body, bool partial) {
  World& world = World::Current();
  if (table == "plant_state") {
    for (const auto& line : Lines(body)) {
      const auto cells = Tabs(line);
      auto& [version, day] = plant_state[cells[0]];
      const uint64_t newer = std::strtoull(cells[4].c_str(), nullptr, 10);
      if (newer < version) continue;
      version = newer;
      day = cells[2];
    }
    return OkStatus();
  }
  const uint64_t clock = Tick();
  const NativeReader block(body);
  const Sabotage sabotage = world.sabotage();
  std::vector<std::pair<Place, ArchiveRow>> archived;
  for (size_t i = 0; i < block.rows(); ++i) {
    if (partial && world.scheduler.random.Chance(0.5)) continue;
    if (table == "event_key") {
      KeyRow row{block.Text("fact_key", i),
                 block.Text("event_type", i),
                 block.Text("plant", i),
                 block.Text("entity", i),
                 block.Number<UInt128>("rank", i),
                 block.Text("root_key", i),
                 block.Text("kind", i),
                 block.Number<int64_t>("occurred_at", i)};
      if (block.Cell("occurred_on", i)) row.on = block.Number<int32_t>("occurred_on", i);
      row.clock = clock;
      event_keys.emplace(std::tuple(row.fact_key, PlaceOf(row.plant, row.entity), row.rank), row);
    } else if (table == "amendment") {
      amendments.insert({block.Text("plant", i), block.Text("target_plant", i),
                         block.Text("target_entity", i), block.Text("root_key", i), block.Text("kind", i),
                         block.Text("fact_key", i), block.Text("event_type", i), block.Text("body_plant", i),
                         block.Text("body_entity", i), block.Number<UInt128>("rank", i), clock});
    } else if (table == "archive") {
      const Place place{block.Text("topic", i), block.Number<int32_t>("partition", i),
                        block.Number<int64_t>("offset", i)};
      ArchiveRow row{block.Text("value", i), block.Text("verdict", i), block.Number<uint64_t>("checksum", i),
                     block.Number<int64_t>("recorded_at", i)};
      if (sabotage == Sabotage::kDropArchiveRow && world.scheduler.random.Chance(0.05)) continue;
      if (sabotage == Sabotage::kChangeArchiveRow && world.scheduler.random.Chance(0.05))
        row.verdict = "fact?";
      archived.emplace_back(place, row);
    } else if (table.starts_with("fact_")) {
      if (sabotage == Sabotage::kDropFact && world.scheduler.random.Chance(0.05)) continue;
      FactRow row{table, block.Text("plant", i), block.Text("entity", i), block.Number<UInt128>("rank", i),
                  block.Text("root_key", i)};
      row.is_correction = block.Number<uint8_t>("is_correction", i) != 0;
      row.day = block.Cell("occurred_on", i)
                    ? block.Number<int32_t>("occurred_on", i)
                    : static_cast<int32_t>(block.Number<int64_t>("occurred_at", i) / 86'400'000'000);
      if (block.Has("good_qty") && block.Cell("good_qty", i)) row.good = block.Number<int64_t>("good_qty", i);
      if (sabotage == Sabotage::kFlipFact && world.scheduler.random.Chance(0.05)) row.good ^= 1;
      row.clock = clock;
      const Key& key = block.Text("fact_key", i);
      const std::string place = PlaceOf(row.plant, row.entity);
      fact_clocks.emplace(std::tuple(key, place, row.rank), clock);
      auto [known, fresh] = facts.try_emplace({key, place}, row);
      if (!fresh && known->second.rank <= row.rank) known->second = row;
    } else if (table != "business_key") {
      Unknown("INSERT INTO " + table);
    }
  }
  for (const auto& [place, row] : archived) {
    const auto [known, fresh] = archive.emplace(place, row);
    if (!fresh && known->second != row)
      world.Fail("the archive has two rows of " + NameOf(place) + " that differ");
    on_archive(place, row);
  }
  return OkStatus();
}

Result<std::string> Store::Answer(const std::string& sql, const std::map<std::string, std::string>& url) {
  if (sql.find("FROM topic_epoch") != std::string::npos) {
    const auto known = epochs.find(url.at("param_topic"));
    if (known == epochs.end()) return std::string("epoch\tcluster_id\tpartitions\n");
    return "epoch\tcluster_id\tpartitions\n" + std::to_string(known->second.first) + "\t" +
           std::string(kCluster) + "\t" + known->second.second + "\n";
  }
  if (sql.find("FROM archive") != std::string::npos || SiteOf(sql, false) == Site::kLookUp)
    return AnswerAggregator(sql);
  return AnswerRollup(sql);
}

Result<std::string> Store::AnswerAggregator(const std::string& sql) {
  World& world = World::Current();
  const std::string partition = Between(sql, "AND partition = ", " ");
  if (sql.starts_with("SELECT a.topic AS topic")) {
    std::map<int32_t, std::set<int64_t>> offsets;
    for (const auto& [place, row] : archive) offsets[std::get<1>(place)].insert(std::get<2>(place));
    std::string out = "topic\tpartition\thighest\tlowest\toffsets\n";
    for (const auto& [p, of] : offsets) {
      size_t count = of.size();
      if (world.sabotage() == Sabotage::kSkipPositionCheck)
        count = static_cast<size_t>(*of.rbegin() - *of.begin() + 1);
      out += std::string(kFactTopic) + "\t" + std::to_string(p) + "\t" + std::to_string(*of.rbegin()) + "\t" +
             std::to_string(*of.begin()) + "\t" + std::to_string(count) + "\n";
    }
    return out;
  }
  if (sql.starts_with("SELECT min(offset) AS last")) {
    world.Hit(Branch::kArchiveHole);
    const int32_t p = std::atoi(partition.c_str());
    int64_t last = std::strtoll(Between(sql, "AND offset >= ", ")").c_str(), nullptr, 10);
    while (archive.contains({kFactTopic, p, last + 1})) ++last;
    return "last\n" + std::to_string(last) + "\n";
  }
  if (sql.starts_with("SELECT offset, any(checksum) AS sum")) {
    const int32_t p = std::atoi(partition.c_str());
    const int64_t to = std::strtoll(Between(sql, "AND offset <= ", " ").c_str(), nullptr, 10);
    const int64_t after = std::strtoll(Between(sql, "AND offset > ", " ").c_str(), nullptr, 10);
    std::string out = "offset\tsum\tsaid\n";
    for (int64_t offset = std::max<int64_t>(0, after + 1); offset <= to; ++offset) {
      const auto row = archive.find({kFactTopic, p, offset});
      if (row == archive.end() || (offset != to && !row->second.verdict.starts_with("dead:"))) continue;
      out += std::to_string(offset) + "\t" + std::to_string(row->second.checksum) + "\t" +
             row->second.verdict + "\n";
    }
    return out;
  }
  if (sql.find("FROM amendment LIMIT 1") != std::string::npos)
    return std::string(amendments.empty() ? "" : "one\n1\n");
  const std::set<Key> keys = KeysIn(sql);
  if (sql.starts_with("SELECT DISTINCT event_type, plant, entity, root_key FROM event_key")) {
    std::set<Key> meant = keys;
    for (const auto& [id, row] : event_keys) {
      if (keys.contains(row.fact_key)) meant.insert(row.root_key);
    }
    std::set<std::string> lines;
    for (const auto& [id, row] : event_keys) {
      if (row.kind != "void" && meant.contains(row.fact_key))
        lines.insert(row.type + "\t" + row.plant + "\t" + row.entity + "\t" + UuidText(row.root_key) + "\n");
    }
    return "event_type\tplant\tentity\troot_key\n" + Joined(lines);
  }
  if (sql.starts_with("SELECT DISTINCT root_key, event_type, target_plant")) {
    std::set<std::string> lines;
    for (const Amendment& row : amendments) {
      if (keys.contains(row.root_key)) {
        lines.insert(UuidText(row.root_key) + "\t" + row.type + "\t" + row.target_plant + "\t" +
                     row.target_entity + "\t" + row.body_plant + "\t" + row.body_entity + "\n");
      }
    }
    return "root_key\tevent_type\ttarget_plant\ttarget_entity\tbody_plant\tbody_entity\n" + Joined(lines);
  }
  Unknown(sql);
}

}  // namespace yokoten::simulation

namespace yokoten::clickhouse {

struct Client::Impl {};
Client::Client(ClientOptions options) : options_(std::move(options)) {}
Client::~Client() = default;

Status Client::Run(const Request& request) {
  std::map<std::string, std::string> url = simulation::QueryOf(request.url);
  const auto named = url.find("query");
  const bool data = named != url.end();
  return simulation::World::Current().store.Run(data ? named->second : std::string(request.body),
                                                data ? request.body : std::string_view(), url, request.sink);
}

// The schema is what this store is made for.
Status Migrate(Client&) {
  simulation::World& world = simulation::World::Current();
  const simulation::Fate fate = world.Cross(simulation::Site::kPrepare);
  world.Return(simulation::Site::kPrepare);
  return fate.refused ? MakeError(StatusCode::kUnavailable, "no answer from ClickHouse", 0, true)
                      : OkStatus();
}

}  // namespace yokoten::clickhouse

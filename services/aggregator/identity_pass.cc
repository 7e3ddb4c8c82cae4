#include "aggregator/identity_pass.h"

#include <algorithm>
#include <optional>

#include "aggregator/writer.h"
#include "facts/key_rows.h"
#include "kafka/delivery.h"
#include "telemetry/log.h"

namespace yokoten::aggregator {
namespace {

using clickhouse::EscapeParameter;
using clickhouse::Rows;
using events::Uuid;
using facts::Finding;
using facts::Inert;
using facts::Judge;
using facts::Judgement;
using facts::KeyRow;
using facts::Place;
using facts::PlaceAt;
using facts::UuidAt;

constexpr char kRoom[] = "aggregator";
// A pass that keeps finding changes races with others; each round sees what the others wrote.
constexpr int kRoundsMax = 20;
constexpr std::chrono::milliseconds kPauseAfterFailure{1000};
constexpr char kNoUuidSql[] = "toUUID('00000000-0000-0000-0000-000000000000')";

void Normalize(std::vector<Uuid>& keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

std::vector<Uuid> Union(std::vector<Uuid> a, const std::vector<Uuid>& b) {
  a.insert(a.end(), b.begin(), b.end());
  Normalize(a);
  return a;
}

std::string FullName(const std::string& short_name) {
  const auto* type = events::Registry::Linked().Find(short_name);
  return type == nullptr ? short_name : type->full_name;
}

clickhouse::NativeBlock InertBlock() {
  clickhouse::NativeBlock block;
  for (const auto& [name, type] :
       std::initializer_list<std::pair<const char*, const char*>>{{"plant", "String"},
                                                                  {"event_type", "String"},
                                                                  {"entity", "String"},
                                                                  {"fact_key", "UUID"},
                                                                  {"reason", "String"},
                                                                  {"winner_key", "UUID"},
                                                                  {"inert", "UInt8"},
                                                                  {"told", "UInt8"},
                                                                  {"version", "UInt64"}}) {
    block.Add(name, type);
  }
  return block;
}

void AppendInert(const Place& place, const Uuid& key, const Inert& why, bool inert, bool told,
                 uint64_t version, clickhouse::NativeBlock& block) {
  block.column(0).AppendString(place.plant);
  block.column(1).AppendString(place.event_type);
  block.column(2).AppendString(place.entity);
  block.column(3).AppendUuid(key);
  block.column(4).AppendString(why.reason);
  block.column(5).AppendUuid(why.winner);
  block.column(6).Append<uint8_t>(inert);
  block.column(7).Append<uint8_t>(told);
  block.column(8).Append<uint64_t>(version);
}

// A row of inert_fact as it stands.
struct Stored {
  std::optional<Inert> inert;
  uint64_t version = 0;
};

}  // namespace

IdentityPass::IdentityPass(IdentityOptions options, clickhouse::Database& database, kafka::RecordSink& sink,
                           prometheus::Counter& changes, prometheus::Gauge& waiting)
    : options_(std::move(options)), database_(database), sink_(sink), changes_(changes), waiting_(waiting) {
  waiting_.Set(1);
}

IdentityPass::~IdentityPass() { Stop(); }

void IdentityPass::Start() {
  if (thread_.joinable() || stopping_) return;
  thread_ = Thread([this] { Loop(); });
}

void IdentityPass::Stop() {
  stopping_ = true;
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void IdentityPass::Add(const std::vector<FactId>& ids) {
  const std::lock_guard lock(mutex_);
  if (!ids.empty()) waiting_.Set(1);
  if (pending_.size() + 2 * ids.size() > options_.pending_max) {
    pending_.clear();
    full_ = true;
    return;
  }
  for (const FactId& id : ids) {
    pending_.push_back(id.fact_key);
    if (id.root_key != id.fact_key) pending_.push_back(id.root_key);
  }
}

void IdentityPass::RequestFull() {
  {
    const std::lock_guard lock(mutex_);
    full_ = true;
    waiting_.Set(1);
  }
  changed_.notify_all();
}

void IdentityPass::Loop() {
  int failures = 0;
  while (!stopping_) {
    bool full = false;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, options_.interval, [this] { return stopping_ || full_; });
      if (stopping_) return;
      if (!full_ && pending_.empty()) continue;
      full = full_;
    }
    const Status status = Run(full);
    failures = status.ok() ? 0 : failures + 1;
    if (status.ok() || stopping_) continue;
    if (failures == 1) log::Warn(kRoom, "the identity pass did not end and is repeated: {}", Message(status));
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::max<std::chrono::milliseconds>(options_.interval, kPauseAfterFailure),
                      [this] { return stopping_.load(); });
  }
}

Status IdentityPass::Run(bool full) {
  const std::lock_guard run(run_mutex_);
  std::vector<Uuid> keys;
  {
    const std::lock_guard lock(mutex_);
    keys.swap(pending_);
    full = full || full_;
    full_ = false;
  }
  const auto all = [&]() -> Status {
    if (full) {
      YK_RETURN_IF_ERROR(Tell());
      YK_ASSIGN_OR_RETURN(const auto suspects, SuspectKeys());
      keys = Union(std::move(keys), suspects);
    }
    Normalize(keys);
    for (size_t from = 0; from < keys.size(); from += options_.keys_max) {
      if (stopping_) return Cancelled("stopping");
      YK_RETURN_IF_ERROR(
          RunKeys({keys.begin() + static_cast<ptrdiff_t>(from),
                   keys.begin() + static_cast<ptrdiff_t>(std::min(keys.size(), from + options_.keys_max))}));
    }
    return OkStatus();
  };
  const Status status = all();
  const std::lock_guard lock(mutex_);
  if (status.ok()) {
    had_full_ = had_full_ || full;
    if (had_full_ && pending_.empty() && !full_) waiting_.Set(0);
  } else {
    pending_.insert(pending_.end(), keys.begin(), keys.end());
    full_ = full_ || full;
  }
  return status;
}

Result<std::vector<Uuid>> IdentityPass::Keys(const std::string& sql, const clickhouse::Params& params) {
  YK_ASSIGN_OR_RETURN(const Rows rows, database_.Select(sql, params));
  std::vector<Uuid> keys;
  keys.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) keys.push_back(UuidAt(rows, i, rows.names.front()));
  Normalize(keys);
  return keys;
}

// What a full pass has to look at: everything of which there are two, everything that does not count now, and
// every correction and void.
Result<std::vector<Uuid>> IdentityPass::SuspectKeys() {
  return Keys(
      "SELECT fact_key AS k FROM event_key GROUP BY fact_key HAVING uniqExact(event_type, plant, entity) > 1 "
      "OR uniqExact(content_hash) > 1 "
      "UNION DISTINCT SELECT root_key AS k FROM business_key WHERE bkey IN "
      "(SELECT bkey FROM business_key GROUP BY bkey HAVING uniqExact(root_key) > 1) "
      "UNION DISTINCT SELECT fact_key AS k FROM inert_fact WHERE inert = 1 "
      "UNION DISTINCT SELECT fact_key AS k FROM finding WHERE active = 1 "
      "UNION DISTINCT SELECT fact_key AS k FROM amendment UNION DISTINCT SELECT root_key AS k FROM amendment",
      {});
}

Status IdentityPass::RunKeys(std::vector<Uuid> keys) {
  for (int round = 0; round < kRoundsMax; ++round) {
    if (stopping_) return Cancelled("stopping");
    YK_ASSIGN_OR_RETURN(const bool changed, Once(keys));
    if (!changed) return OkStatus();
    YK_RETURN_IF_ERROR(Tell());
  }
  return Aborted("the verdicts kept changing for " + std::to_string(kRoundsMax) + " rounds");
}

Result<bool> IdentityPass::Once(const std::vector<Uuid>& keys) {
  // Read before everything else: whoever reads later knows at least as much and has the higher version.
  YK_ASSIGN_OR_RETURN(const Rows now, database_.Select("SELECT toUnixTimestamp64Micro(now64(6)) AS us"));
  const uint64_t version = now.UInt(0, "us");

  // From the new keys to everything they bear upon.
  KeyList added(database_, keys);
  YK_RETURN_IF_ERROR(added.Prepare());
  // A void names a correction: its root is meant.
  YK_ASSIGN_OR_RETURN(
      const auto roots_of,
      Keys("SELECT DISTINCT root_key FROM event_key WHERE fact_key IN " + added.sql(), added.params()));
  const std::vector<Uuid> judged = Union(keys, roots_of);
  KeyList judged_list(database_, judged);
  YK_RETURN_IF_ERROR(judged_list.Prepare());
  YK_ASSIGN_OR_RETURN(const auto amending,
                      Keys("SELECT DISTINCT fact_key FROM amendment WHERE root_key IN " + judged_list.sql(),
                           judged_list.params()));
  const std::vector<Uuid> versions = Union(judged, amending);
  KeyList version_list(database_, versions);
  YK_RETURN_IF_ERROR(version_list.Prepare());
  YK_ASSIGN_OR_RETURN(const auto bkeys, Keys("SELECT DISTINCT bkey FROM event_key WHERE fact_key IN " +
                                                 version_list.sql() + " AND bkey != " + kNoUuidSql,
                                             version_list.params()));
  KeyList bkey_list(database_, bkeys);
  YK_RETURN_IF_ERROR(bkey_list.Prepare());
  YK_ASSIGN_OR_RETURN(const auto doubled,
                      Keys("SELECT bkey FROM business_key WHERE bkey IN " + bkey_list.sql() +
                               " GROUP BY bkey HAVING uniqExact(root_key) > 1",
                           bkey_list.params()));
  KeyList doubled_list(database_, doubled);
  YK_RETURN_IF_ERROR(doubled_list.Prepare());
  YK_ASSIGN_OR_RETURN(const auto competing,
                      Keys("SELECT DISTINCT root_key FROM business_key WHERE bkey IN " + doubled_list.sql(),
                           doubled_list.params()));

  // Only what is doubled, amended or judged already needs a look; of most batches nothing.
  YK_ASSIGN_OR_RETURN(const auto copied,
                      Keys("SELECT fact_key FROM event_key WHERE fact_key IN " + version_list.sql() +
                               " GROUP BY fact_key HAVING uniqExact(event_type, plant, entity) > 1 OR "
                               "uniqExact(content_hash) > 1",
                           version_list.params()));
  YK_ASSIGN_OR_RETURN(
      const auto marked,
      Keys("SELECT fact_key FROM inert_fact WHERE inert = 1 AND fact_key IN " + version_list.sql() +
               " UNION DISTINCT SELECT fact_key FROM finding WHERE active = 1 AND fact_key IN " +
               version_list.sql(),
           version_list.params()));
  YK_ASSIGN_OR_RETURN(const auto amended,
                      Keys("SELECT DISTINCT root_key FROM amendment WHERE root_key IN " + version_list.sql(),
                           version_list.params()));
  std::vector<Uuid> wanted = Union(Union(competing, copied), Union(marked, amended));
  // New corrections and voids, whose reference may fit nothing.
  YK_ASSIGN_OR_RETURN(
      const auto referring,
      Keys("SELECT DISTINCT fact_key FROM event_key WHERE fact_key IN " + added.sql() + " AND kind != 'fact'",
           added.params()));
  wanted = Union(std::move(wanted), referring);
  if (wanted.empty()) return false;

  KeyList wanted_list(database_, wanted);
  YK_RETURN_IF_ERROR(wanted_list.Prepare());
  YK_ASSIGN_OR_RETURN(const auto wanted_roots,
                      Keys("SELECT DISTINCT root_key FROM event_key WHERE fact_key IN " + wanted_list.sql(),
                           wanted_list.params()));
  std::vector<Uuid> closed = Union(std::move(wanted), wanted_roots);
  // Corrections and voids of these, then voids of those corrections.
  for (int level = 0; level < 2; ++level) {
    KeyList list(database_, closed);
    YK_RETURN_IF_ERROR(list.Prepare());
    YK_ASSIGN_OR_RETURN(
        const auto more,
        Keys("SELECT DISTINCT fact_key FROM amendment WHERE root_key IN " + list.sql(), list.params()));
    closed = Union(std::move(closed), more);
  }
  KeyList closed_list(database_, closed);
  YK_RETURN_IF_ERROR(closed_list.Prepare());
  YK_ASSIGN_OR_RETURN(
      const std::vector<KeyRow> rows,
      facts::ReadKeyRows(database_, "fact_key IN " + closed_list.sql(), closed_list.params()));
  const Judgement judgement = Judge(rows, judged, bkeys);

  // What stands already, and what has to change.
  YK_ASSIGN_OR_RETURN(const Rows inert,
                      database_.Select("SELECT plant, event_type, entity, fact_key, reason, winner_key, "
                                       "inert, version FROM inert_fact FINAL "
                                       "WHERE fact_key IN " +
                                           closed_list.sql(),
                                       closed_list.params()));
  std::map<std::pair<Place, Uuid>, Stored> stored;
  for (size_t i = 0; i < inert.size(); ++i) {
    Stored& row = stored[{PlaceAt(inert, i), UuidAt(inert, i, "fact_key")}];
    row.version = inert.UInt(i, "version");
    if (inert.UInt(i, "inert") == 1)
      row.inert = Inert{inert.Text(i, "reason"), UuidAt(inert, i, "winner_key")};
  }
  clickhouse::NativeBlock block = InertBlock();
  for (const auto& [fact, verdict] : judgement.facts) {
    const auto known = stored.find(fact);
    const Stored before = known == stored.end() ? Stored{} : known->second;
    if (before.inert == verdict) continue;
    AppendInert(fact.first, fact.second, verdict.has_value() ? *verdict : *before.inert, verdict.has_value(),
                false, std::max(version, before.version + 1), block);
  }

  YK_ASSIGN_OR_RETURN(
      const Rows shown,
      database_.Select("SELECT plant, event_type, entity, fact_key, kind, other_plant, other_type, "
                       "other_entity, other_key, "
                       "source, event_id, toUnixTimestamp64Milli(recorded_at) AS ms, version FROM finding "
                       "FINAL WHERE active = 1 AND fact_key IN " +
                           closed_list.sql(),
                       closed_list.params()));
  clickhouse::NativeBlock findings;
  for (const auto& [name, type] :
       std::initializer_list<std::pair<const char*, const char*>>{{"plant", "String"},
                                                                  {"kind", "String"},
                                                                  {"event_type", "String"},
                                                                  {"entity", "String"},
                                                                  {"fact_key", "UUID"},
                                                                  {"other_plant", "String"},
                                                                  {"other_type", "String"},
                                                                  {"other_entity", "String"},
                                                                  {"other_key", "UUID"},
                                                                  {"source", "String"},
                                                                  {"event_id", "String"},
                                                                  {"recorded_at", "DateTime64(3, 'UTC')"},
                                                                  {"active", "UInt8"},
                                                                  {"version", "UInt64"}}) {
    findings.Add(name, type);
  }
  const auto write = [&](const Finding& finding, bool active, uint64_t at_least) {
    findings.column(0).AppendString(finding.place.plant);
    findings.column(1).AppendString(finding.kind);
    findings.column(2).AppendString(finding.place.event_type);
    findings.column(3).AppendString(finding.place.entity);
    findings.column(4).AppendUuid(finding.fact_key);
    findings.column(5).AppendString(finding.other.plant);
    findings.column(6).AppendString(finding.other.event_type);
    findings.column(7).AppendString(finding.other.entity);
    findings.column(8).AppendUuid(finding.other_key);
    findings.column(9).AppendString(finding.source);
    findings.column(10).AppendString(finding.event_id);
    findings.column(11).Append<int64_t>(finding.recorded_ms);
    findings.column(12).Append<uint8_t>(active);
    findings.column(13).Append<uint64_t>(std::max(version, at_least));
  };
  using FindingKey = std::tuple<std::string, Place, Uuid>;
  std::map<FindingKey, Finding> wanted_findings;
  for (const Finding& finding : judgement.findings)
    wanted_findings.emplace(FindingKey{finding.kind, finding.place, finding.fact_key}, finding);
  for (size_t i = 0; i < shown.size(); ++i) {
    const Finding stands{
        .kind = shown.Text(i, "kind"),
        .place = PlaceAt(shown, i),
        .fact_key = UuidAt(shown, i, "fact_key"),
        .other = {shown.Text(i, "other_plant"), shown.Text(i, "other_type"), shown.Text(i, "other_entity")},
        .other_key = UuidAt(shown, i, "other_key"),
        .source = shown.Text(i, "source"),
        .event_id = shown.Text(i, "event_id"),
        .recorded_ms = shown.Int(i, "ms")};
    const uint64_t newer = shown.UInt(i, "version") + 1;
    const auto still = wanted_findings.find({stands.kind, stands.place, stands.fact_key});
    if (still != wanted_findings.end()) {
      // A copy recorded earlier may have come since, elsewhere or in the same place.
      if (still->second != stands) write(still->second, true, newer);
      wanted_findings.erase(still);
      continue;
    }
    // Taken back only where this pass judged: elsewhere it does not know.
    const bool by_key =
        stands.kind == "business_key" && !judgement.facts.contains({stands.place, stands.fact_key});
    const bool by_reference = stands.kind == "no_target" &&
                              !std::binary_search(judged.begin(), judged.end(), stands.fact_key) &&
                              !std::binary_search(judged.begin(), judged.end(), stands.other_key);
    if (!by_key && !by_reference) write(stands, false, newer);
  }
  for (const auto& [key, finding] : wanted_findings) write(finding, true, 0);
  if (block.rows() == 0 && findings.rows() == 0) return false;
  YK_RETURN_IF_ERROR(database_.Insert("inert_fact", block));
  YK_RETURN_IF_ERROR(database_.Insert("finding", findings));
  changes_.Increment(static_cast<double>(block.rows()));
  return true;
}

// Touches the places of all verdicts not told yet, then says that they are.
Status IdentityPass::Tell() {
  YK_ASSIGN_OR_RETURN(const Rows rows,
                      database_.Select("SELECT plant, event_type, entity, fact_key, reason, winner_key, "
                                       "inert, version FROM inert_fact FINAL WHERE told = 0"));
  if (rows.empty()) return OkStatus();
  std::vector<Uuid> winners;
  TouchSet touches;
  for (size_t i = 0; i < rows.size(); ++i) {
    touches.Root(rows.Text(i, "plant"), FullName(rows.Text(i, "event_type")), rows.Text(i, "entity"),
                 UuidAt(rows, i, "fact_key"));
    winners.push_back(UuidAt(rows, i, "fact_key"));
    winners.push_back(UuidAt(rows, i, "winner_key"));
  }
  Normalize(winners);
  // Where these facts, their roots and corrections stand: both places of a conflict.
  KeyList list(database_, winners);
  YK_RETURN_IF_ERROR(list.Prepare());
  YK_ASSIGN_OR_RETURN(
      const Rows places,
      database_.Select(
          "SELECT DISTINCT plant, event_type, entity, root_key FROM event_key WHERE fact_key IN " +
              list.sql() +
              " OR (fact_key IN (SELECT fact_key FROM amendment WHERE kind = 'correct' AND root_key IN " +
              list.sql() + "))",
          list.params()));
  for (size_t i = 0; i < places.size(); ++i) {
    touches.Root(places.Text(i, "plant"), FullName(places.Text(i, "event_type")), places.Text(i, "entity"),
                 UuidAt(places, i, "root_key"));
  }
  YK_RETURN_IF_ERROR(kafka::ProduceAll(sink_, options_.dirty_topic, touches.Records(), stopping_));
  clickhouse::NativeBlock block = InertBlock();
  for (size_t i = 0; i < rows.size(); ++i) {
    // A verdict changed meanwhile has a higher version and stays untold.
    AppendInert(PlaceAt(rows, i), UuidAt(rows, i, "fact_key"),
                {rows.Text(i, "reason"), UuidAt(rows, i, "winner_key")}, rows.UInt(i, "inert") == 1, true,
                rows.UInt(i, "version") + 1, block);
  }
  return database_.Insert("inert_fact", block);
}

}  // namespace yokoten::aggregator

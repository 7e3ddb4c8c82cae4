#include "aggregator/writer.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "base/error_ids.h"
#include "base/threads.h"
#include "base/wait.h"
#include "clickhouse/session.h"
#include "kafka/delivery.h"
#include "yokoten/internal/v1/internal.pb.h"

namespace yokoten::aggregator {
namespace {

// Beyond this a list in the statement costs more than a temporary table.
constexpr size_t kInlineKeysMax = 1000;

struct UuidHash {
  size_t operator()(const events::Uuid& uuid) const {
    size_t hash = 0;
    std::memcpy(&hash, uuid.data() + 8, sizeof(hash));
    return hash;
  }
};

// Runs all jobs, at most `width` at once, and returns the first failure that is not retryable, else any.
Status RunAll(const std::vector<std::function<Status()>>& jobs, size_t width) {
  std::vector<Status> results(jobs.size());
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < jobs.size(); i = next++) results[i] = jobs[i]();
  };
  std::vector<Thread> threads;
  for (size_t i = 1; i < std::min(width, jobs.size()); ++i) threads.emplace_back(work);
  work();
  for (auto& thread : threads) thread.join();
  for (const Status& status : results) {
    if (!status.ok()) return status;
  }
  return OkStatus();
}

// A dead letter too large for the broker with our words around it goes without its bytes: the archive has
// them.
void Shorten(events::Record& record) {
  internal::v1::DeadLetter letter;
  if (!letter.ParseFromString(record.value)) return;
  letter.clear_value();
  letter.clear_headers();
  record.value = letter.SerializeAsString();
}

std::string FullName(const std::string& short_name) {
  const auto* type = events::Registry::Linked().Find(short_name);
  return type == nullptr ? short_name : type->full_name;
}

}  // namespace

KeyList::KeyList(clickhouse::Database& database, const std::vector<events::Uuid>& keys)
    : database_(database), keys_(keys) {}

Status KeyList::Prepare() {
  if (keys_.size() <= kInlineKeysMax) {
    sql_ = "(";
    for (const auto& key : keys_) {
      if (sql_.size() > 1) sql_ += ',';
      sql_ += "toUUID('" + events::FormatUuid(key) + "')";
    }
    if (keys_.empty()) sql_ += "toUUID('" + events::FormatUuid(events::kNoUuid) + "')";
    sql_ += ")";
    return OkStatus();
  }
  params_.session_id = clickhouse::NewSessionId("yokoten-keys");
  YK_RETURN_IF_ERROR(database_.Execute("CREATE TEMPORARY TABLE wanted (k UUID) ENGINE = Memory", params_));
  clickhouse::NativeBlock block;
  auto& column = block.Add("k", "UUID");
  for (const auto& key : keys_) column.AppendUuid(key);
  YK_RETURN_IF_ERROR(database_.Insert("wanted", block, params_));
  sql_ = "(SELECT k FROM wanted)";
  return OkStatus();
}

BatchWriter::BatchWriter(WriterOptions options, const Decoder& decoder, clickhouse::Database& database,
                         kafka::RecordSink& sink)
    : options_(std::move(options)), decoder_(decoder), database_(database), sink_(sink) {}

Status BatchWriter::WithRetry(const std::function<Status()>& attempt) {
  for (int i = 0;; ++i) {
    if (cancelled_) return Cancelled("the batch was given up");
    Status status = attempt();
    if (status.ok() || !clickhouse::Retryable(status)) return status;
    if (options_.on_retry) options_.on_retry(status);
    if (!WaitBackoff(i, options_.backoff_min, options_.backoff_max, cancelled_))
      return Cancelled("the batch was given up");
  }
}

Status BatchWriter::WriteFacts(const Batch& batch) {
  std::vector<std::pair<std::string, const clickhouse::NativeBlock*>> blocks;
  for (const auto& [writer, block] : batch.facts) blocks.emplace_back(writer->table(), &block);
  blocks.emplace_back("event_key", &batch.event_keys);
  blocks.emplace_back("business_key", &batch.business_keys);
  blocks.emplace_back("amendment", &batch.amendments);
  std::erase_if(blocks, [](const auto& item) { return item.second->rows() == 0; });
  // The largest first, so that the last to finish is not one that began late.
  std::sort(blocks.begin(), blocks.end(), [](const auto& a, const auto& b) {
    return std::pair(b.second->bytes(), std::string_view(a.first)) <
           std::pair(a.second->bytes(), std::string_view(b.first));
  });
  std::vector<std::function<Status()>> jobs;
  for (const auto& item : blocks) {
    jobs.push_back(
        [this, &item] { return WithRetry([&] { return database_.Insert(item.first, *item.second); }); });
  }
  return RunAll(jobs, options_.connections);
}

Status BatchWriter::LookUpAmendments(const Batch& batch, TouchSet& touches) {
  if (batch.ids.empty()) return OkStatus();
  if (!amendments_exist_) {
    YK_ASSIGN_OR_RETURN(const auto rows, database_.Select("SELECT 1 AS one FROM amendment LIMIT 1"));
    if (rows.empty()) return OkStatus();
    amendments_exist_ = true;
  }
  std::unordered_map<events::Uuid, const FactId*, UuidHash> by_key;
  std::vector<events::Uuid> keys;
  std::vector<events::Uuid> named;  // roots of the batch's corrections, targets of its voids
  for (const FactId& id : batch.ids) {
    if (by_key.emplace(id.fact_key, &id).second) keys.push_back(id.fact_key);
    if (id.root_key != id.fact_key) named.push_back(id.root_key);
  }
  if (!named.empty()) {
    // A void names a correction or its root. Which version counts from now on, and where, may be any of
    // theirs.
    KeyList targets(database_, named);
    YK_RETURN_IF_ERROR(targets.Prepare());
    YK_ASSIGN_OR_RETURN(
        const auto roots,
        database_.Select("SELECT DISTINCT event_type, plant, entity, root_key FROM event_key WHERE "
                         "kind != 'void' AND (fact_key IN " +
                             targets.sql() +
                             " OR fact_key IN (SELECT root_key FROM event_key WHERE fact_key IN " +
                             targets.sql() + "))",
                         targets.params()));
    for (size_t i = 0; i < roots.size(); ++i) {
      const auto root = events::ParseUuid(roots.Text(i, "root_key"));
      if (!root.has_value()) continue;
      touches.Root(roots.Text(i, "plant"), FullName(roots.Text(i, "event_type")), roots.Text(i, "entity"),
                   *root);
      named.push_back(*root);
    }
    keys.insert(keys.end(), named.begin(), named.end());
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  }
  KeyList list(database_, keys);
  YK_RETURN_IF_ERROR(list.Prepare());
  YK_ASSIGN_OR_RETURN(
      const auto amended,
      database_.Select(
          "SELECT DISTINCT root_key, event_type, target_plant, target_entity, body_plant, body_entity "
          "FROM amendment WHERE root_key IN " +
              list.sql(),
          list.params()));
  for (size_t i = 0; i < amended.size(); ++i) {
    const auto root = events::ParseUuid(amended.Text(i, "root_key"));
    if (!root.has_value()) continue;
    if (const auto found = by_key.find(*root); found != by_key.end()) {
      const FactId& id = *found->second;
      touches.Root(id.plant, id.type->full_name, id.entity, id.root_key);
    }
    if (const std::string& type = amended.Text(i, "event_type"); !type.empty()) {
      touches.Root(amended.Text(i, "body_plant"), FullName(type), amended.Text(i, "body_entity"), *root);
    }
  }
  return OkStatus();
}

Status BatchWriter::WriteWhole(const Batch& batch) {
  YK_RETURN_IF_ERROR(WriteFacts(batch));
  TouchSet touches = batch.touches;
  YK_RETURN_IF_ERROR(WithRetry([&] { return LookUpAmendments(batch, touches); }));
  if (cancelled_) return Cancelled("the batch was given up");
  const kafka::DeliveryOptions delivery{.backoff_min = options_.backoff_min,
                                        .backoff_max = options_.backoff_max,
                                        .on_retry = options_.on_retry,
                                        .shorten = Shorten};
  YK_RETURN_IF_ERROR(
      kafka::ProduceAll(sink_, options_.dead_letter_topic, batch.dead_letters, cancelled_, delivery));
  YK_RETURN_IF_ERROR(kafka::ProduceAll(sink_, options_.dirty_topic, touches.Records(), cancelled_, delivery));
  return WithRetry([&] { return database_.Insert("archive", batch.archive); });
}

namespace {

void Account(const Batch& batch, Written& written) {
  for (const auto& [source, next] : batch.next()) written.next[source] = next;
  written.ids.insert(written.ids.end(), batch.ids.begin(), batch.ids.end());
  written.records += batch.records();
  written.dead_letters += batch.dead_letters.size();
}

}  // namespace

// Writes records [from, to) of a batch that was refused as a whole, in order, leaving out what stands behind
// a halt.
void BatchWriter::Bisect(const Batch& batch, size_t from, size_t to, Written& written) {
  if (cancelled_) return;
  Batch part;
  const auto halted = [&written](std::string_view topic, int32_t partition) {
    return std::any_of(written.halts.begin(), written.halts.end(), [&](const Halt& halt) {
      return halt.source.first == topic && halt.source.second == partition;
    });
  };
  // Gaps go with the record behind them.
  auto gap = std::find_if(batch.gaps().begin(), batch.gaps().end(),
                          [from](const Batch::Gap& g) { return g.records_before >= from; });
  for (size_t i = from; i < to; ++i) {
    for (; gap != batch.gaps().end() && gap->records_before == i; ++gap) {
      if (!halted(gap->topic, gap->position.partition)) part.AddGap(gap->topic, gap->position);
    }
    const RecordView& view = batch.views()[i];
    if (!halted(view.topic, view.position.partition)) part.Add(view, decoder_.Decode(view));
  }
  if (part.empty()) return;
  const Status status = WriteWhole(part);
  if (status.ok()) return Account(part, written);
  if (cancelled_) return;
  if (part.records() == 1) {
    const RecordView& view = part.views().front();
    const Source source{std::string(view.topic), view.position.partition};
    written.halts.push_back({.source = source,
                             .offset = view.position.offset,
                             .error_id = std::string(error_id::kRecordRefused),
                             .message = "ClickHouse refuses the record at offset " +
                                        std::to_string(view.position.offset) + " of " + source.first + "/" +
                                        std::to_string(source.second) + ": " + Message(status) +
                                        "; mend the table or the program and restart the aggregator "
                                        "(docs/runbooks/yk-record-refused.md)"});
    return;
  }
  const size_t middle = from + (to - from) / 2;
  Bisect(batch, from, middle, written);
  Bisect(batch, middle, to, written);
}

Result<Written> BatchWriter::Write(const Batch& batch) {
  Written written;
  const Status status = WriteWhole(batch);
  if (status.ok()) {
    Account(batch, written);
    return written;
  }
  if (!cancelled_) {
    Bisect(batch, 0, batch.records(), written);
  }
  if (cancelled_) return Cancelled("the batch was given up");
  return written;
}

}  // namespace yokoten::aggregator

#include "bench/load.h"

#include <algorithm>
#include <memory>
#include <random>
#include <string_view>
#include <unordered_map>

#include "bench/bare_producer.h"
#include "examples/examples.h"
#include "support/process.h"
#include "yokoten/training/v1/service.pb.h"

namespace yokoten::bench {
namespace {

using std::chrono::seconds;

constexpr int64_t kReadAtOnce = 50'000;

std::string_view IdOf(const kafka::HeaderViews& headers) {
  for (const auto& [name, value] : headers) {
    if (name == "ce_id") return value;
  }
  return {};
}

bool Same(const kafka::HeaderViews& arrived, const events::Record& wanted) {
  return std::equal(arrived.begin(), arrived.end(), wanted.headers.begin(), wanted.headers.end(),
                    [](const auto& a, const auto& b) { return a.first == b.first && a.second == b.second; });
}

}  // namespace

Load::Load(const std::string& name, size_t events) {
  auto examples = test::LoadExamples();
  if (!examples.ok()) Fail(Message(examples.status()));
  const auto example = std::find_if(examples->begin(), examples->end(), [](const test::Example& e) {
    return e.type->short_name == "training.SessionCompleted";
  });
  const std::string run = name + "-" + std::to_string(std::random_device{}()) + "-";
  training::v1::IngestEventsRequest request;
  auto& session = *request.add_events()->mutable_session_completed();
  session.CopyFrom(*example->event);
  for (size_t i = 0; i < events; ++i) {
    session.mutable_context()->set_id(run + std::to_string(i));
    session.set_session_id("S-" + std::to_string(i));
    records_.push_back(events::Encode(*example->type, session));
    wrapped_.push_back(request.SerializeAsString());
  }
}

grpc::ByteBuffer Load::Single(size_t i) const {
  const grpc::Slice slice(wrapped_[i]);
  return {&slice, 1};
}

std::vector<grpc::ByteBuffer> Load::Batches(size_t per_batch) const {
  std::vector<grpc::ByteBuffer> out;
  for (size_t i = 0; i < wrapped_.size(); i += per_batch) {
    // Requests of both methods have the events in field 1: their bytes only follow one another.
    std::string bytes;
    for (size_t j = i; j < std::min(wrapped_.size(), i + per_batch); ++j) bytes += wrapped_[j];
    training::v1::StreamEventsRequest numbered;
    numbered.set_sequence(out.size() + 1);
    bytes += numbered.SerializeAsString();
    const grpc::Slice slice(bytes);
    out.emplace_back(&slice, 1);
  }
  return out;
}

double Load::RecordBytes() const {
  size_t sum = 0;
  for (const events::Record& record : records_) {
    sum += record.key.size() + record.value.size();
    for (const auto& [name, value] : record.headers) sum += name.size() + value.size();
  }
  return static_cast<double>(sum) / static_cast<double>(std::max<size_t>(records_.size(), 1));
}

Arrivals::Arrivals(const std::string& bootstrap_servers, const std::string& topic) : topic_(topic) {
  auto reader = kafka::LogReader::Create(bootstrap_servers);
  if (!reader.ok()) Fail(Message(reader.status()));
  reader_ = *std::move(reader);
  const auto counts = reader_->PartitionCounts({topic_}, seconds(10));
  if (!counts.ok()) Fail(Message(counts.status()));
  partitions_ = counts->at(topic_);
  if (partitions_ == 0) Fail("the topic " + topic_ + " is not there");
  before_ = Ranges();
}

std::map<kafka::TopicPartition, kafka::LogRange> Arrivals::Ranges() {
  std::map<kafka::TopicPartition, kafka::LogRange> out;
  for (int32_t partition = 0; partition < partitions_; ++partition) {
    auto range = reader_->Range({topic_, partition}, seconds(10));
    // A new topic has no leader for a moment.
    for (int tries = 0; !range.ok() && tries < 50; ++tries) {
      test::PollPause(std::chrono::milliseconds(200));
      range = reader_->Range({topic_, partition}, seconds(10));
    }
    if (!range.ok()) Fail(Message(range.status()));
    out[{topic_, partition}] = *range;
  }
  return out;
}

void Arrivals::Check(const Load& load, size_t events) {
  std::unordered_map<std::string_view, size_t> wanted;
  for (size_t i = 0; i < events; ++i) {
    for (const auto& [name, value] : load.records()[i].headers) {
      if (name == "ce_id") wanted[value] = i;
    }
  }
  const auto after = Ranges();
  for (const auto& [partition, range] : after) {
    for (int64_t from = before_[partition].next; from < range.next; from += kReadAtOnce) {
      const auto messages =
          reader_->ReadAll(partition, {from, std::min(range.next, from + kReadAtOnce)}, seconds(30));
      if (!messages.ok()) Fail(Message(messages.status()));
      for (const kafka::Message& message : *messages) {
        const kafka::HeaderViews headers = message.headers();
        const std::string id(IdOf(headers));
        const auto found = wanted.find(id);
        if (found == wanted.end()) Fail("a record arrived twice, or was never sent: " + id);
        const events::Record& record = load.records()[found->second];
        if (message.key() != record.key || message.value() != record.value || !Same(headers, record))
          Fail("a record arrived with other content: " + id);
        wanted.erase(found);
      }
    }
  }
  if (!wanted.empty())
    Fail(std::to_string(wanted.size()) + " of " + std::to_string(events) +
         " acknowledged records did not arrive");
  before_ = after;
}

}  // namespace yokoten::bench

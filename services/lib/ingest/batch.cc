#include "ingest/batch.h"

#include <map>
#include <set>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>
#include <google/rpc/error_details.pb.h>

#include "base/error_ids.h"
#include "ingest/meters.h"

namespace yokoten::ingest {
namespace {

using google::protobuf::internal::WireFormatLite;

// Beyond it errors of one answer lose their details and the end of their message.
constexpr size_t kErrorBytesMax = 2u << 20;
constexpr size_t kShortMessage = 120;

std::string_view MethodName(Machine::Mode mode) { return mode == Machine::Mode::kCall ? "call" : "stream"; }

std::string ReasonOf(const google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  for (const auto& detail : status.details()) {
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return "";
}

}  // namespace

Batch::Batch(std::shared_ptr<Machine> machine, RequestBytes request, Machine::Mode mode, SteadyTime expires,
             std::function<void()> queued, std::function<void(Answer)> answered)
    : machine_(std::move(machine)),
      request_(std::move(request)),
      mode_(mode),
      begun_(std::chrono::steady_clock::now()),
      expires_(expires),
      queued_(std::move(queued)),
      answered_(std::move(answered)) {
  std::lock_guard lock(machine_->idle_mutex_);
  ++machine_->live_batches_;
}

Batch::~Batch() {
  if (budget_bytes_ != 0) {
    machine_->engine_->budget.Give(budget_bytes_);
    machine_->meters_->Inflight(machine_->engine_->budget.used());
  }
  std::lock_guard lock(machine_->idle_mutex_);
  if (--machine_->live_batches_ == 0) machine_->idle_.notify_all();
}

void Batch::Begin(size_t events, uint64_t sequence) {
  results_.resize(events);
  plants_.resize(events);
  positions_.resize(events);
  sequence_ = sequence;
}

void Batch::Delivered(uint32_t index, const kafka::Delivery& delivery) {
  if (delivery.status.ok()) {
    results_[index].set_status(event::v1::EVENT_STATUS_ACCEPTED);
    positions_[index] = {delivery.partition, delivery.offset};
  } else {
    const bool refused = delivery.status.code() == StatusCode::kInvalidArgument;
    SetError(results_[index],
             WithErrorId(delivery.status, refused ? error_id::kKafkaRefused : error_id::kKafkaUnavailable));
  }
  if (remaining_.fetch_sub(1, std::memory_order_acq_rel) == 1) ReportsComplete();
}

void Batch::Queued() {
  // The bytes are copied by now; what is left of the request is its size.
  if (queued_) queued_();
  queued_ = nullptr;
  if (remaining_.fetch_sub(1, std::memory_order_acq_rel) == 1) ReportsComplete();
}

void Batch::ReportsComplete() {
  // Off Kafka's report thread: serializing ten thousand answers would hold up everybody's reports.
  machine_->engine_->workers.Post([self = shared_from_this()] {
    self->CountEvents();
    if (!self->MayAnswer()) return;
    size_t accepted = 0, retry = 0;
    for (const auto& result : self->results_) {
      accepted += result.status() == event::v1::EVENT_STATUS_ACCEPTED ? 1 : 0;
      retry += result.status() == event::v1::EVENT_STATUS_RETRY ? 1 : 0;
    }
    Answer answer;
    if (retry > 0 && accepted == 0) {
      // Nothing was surely written: one answer for the whole call is plainer than the same one for each
      // event.
      for (const auto& result : self->results_) {
        if (result.status() != event::v1::EVENT_STATUS_RETRY) continue;
        const std::string reason = ReasonOf(result.error());
        answer.failure = self->machine_->Retriable(static_cast<StatusCode>(result.error().code()), reason,
                                                   result.error().message());
        return self->AnswerNow(std::move(answer), reason);
      }
    }
    answer.response = self->Serialize();
    self->AnswerNow(std::move(answer), "ok");
  });
}

void Batch::Fail(google::rpc::Status failure) {
  if (!MayAnswer()) return;
  const std::string reason = ReasonOf(failure);
  AnswerNow({std::move(failure), ""}, reason);
}

void Batch::Expire() {
  if (answered_done_) return;
  const Status health = machine_->sink_->Health();
  if (health.ok()) {
    Fail(machine_->Retriable(
        StatusCode::kDeadlineExceeded, error_id::kDeadline,
        "the call's time was over before Kafka had acknowledged all events; send the same events "
        "with the same ids again, in smaller batches or with a later deadline"));
  } else {
    Fail(machine_->Retriable(StatusCode::kUnavailable, error_id::kKafkaUnavailable,
                             Message(health) + "; send the same events with the same ids again"));
  }
}

void Batch::AnswerNow(Answer answer, std::string_view outcome) {
  machine_->meters_->Request(MethodName(mode_), outcome, std::chrono::steady_clock::now() - begun_,
                             request_.bytes.size());
  // Whoever waits must not be kept alive by a batch that outlives its answer.
  const auto answered = std::move(answered_);
  answered_ = nullptr;
  answered(std::move(answer));
}

void Batch::CountEvents() const {
  std::map<std::pair<std::string_view, std::string>, uint64_t> counts;
  uint64_t accepted = 0;
  for (const auto& result : results_) {
    if (result.status() == event::v1::EVENT_STATUS_ACCEPTED) {
      ++accepted;
    } else {
      const bool rejected = result.status() == event::v1::EVENT_STATUS_REJECTED;
      ++counts[{rejected ? "rejected" : "retry", ReasonOf(result.error())}];
    }
  }
  machine_->meters_->Event("accepted", "", accepted);
  for (const auto& [key, n] : counts) machine_->meters_->Event(key.first, key.second, n);
}

// IngestEventsResponse and StreamEventsResponse of every domain have the same fields (Machine::Make checks
// it): results = 1, token = 2, sequence = 3.
std::string Batch::Serialize() const {
  event::v1::ConsistencyToken token;
  std::map<int32_t, int64_t> last;
  std::set<std::string_view> plants;
  for (size_t i = 0; i < results_.size(); ++i) {
    if (results_[i].status() != event::v1::EVENT_STATUS_ACCEPTED) continue;
    plants.insert(plants_[i]);
    const auto [at, added] = last.emplace(positions_[i].partition, positions_[i].offset);
    if (!added) at->second = std::max(at->second, positions_[i].offset);
  }
  for (const std::string_view plant : plants) token.add_plant_ids(std::string(plant));
  for (const auto& [partition, offset] : last) {
    auto& position = *token.add_positions();
    position.set_topic(machine_->domain().topic);
    position.set_partition(partition);
    position.set_offset(offset);
  }
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  const auto message = [&out](int number, const google::protobuf::MessageLite& value) {
    WireFormatLite::WriteTag(number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, &out);
    out.WriteVarint64(value.ByteSizeLong());
    value.SerializeToCodedStream(&out);
  };
  // Clients take answers of 4 MiB unless told otherwise; ten thousand errors in full would not fit.
  size_t error_bytes = 0;
  for (const auto& result : results_) {
    error_bytes += result.has_error() ? result.error().ByteSizeLong() : 0;
    if (!result.has_error() || error_bytes <= kErrorBytesMax) {
      message(1, result);
      continue;
    }
    event::v1::EventResult shorter = result;
    shorter.mutable_error()->clear_details();
    if (shorter.error().message().size() > kShortMessage)
      shorter.mutable_error()->mutable_message()->resize(kShortMessage);
    message(1, shorter);
  }
  message(2, token);
  if (sequence_ != 0) WireFormatLite::WriteUInt64(3, sequence_, &out);
  out.Trim();
  return bytes;
}

}  // namespace yokoten::ingest

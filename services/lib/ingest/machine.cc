#include "ingest/machine.h"

#include <cstdio>
#include <cstdlib>

#include <google/protobuf/arena.h>
#include <google/protobuf/stubs/logging.h>

#include "base/error_ids.h"
#include "events/wire.h"
#include "ingest/batch.h"
#include "ingest/meters.h"
#include "rpc/status.h"

namespace yokoten::ingest {
namespace {

// A delivery report wakes whoever waits for room in librdkafka's queue; this bounds the wait for one that got
// lost between the try and the wait.
constexpr std::chrono::milliseconds kRoomWait{10};
// An answer needs a moment to reach the caller before the caller's own deadline ends the call.
constexpr std::chrono::milliseconds kAnswerMargin{50};

void CheckResponse(const google::protobuf::Descriptor& response, bool stream) {
  const auto is = [&](int number, const char* name) {
    const auto* field = response.FindFieldByNumber(number);
    return field != nullptr && field->name() == name;
  };
  if (is(1, "results") && is(2, "token") && (!stream || is(3, "sequence"))) return;
  std::fprintf(stderr, "yokoten: %s must have the fields results = 1, token = 2, sequence = 3\n",
               response.full_name().c_str());
  std::abort();
}

}  // namespace

std::shared_ptr<Machine> Machine::Make(MachineOptions options, std::shared_ptr<Engine> engine,
                                       kafka::RecordSink* sink, const Clock& clock,
                                       telemetry::Metrics* metrics) {
  CheckResponse(*options.domain->service->FindMethodByName("IngestEvents")->output_type(), false);
  CheckResponse(*options.domain->service->FindMethodByName("StreamEvents")->output_type(), true);
  // Broken strings are the sender's fault and are answered; protobuf's own line on standard error for each of
  // them would let any sender fill the log.
  google::protobuf::SetLogHandler(nullptr);
  return std::shared_ptr<Machine>(new Machine(std::move(options), std::move(engine), sink, clock, metrics));
}

Machine::Machine(MachineOptions options, std::shared_ptr<Engine> engine, kafka::RecordSink* sink,
                 const Clock& clock, telemetry::Metrics* metrics)
    : options_(std::move(options)),
      topic_(options_.topic_prefix + options_.domain->topic),
      engine_(std::move(engine)),
      sink_(sink),
      clock_(clock),
      meters_(std::make_unique<Meters>(metrics, options_.domain->target)) {}

Machine::~Machine() = default;

google::rpc::Status Machine::Retriable(StatusCode code, std::string_view id,
                                       const std::string& message) const {
  auto status = rpc::ToRpcStatus(WithErrorId(MakeStatus(code, message), id));
  rpc::AddRetryInfo(status, options_.limits.retry_after);
  return status;
}

google::rpc::Status Machine::Stopping() const {
  return Retriable(StatusCode::kUnavailable, error_id::kStopping,
                   "the service is stopping; send the same events with the same ids again");
}

bool Machine::WaitIdle(std::chrono::milliseconds bound) {
  std::unique_lock lock(idle_mutex_);
  return idle_.wait_for(lock, bound, [this] { return live_batches_ == 0; });
}

void Machine::Take(RequestBytes request, Mode mode, std::chrono::system_clock::time_point deadline,
                   std::function<void()> queued, std::function<void(Answer)> answered) {
  const auto now = std::chrono::steady_clock::now();
  // The caller's deadline is wall time; from here on only time spans count.
  const auto to_deadline = deadline - std::chrono::system_clock::now();
  auto left = options_.max_deadline;
  if (to_deadline < left)
    left = std::chrono::duration_cast<std::chrono::milliseconds>(to_deadline) - kAnswerMargin;
  auto batch = std::make_shared<Batch>(shared_from_this(), std::move(request), mode, now + left,
                                       std::move(queued), std::move(answered));
  if (draining_) return batch->Fail(Stopping());
  const Limits& limits = options_.limits;
  const size_t bytes = batch->bytes().size();
  if (bytes > limits.batch_bytes_max) {
    return batch->Fail(rpc::ToRpcStatus(WithErrorId(
        ResourceExhausted(
            "the batch has " + std::to_string(bytes) + " bytes, at most " +
            std::to_string(limits.batch_bytes_max) +
            " are allowed (ingest.batch_bytes_max); nothing was written: split it and send again"),
        error_id::kBatchTooLarge)));
  }
  engine_->timers.At(batch->expires(), [weak = std::weak_ptr<Batch>(batch)] {
    if (const auto due = weak.lock()) due->Expire();
  });
  auto go = [this, self = shared_from_this(), batch] {
    batch->HoldsBudget();
    meters_->Inflight(engine_->budget.used());
    engine_->workers.Post([this, self, batch] { Process(batch); });
  };
  if (mode == Mode::kStream) return engine_->budget.Take(bytes, std::move(go));
  if (engine_->budget.TryTake(bytes)) return go();
  batch->Fail(Retriable(
      StatusCode::kResourceExhausted, error_id::kQueueFull,
      "more than " + std::to_string(engine_->budget.bytes_max()) +
          " bytes are under way to Kafka (ingest.inflight_bytes_max); nothing was written: wait and "
          "send again"));
}

void Machine::Process(const std::shared_ptr<Batch>& batch) {
  if (batch->answered()) return;  // its time was over before a thread was free
  const Limits& limits = options_.limits;
  const auto raw = events::SplitBatch(batch->bytes(), limits.batch_events_max);
  if (!raw) {
    return batch->Fail(rpc::ToRpcStatus(WithErrorId(
        InvalidArgument(
            "the request is no valid Protobuf of a batch; nothing was written: serialize it with the "
            "published protos"),
        error_id::kBatchMalformed)));
  }
  if (raw->events.size() > limits.batch_events_max) {
    return batch->Fail(rpc::ToRpcStatus(WithErrorId(
        ResourceExhausted("the batch has more than " + std::to_string(limits.batch_events_max) +
                          " events (ingest.batch_events_max); nothing was written: split it and send again"),
        error_id::kBatchTooLarge)));
  }
  batch->Begin(raw->events.size(), raw->sequence);
  const WallTime now = clock_.Now();
  google::protobuf::Arena arena;
  Status stuck;  // set once Kafka's queue takes no more
  for (uint32_t i = 0; i < raw->events.size(); ++i) {
    PreparedEvent prepared = PrepareEvent(domain(), raw->events[i], i, limits, now, options_.rules, arena);
    batch->result(i) = std::move(prepared.result);
    if (arena.SpaceUsed() > limits.event_bytes_max * 4) arena.Reset();
    if (!prepared.record) continue;
    batch->SetPlant(i, std::move(prepared.plant_id));
    if (stuck.ok()) {
      stuck = Produce(*batch, i, std::move(*prepared.record));
      // A stream waits for room and offers the event again; librdkafka has taken the record, so it is made
      // anew.
      while (stuck.code() == StatusCode::kResourceExhausted && batch->mode() == Mode::kStream &&
             engine_->room.Wait(batch->expires(), kRoomWait)) {
        prepared = PrepareEvent(domain(), raw->events[i], i, limits, now, options_.rules, arena);
        stuck = Produce(*batch, i, std::move(*prepared.record));
      }
    }
    if (!stuck.ok()) SetError(batch->result(i), stuck);
  }
  batch->Queued();
}

Status Machine::Produce(Batch& batch, uint32_t index, events::Record record) {
  batch.Expect();
  const Status status = sink_->Produce(
      topic_, std::move(record), [self = batch.shared_from_this(), index](const kafka::Delivery& delivery) {
        self->machine().engine_->room.Notify();
        self->Delivered(index, delivery);
      });
  if (status.ok()) return status;
  batch.Unexpect();
  switch (status.code()) {
    case StatusCode::kInvalidArgument:
      SetError(batch.result(index), WithErrorId(status, error_id::kKafkaRefused));
      return OkStatus();  // the next record may be fine
    case StatusCode::kResourceExhausted:
      return WithErrorId(status, error_id::kQueueFull);
    default:
      return WithErrorId(status, error_id::kKafkaUnavailable);
  }
}

}  // namespace yokoten::ingest

#include "cli/doctor_probe.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <grpcpp/grpcpp.h>

#include "base/date.h"
#include "events/identity.h"
#include "yokoten/insight/v1/service.grpc.pb.h"
#include "yokoten/operations/v1/service.grpc.pb.h"

namespace yokoten::cli {

namespace {

constexpr char kSource[] = "/yokoten/doctor";
constexpr char kKpi[] = "first_pass_yield";
constexpr auto kSendTimeout = std::chrono::seconds(20);
constexpr std::chrono::milliseconds kChangeTimeout = std::chrono::seconds(60);
constexpr auto kReadTimeout = std::chrono::seconds(20);

std::string Today(const Clock& clock) {
  return FormatDay(Day{static_cast<int32_t>(ToMicros(clock.Now()) / 86'400'000'000)});
}

// What the live stream says, as it says it.
class ChangeWatch {
 public:
  ChangeWatch(std::shared_ptr<Connection> connection, const std::string& plant)
      : connection_(std::move(connection)),
        stub_(insight::v1::InsightService::NewStub(connection_->For("insight"))) {
    request_.add_plant_ids(plant);
    request_.add_kpi_ids(kKpi);
    thread_ = std::thread([this] { Listen(); });
  }
  ~ChangeWatch() {
    context_.TryCancel();
    thread_.join();
  }

  // Waits for the stream's first message, which says that it is up.
  Status WaitUp() {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, std::chrono::seconds(10), [&] { return messages_ > 0 || ended_; });
    if (messages_ > 0) return OkStatus();
    return ended_ ? failure_ : DeadlineExceeded("the live stream (WatchKpis) says nothing; is insight up?");
  }
  uint64_t changes() {
    std::lock_guard lock(mutex_);
    return changes_;
  }
  // The time of the first change after the `seen`-th; nothing when none comes in time.
  std::optional<MonotonicTime> WaitBeyond(uint64_t seen, MonotonicTime until) {
    std::unique_lock lock(mutex_);
    arrived_.wait_until(lock, until, [&] { return changes_ > seen || ended_; });
    if (changes_ <= seen) return std::nullopt;
    return last_;
  }

 private:
  void Listen() {
    auto stream = stub_->WatchKpis(&context_, request_);
    insight::v1::WatchKpisResponse message;
    while (stream->Read(&message)) {
      std::lock_guard lock(mutex_);
      ++messages_;
      if (message.changes_size() > 0) {
        ++changes_;
        last_ = SystemClock().Monotonic();
      }
      arrived_.notify_all();
    }
    grpc::Status status = stream->Finish();
    std::lock_guard lock(mutex_);
    failure_ = FromGrpc(status, "watching KPIs", connection_->AddressOf("insight"));
    ended_ = true;
    arrived_.notify_all();
  }

  std::shared_ptr<Connection> connection_;
  std::unique_ptr<insight::v1::InsightService::Stub> stub_;
  insight::v1::WatchKpisRequest request_;
  grpc::ClientContext context_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  uint64_t messages_ = 0, changes_ = 0;
  MonotonicTime last_;
  bool ended_ = false;
  Status failure_ = OkStatus();
  std::thread thread_;
};

}  // namespace

DoctorProbe::DoctorProbe(std::shared_ptr<Connection> connection, std::string plant, std::string run,
                         const Clock& clock)
    : connection_(std::move(connection)),
      plant_(std::move(plant)),
      run_(std::move(run)),
      clock_(clock),
      day_(Today(clock)) {}

Result<event::v1::ConsistencyToken> DoctorProbe::Send() {
  std::string id = run_ + "-" + plant_ + "-" + std::to_string(ids_.size() + 1);
  operations::v1::IngestEventsRequest request;
  auto* output = request.add_events()->mutable_shift_output_reported();
  event::v1::EventContext& context = *output->mutable_context();
  context.set_source(kSource);
  context.set_id(id);
  context.set_plant_id(plant_);
  context.set_line_id("PROBE");
  context.set_occurred_on(day_);
  output->set_product(id);
  output->set_production_day(day_);
  output->set_shift_code("P");
  output->set_produced_qty(1);
  output->set_good_qty(1);
  output->set_scrap_qty(0);
  output->set_rework_qty(0);
  output->set_inspected_qty(1);
  output->set_good_first_time_qty(1);
  output->set_snapshot_version(1);
  operations::v1::IngestEventsResponse response;
  grpc::ClientContext call;
  SetDeadline(call, kSendTimeout);
  auto stub = operations::v1::OperationsIngestService::NewStub(connection_->For("operations"));
  YK_RETURN_IF_ERROR(FromGrpc(stub->IngestEvents(&call, request, &response), "sending a probe",
                              connection_->AddressOf("operations")));
  if (response.results_size() != 1 || response.results(0).status() != event::v1::EVENT_STATUS_ACCEPTED) {
    return Unavailable("the probe was not accepted: " +
                       (response.results_size() == 1 ? response.results(0).error().message() : "no answer"));
  }
  ids_.push_back(id);
  return response.token();
}

Result<int64_t> DoctorProbe::Read(const event::v1::ConsistencyToken* token,
                                  std::chrono::milliseconds timeout) {
  insight::v1::GetKpiSeriesRequest request;
  request.set_kpi_id(kKpi);
  request.mutable_unit()->set_plant_id(plant_);
  request.set_grain(kpi::v1::GRAIN_DAY);
  request.set_from(day_);
  request.set_to(day_);
  if (token != nullptr) *request.mutable_token() = *token;
  insight::v1::GetKpiSeriesResponse response;
  grpc::ClientContext call;
  SetDeadline(call, timeout);
  auto stub = insight::v1::InsightService::NewStub(connection_->For("insight"));
  YK_RETURN_IF_ERROR(FromGrpc(stub->GetKpiSeries(&call, request, &response), "reading the probe's figure",
                              connection_->AddressOf("insight")));
  for (const insight::v1::KpiValue& value : response.values()) {
    if (value.period_start() != day_) continue;
    int64_t inspected = 0;
    std::from_chars(value.denominator().data(), value.denominator().data() + value.denominator().size(),
                    inspected);
    return inspected;
  }
  return 0;
}

Status DoctorProbe::VoidAll() {
  auto stub = operations::v1::OperationsIngestService::NewStub(connection_->For("operations"));
  constexpr size_t kBatch = 1000;
  for (size_t at = 0; at < ids_.size(); at += kBatch) {
    operations::v1::IngestEventsRequest request;
    for (size_t i = at; i < std::min(ids_.size(), at + kBatch); ++i) {
      event::v1::Voided& voided = *request.add_events()->mutable_voided();
      voided.mutable_context()->set_source(kSource);
      voided.mutable_context()->set_id(ids_[i] + "-void");
      voided.mutable_context()->set_plant_id(plant_);
      *voided.mutable_context()->mutable_occurred_at() = events::ToTimestamp(clock_.Now());
      voided.mutable_voids()->set_source(kSource);
      voided.mutable_voids()->set_id(ids_[i]);
      voided.mutable_voids()->set_plant_id(plant_);
      voided.mutable_voids()->set_entity("line/PROBE");
      voided.set_reason(event::v1::VOID_REASON_TEST_DATA);
    }
    operations::v1::IngestEventsResponse response;
    grpc::ClientContext call;
    SetDeadline(call, kSendTimeout);
    YK_RETURN_IF_ERROR(FromGrpc(stub->IngestEvents(&call, request, &response), "voiding the probes",
                                connection_->AddressOf("operations")));
    for (const event::v1::EventResult& result : response.results()) {
      if (result.status() != event::v1::EVENT_STATUS_ACCEPTED) {
        return Unavailable("probes of plant " + plant_ + " were not all voided: " + result.error().message());
      }
    }
  }
  ids_.clear();
  return OkStatus();
}

double LatencyReport::Quantile(double q) const {
  if (milliseconds.empty()) return 0;
  double place = q * static_cast<double>(milliseconds.size() - 1);
  auto below = static_cast<size_t>(place);
  size_t above = std::min(below + 1, milliseconds.size() - 1);
  return milliseconds[below] +
         (place - static_cast<double>(below)) * (milliseconds[above] - milliseconds[below]);
}

Result<LatencyReport> MeasureLatency(std::shared_ptr<Connection> connection, DoctorProbe& probe, int n,
                                     const std::function<void(int)>& each) {
  ChangeWatch watch(connection, probe.plant());
  YK_RETURN_IF_ERROR(watch.WaitUp());
  // The first probe makes the plant known; what was there before it is what a read has beyond it.
  YK_ASSIGN_OR_RETURN(const event::v1::ConsistencyToken first, probe.Send());
  YK_ASSIGN_OR_RETURN(int64_t before, probe.Read(&first, kChangeTimeout));
  before -= probe.sent();
  LatencyReport report;
  for (int i = 1; i <= n; ++i) {
    uint64_t seen = watch.changes();
    YK_RETURN_IF_ERROR(probe.Send().status());
    MonotonicTime acknowledged = SystemClock().Monotonic();
    MonotonicTime until = acknowledged + kChangeTimeout;
    while (true) {
      auto changed = watch.WaitBeyond(seen, until);
      if (!changed) {
        ++report.lost;
        break;
      }
      seen = watch.changes();
      // A change may be about something else: only the figure itself proves that the probe is in it.
      YK_ASSIGN_OR_RETURN(int64_t inspected, probe.Read(nullptr, kReadTimeout));
      if (inspected >= before + probe.sent()) {
        auto took = std::chrono::duration<double, std::milli>(*changed - acknowledged).count();
        report.milliseconds.push_back(std::max(0.0, took));
        break;
      }
    }
    each(i);
  }
  std::sort(report.milliseconds.begin(), report.milliseconds.end());
  return report;
}

ReadYourWritesReport CheckReadYourWrites(std::shared_ptr<Connection> connection, const std::string& run,
                                         int n, int parallel, const Clock& clock,
                                         const std::function<void(int)>& each) {
  ReadYourWritesReport report;
  std::mutex mutex;
  std::atomic<int> next{0};
  auto work = [&](int worker) {
    DoctorProbe probe(connection, "DOCTOR-" + std::to_string(worker), run, clock);
    Status status = OkStatus();
    std::optional<int64_t> before;
    while (status.ok()) {
      int i = ++next;
      if (i > n) break;
      auto token = probe.Send();
      if (!token.ok()) {
        status = token.status();
        break;
      }
      // What was there before the first probe is known only once a read has it.
      auto inspected = probe.Read(&*token, kReadTimeout);
      std::lock_guard lock(mutex);
      if (!inspected.ok()) {
        if (inspected.status().code() == StatusCode::kDeadlineExceeded) {
          ++report.deadline_exceeded;
        } else {
          status = inspected.status();
        }
      } else {
        if (!before) before = *inspected - probe.sent();
        bool fits = *before >= 0 && *inspected == *before + probe.sent();
        ++(fits ? report.included : report.older);
      }
      each(i);
    }
    Status cleaned = probe.VoidAll();
    std::lock_guard lock(mutex);
    if (!status.ok()) report.failure = status;
    if (!cleaned.ok() && report.failure.ok()) report.failure = cleaned;
  };
  std::vector<std::thread> workers;
  for (int w = 1; w <= std::max(1, parallel); ++w) workers.emplace_back(work, w);
  for (std::thread& worker : workers) worker.join();
  return report;
}

}  // namespace yokoten::cli

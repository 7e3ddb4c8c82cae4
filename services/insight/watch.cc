#include "insight/watch.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "base/date.h"
#include "yokoten/internal/v1/internal.pb.h"

namespace yokoten::insight {
namespace {

grpc::Status Stopping() {
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "this process stops; connect again");
}

}  // namespace

// One client. gRPC may run a reaction inline from StartWrite or Finish, so both are called without a lock
// held: every method decides under the lock and acts after it.
class WatchStream final : public grpc::ServerWriteReactor<v1::WatchKpisResponse> {
 public:
  WatchStream(WatchHub& hub, const v1::WatchKpisRequest& request)
      : hub_(hub),
        plants_(request.plant_ids().begin(), request.plant_ids().end()),
        kpis_(request.kpi_ids().begin(), request.kpi_ids().end()) {}

  void Add(const internal::v1::KpiChanged& changed) {
    if (!plants_.empty() && !plants_.contains(changed.plant_id())) return;
    std::vector<std::string> kpis;
    for (const auto& kpi : changed.kpi_ids()) {
      const kpi::Kpi* known = hub_.catalogue_.Find(kpi);
      if (known != nullptr && known->definition.privacy_k() > 0) continue;
      if (kpis_.empty() || kpis_.contains(kpi)) kpis.push_back(kpi);
    }
    if (kpis.empty()) return;
    std::unique_lock lock(mutex_);
    auto& pending = pending_[changed.plant_id()];
    pending.kpis.insert(kpis.begin(), kpis.end());
    pending.from = pending.known ? std::min(pending.from, changed.from_day()) : changed.from_day();
    pending.to = pending.known ? std::max(pending.to, changed.to_day()) : changed.to_day();
    pending.version = std::max(pending.version, changed.version());
    pending.known = true;
    Act(std::move(lock));
  }

  void Beat() {
    std::unique_lock lock(mutex_);
    beat_ = true;
    Act(std::move(lock));
  }

  void End(const grpc::Status& status) {
    std::unique_lock lock(mutex_);
    if (!final_) final_ = status;
    Act(std::move(lock));
  }

  void OnWriteDone(bool ok) override {
    std::unique_lock lock(mutex_);
    writing_ = false;
    if (!ok && !final_) final_ = grpc::Status::CANCELLED;
    Act(std::move(lock));
  }

  void OnCancel() override { End(grpc::Status::CANCELLED); }

  void OnDone() override { hub_.Forget(this); }

 private:
  struct Pending {
    std::set<std::string> kpis;
    int32_t from = 0;
    int32_t to = 0;
    uint64_t version = 0;
    bool known = false;
  };

  // Finishes or writes if there is reason to and nothing is under way.
  void Act(std::unique_lock<std::mutex> lock) {
    if (writing_ || finished_) return;
    if (final_) {
      finished_ = true;
      const grpc::Status status = *final_;
      lock.unlock();
      return Finish(status);
    }
    if (pending_.empty() && !beat_) return;
    message_.Clear();
    for (const auto& [plant, pending] : pending_) {
      auto* change = message_.add_changes();
      change->set_plant_id(plant);
      for (const auto& kpi : pending.kpis) change->add_kpi_ids(kpi);
      change->set_from_day(FormatDay(Day{pending.from}));
      change->set_to_day(FormatDay(Day{pending.to}));
      change->set_version(pending.version);
    }
    pending_.clear();
    beat_ = false;
    writing_ = true;  // from here on the message is ours alone
    lock.unlock();
    *message_.mutable_freshness() = hub_.positions_.Now();
    StartWrite(&message_);
  }

  WatchHub& hub_;
  const std::set<std::string> plants_;
  const std::set<std::string> kpis_;
  std::mutex mutex_;
  std::map<std::string, Pending> pending_;
  v1::WatchKpisResponse message_;
  bool beat_ = false;
  bool writing_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> final_;  // set once the stream shall end
};

WatchHub::~WatchHub() { Close(); }

grpc::ServerWriteReactor<v1::WatchKpisResponse>* WatchHub::Watch(const v1::WatchKpisRequest& request) {
  auto stream = std::make_shared<WatchStream>(*this, request);
  bool closed = false;
  {
    const std::lock_guard lock(mutex_);
    streams_.insert(stream);
    closed = closed_;
  }
  if (closed) {
    stream->End(Stopping());
  } else {
    stream->Beat();
  }
  return stream.get();
}

std::vector<std::shared_ptr<WatchStream>> WatchHub::Streams() const {
  const std::lock_guard lock(mutex_);
  return {streams_.begin(), streams_.end()};
}

void WatchHub::OnChanged(std::string_view value) {
  internal::v1::KpiChanged changed;
  if (!changed.ParseFromArray(value.data(), static_cast<int>(value.size()))) return;
  for (const auto& stream : Streams()) stream->Add(changed);
}

void WatchHub::Heartbeat() {
  for (const auto& stream : Streams()) stream->Beat();
}

void WatchHub::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  for (const auto& stream : Streams()) stream->End(Stopping());
}

int WatchHub::streams() const { return static_cast<int>(Streams().size()); }

void WatchHub::Forget(WatchStream* stream) {
  std::shared_ptr<WatchStream> last;  // destroyed after the lock is released
  const std::lock_guard lock(mutex_);
  const auto it =
      std::find_if(streams_.begin(), streams_.end(), [&](const auto& s) { return s.get() == stream; });
  if (it == streams_.end()) return;
  last = *it;
  streams_.erase(it);
}

}  // namespace yokoten::insight

// Tells watching clients which figures changed: one follower of the kpi-changed topic, any number of streams.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "insight/positions.h"
#include "kpi/catalogue.h"
#include "yokoten/insight/v1/service.grpc.pb.h"

namespace yokoten::insight {

class WatchStream;

// Thread-safe. Streams need no thread of their own: gRPC's callback API drives them.
class WatchHub {
 public:
  // Changes of KPIs with a privacy_k are not told: when one case was recorded is confidential, and their
  // figures change at fixed instants alone.
  WatchHub(Positions& positions, const kpi::Catalogue& catalogue)
      : positions_(positions), catalogue_(catalogue) {}
  ~WatchHub();

  // A new stream; kept until gRPC is done with it.
  grpc::ServerWriteReactor<v1::WatchKpisResponse>* Watch(const v1::WatchKpisRequest& request);

  // A value of the kpi-changed topic (internal.v1.KpiChanged); handed to the streams it concerns. A slow
  // client gets its changes merged into one message, so that memory stays bounded by plants times KPIs.
  void OnChanged(std::string_view value);

  // Sends every stream a message without changes: it is alive, and this is the freshness.
  void Heartbeat();

  // Ends all streams with UNAVAILABLE (the process stops; clients reconnect) and refuses new ones.
  void Close();

  int streams() const;

 private:
  friend class WatchStream;
  void Forget(WatchStream* stream);
  std::vector<std::shared_ptr<WatchStream>> Streams() const;

  Positions& positions_;
  const kpi::Catalogue& catalogue_;
  mutable std::mutex mutex_;
  std::set<std::shared_ptr<WatchStream>> streams_;
  bool closed_ = false;
};

}  // namespace yokoten::insight

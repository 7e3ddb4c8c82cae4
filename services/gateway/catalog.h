// Which gRPC methods there are, and which backend answers each. Read from the linked protos: a new service
// needs no line here.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "base/status.h"
#include "events/registry.h"
#include "gateway/backend_calls.h"

namespace yokoten::gateway {

struct Method {
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  std::string path;                        // "/yokoten.insight.v1.InsightService/ListKpis"
  std::shared_ptr<Backend> backend;        //
  const events::Domain* ingest = nullptr;  // set for a domain's IngestEvents
};

struct Service {
  std::string name;    // "yokoten.training.v1.TrainingIngestService"
  std::string target;  // "training"; empty for grpc.health.v1.Health
  std::shared_ptr<Backend> backend;
  std::vector<Method> methods;
};

// Immutable; any thread.
class Catalog {
 public:
  // `backends` maps target names to gRPC addresses; targets it does not name are at `default_address`. The
  // target "admin" is where "insight" is unless it is named. InvalidArgument: a name that is no target's.
  static Result<std::unique_ptr<Catalog>> Make(const std::map<std::string, std::string>& backends,
                                               const std::string& default_address);

  // By path ("/package.Service/Method"); null if there is none.
  const Method* Find(std::string_view path) const;
  // In the order of their names; health last.
  const std::vector<Service>& services() const { return services_; }
  // The domain's IngestEvents; null if the domain has no service.
  const Method* IngestOf(const events::Domain& domain) const;
  // grpc.health.v1.Health/Check, whose backend is the default one.
  const Method& HealthCheck() const;

 private:
  Catalog() = default;
  std::vector<Service> services_;
  std::unordered_map<std::string_view, const Method*> by_path_;
};

// An empty message of the type, also for types that only this room knows (health).
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor* type);

}  // namespace yokoten::gateway

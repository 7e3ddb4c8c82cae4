// Things that have states: their events that count, run through lib/lifecycle.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "clickhouse/client.h"
#include "insight/loop/inquiry.h"
#include "lifecycle/fold.h"
#include "lifecycle/machine.h"
#include "yokoten/insight/v1/loop.pb.h"

namespace yokoten::insight {

// The machine of a kind. InvalidArgument names those there are; a kind of relations is refused, as its cases
// are confidential.
Result<const lifecycle::Machine*> MachineOf(const std::string& kind);

// Thread-safe: holds nothing but references.
class Entities {
 public:
  Entities(clickhouse::Client& clickhouse, const Clock& clock) : clickhouse_(clickhouse), clock_(clock) {}

  Status Get(const v1::GetEntityRequest& request, v1::GetEntityResponse* response) const;
  Status List(const v1::ListEntitiesRequest& request, v1::ListEntitiesResponse* response) const;

  // One thing with its events. NotFound when no event of it counts.
  Result<v1::Entity> Read(const PlantTime& plant, const lifecycle::Machine& machine,
                          const std::vector<std::string>& key) const;

 private:
  // All things of the machine, or the one with this key, by key; with their events if `events`.
  Result<std::map<std::vector<std::string>, v1::Entity>> ReadAll(const PlantTime& plant,
                                                                 const lifecycle::Machine& machine,
                                                                 const std::vector<std::string>& key,
                                                                 bool events) const;

  clickhouse::Client& clickhouse_;
  const Clock& clock_;
};

}  // namespace yokoten::insight

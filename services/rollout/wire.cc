#include "rollout/wire.h"

#include "ingest/target.h"
#include "rollout/rules.h"
#include "yokoten/rollout/v1/service.grpc.pb.h"

namespace yokoten::rollout {

Status Wire(const config::v1::Config& config, app::App& app) {
  return ingest::WireTarget<v1::RolloutIngestService>("rollout", &CheckRules, config, app);
}

}  // namespace yokoten::rollout

#include "safety/wire.h"

#include "ingest/target.h"
#include "safety/rules.h"
#include "yokoten/safety/v1/service.grpc.pb.h"

namespace yokoten::safety {

Status Wire(const config::v1::Config& config, app::App& app) {
  return ingest::WireTarget<v1::SafetyIngestService>("safety", &CheckRules, config, app);
}

}  // namespace yokoten::safety

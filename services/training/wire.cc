#include "training/wire.h"

#include "ingest/target.h"
#include "training/rules.h"
#include "yokoten/training/v1/service.grpc.pb.h"

namespace yokoten::training {

Status Wire(const config::v1::Config& config, app::App& app) {
  return ingest::WireTarget<v1::TrainingIngestService>("training", &CheckRules, config, app);
}

}  // namespace yokoten::training

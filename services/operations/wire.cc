#include "operations/wire.h"

#include "ingest/target.h"
#include "operations/rules.h"
#include "yokoten/operations/v1/service.grpc.pb.h"

namespace yokoten::operations {

Status Wire(const config::v1::Config& config, app::App& app) {
  return ingest::WireTarget<v1::OperationsIngestService>("operations", &CheckRules, config, app);
}

}  // namespace yokoten::operations

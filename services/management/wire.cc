#include "management/wire.h"

#include "ingest/target.h"
#include "management/rules.h"
#include "yokoten/management/v1/service.grpc.pb.h"

namespace yokoten::management {

Status Wire(const config::v1::Config& config, app::App& app) {
  return ingest::WireTarget<v1::ManagementIngestService>("management", &CheckRules, config, app);
}

}  // namespace yokoten::management

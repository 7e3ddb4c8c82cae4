#include "improvement/wire.h"

#include "improvement/rules.h"
#include "ingest/target.h"
#include "yokoten/improvement/v1/service.grpc.pb.h"

namespace yokoten::improvement {

Status Wire(const config::v1::Config& config, app::App& app) {
  return ingest::WireTarget<v1::ImprovementIngestService>("improvement", &CheckRules, config, app);
}

}  // namespace yokoten::improvement

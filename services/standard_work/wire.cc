#include "standard_work/wire.h"

#include "ingest/target.h"
#include "standard_work/rules.h"
#include "yokoten/standard_work/v1/service.grpc.pb.h"

namespace yokoten::standard_work {

Status Wire(const config::v1::Config& config, app::App& app) {
  return ingest::WireTarget<v1::StandardWorkIngestService>("standard-work", &CheckRules, config, app);
}

}  // namespace yokoten::standard_work

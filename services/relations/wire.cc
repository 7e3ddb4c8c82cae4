#include "relations/wire.h"

#include "ingest/target.h"
#include "relations/rules.h"
#include "yokoten/relations/v1/service.grpc.pb.h"

namespace yokoten::relations {

Status Wire(const config::v1::Config& config, app::App& app) {
  return ingest::WireTarget<v1::RelationsIngestService>("relations", &CheckRules, config, app);
}

}  // namespace yokoten::relations

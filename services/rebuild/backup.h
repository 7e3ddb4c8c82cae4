// The warehouse as files, and back: the current generation and what belongs to none. Kafka's logs are not in
// it; what they have and the backup has not is taken in again after a restore.
#pragma once

#include <functional>
#include <string>

#include "base/status.h"
#include "yokoten/config/v1/config.pb.h"

namespace yokoten::rebuild {

using Say = std::function<void(const std::string&)>;

// Writes into `folder`, which ClickHouse makes on its own machine; services may go on. FailedPrecondition
// when there is a backup in it already, or ClickHouse does not allow the folder.
Status Backup(const config::v1::Config& config, const std::string& folder, const Say& say);

// Brings it back into a warehouse that holds nothing of this deployment, and sets the rollups back to where
// the backup began. The services that use the warehouse must be stopped. FailedPrecondition when it holds
// something, or a rollup runs.
Status Restore(const config::v1::Config& config, const std::string& folder, const Say& say);

}  // namespace yokoten::rebuild

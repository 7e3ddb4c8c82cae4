#include "aggregator/epochs.h"

#include "clickhouse/epochs.h"
#include "events/registry.h"
#include "kafka/log_reader.h"

namespace yokoten::aggregator {

Status BeginEpoch(clickhouse::Database& database, const std::string& bootstrap_servers,
                  const std::string& prefix, const std::string& topic) {
  constexpr std::chrono::seconds kTimeout{10};
  if (events::Registry::Linked().FindDomainByTopic(topic) == nullptr) {
    return InvalidArgument("'" + topic +
                           "' is no domain topic; name it without the prefix, such as yokoten.training.v1");
  }
  YK_ASSIGN_OR_RETURN(const auto reader, kafka::LogReader::Create(bootstrap_servers));
  YK_ASSIGN_OR_RETURN(const std::string cluster, reader->ClusterId(kTimeout));
  YK_ASSIGN_OR_RETURN(const auto counts, reader->PartitionCounts({prefix + topic}, kTimeout));
  return clickhouse::BeginEpoch(database, topic, cluster, static_cast<uint32_t>(counts.at(prefix + topic)),
                                "operator")
      .status();
}

}  // namespace yokoten::aggregator

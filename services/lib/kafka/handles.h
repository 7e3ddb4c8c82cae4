// What every user of librdkafka here starts from: handles that end themselves, settings that are named when
// they are refused, lists of partitions. Private to this room.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "base/status.h"
#include "kafka/offsets.h"

namespace yokoten::kafka {

template <auto Fn>
struct Deleter {
  template <typename T>
  void operator()(T* p) const {
    Fn(p);
  }
};
template <typename T, auto Fn>
using Owned = std::unique_ptr<T, Deleter<Fn>>;

using Conf = Owned<rd_kafka_conf_t, rd_kafka_conf_destroy>;
using Handle = Owned<rd_kafka_t, rd_kafka_destroy>;
using List = Owned<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;
using Queue = Owned<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using Event = Owned<rd_kafka_event_t, rd_kafka_event_destroy>;
using AdminOptions = Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using Metadata = Owned<const rd_kafka_metadata_t, rd_kafka_metadata_destroy>;

using Settings = std::vector<std::pair<std::string, std::string>>;

// InvalidArgument, with the setting's name, for one that librdkafka refuses.
Result<Conf> MakeConf(const Settings& settings);
// Internal when librdkafka cannot make it of this configuration.
Result<Handle> MakeHandle(rd_kafka_type_t type, Conf conf);
// Of all topics. Unavailable when no broker answers.
Result<Metadata> FetchMetadata(rd_kafka_t* handle, std::chrono::milliseconds timeout);

// All partitions of a topic; none when it does not exist.
std::vector<TopicPartition> PartitionsOf(const rd_kafka_metadata_t& metadata, const std::string& topic);

List ListOf(const std::vector<TopicPartition>& partitions, int64_t offset = RD_KAFKA_OFFSET_INVALID);
List ListOf(const Offsets& offsets);

// Fetches from the list alone, nothing when it is null. What was paused in an earlier assignment flows again.
void Assign(rd_kafka_t* handle, const List& list);

}  // namespace yokoten::kafka

// Immutable error ids: the same word in a message, in ErrorInfo.reason, in a metric's label, in a dead letter
// and as the name of a page in docs/runbooks. An id is never renamed and never reused for another meaning.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace yokoten {

namespace error_id {

// One event is wrong: a field breaks its rules, or fields contradict each other. Not worth a retry.
inline constexpr std::string_view kEventInvalid = "yk-event-invalid";
// The bytes of one event are no message of the expected type (broken UTF-8, broken wire format, no event in
// it).
inline constexpr std::string_view kEventMalformed = "yk-event-malformed";
// One event is larger than the limit.
inline constexpr std::string_view kEventTooLarge = "yk-event-too-large";
// A batch is larger than the limit in bytes or events, or its outer wire format is broken.
inline constexpr std::string_view kBatchTooLarge = "yk-batch-too-large";
inline constexpr std::string_view kBatchMalformed = "yk-batch-malformed";
// Too many bytes are under way; the caller waits and sends again.
inline constexpr std::string_view kQueueFull = "yk-queue-full";
// Kafka did not acknowledge in time; the caller sends again with the same ids.
inline constexpr std::string_view kKafkaUnavailable = "yk-kafka-unavailable";
// Kafka refused a record for good (message too large for the broker, topic not authorised).
inline constexpr std::string_view kKafkaRefused = "yk-kafka-refused";
// The call's time is over before Kafka acknowledged.
inline constexpr std::string_view kDeadline = "yk-deadline";
// The process is stopping; another one, or this one after its start, will take the call.
inline constexpr std::string_view kStopping = "yk-stopping";

// A Kafka record is no CloudEvent of ours: no or unknown ce_type, wrong ce_specversion or content type.
inline constexpr std::string_view kEnvelopeType = "yk-envelope-type";
// Headers and value of a Kafka record contradict each other.
inline constexpr std::string_view kEnvelopeMismatch = "yk-envelope-mismatch";

// A request (no event) is wrong: a field is unknown or has the wrong type. Not worth a retry.
inline constexpr std::string_view kRequestInvalid = "yk-request-invalid";
// A CloudEvent's attributes are missing, wrong, or contradict its data.
inline constexpr std::string_view kCloudEventInvalid = "yk-cloud-event-invalid";

// A partition halts: ClickHouse refuses one record for good.
inline constexpr std::string_view kRecordRefused = "yk-record-refused";
// A partition halts: its log ends before, or begins after, what the archive has of it.
inline constexpr std::string_view kLogTruncated = "yk-log-truncated";
// A partition halts: its log has another record than the archive at the archive's last offset (re-created
// topic).
inline constexpr std::string_view kLogReplaced = "yk-log-replaced";
// A topic halts: it was consumed from another Kafka cluster before.
inline constexpr std::string_view kClusterChanged = "yk-cluster-changed";
// A partition halts: too large a share of its records are dead letters.
inline constexpr std::string_view kDeadLetterRate = "yk-dead-letter-rate";

// The archive or a fact table lacks records that the log has.
inline constexpr std::string_view kArchiveIncomplete = "yk-archive-incomplete";

// A month of a KPI of a plant is without value: ClickHouse refuses to compute it.
inline constexpr std::string_view kFigureRefused = "yk-figure-refused";

}  // namespace error_id

// Attaches an error id to a failed status; does nothing to an OK one. Thread-safe.
Status WithErrorId(Status status, std::string_view error_id);

// The error id attached to a status; empty when there is none.
std::string ErrorIdOf(const Status& status);

}  // namespace yokoten

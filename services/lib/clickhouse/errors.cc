// Which of the server's failures pass by themselves.
#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include "clickhouse/transport.h"

namespace yokoten::clickhouse {
namespace {

constexpr char kCodePayload[] = "yokoten/clickhouse-code";
constexpr char kRetryPayload[] = "yokoten/clickhouse-retryable";

// Codes of failures that are the server's or its surroundings', not the statement's.
constexpr std::array kRetryableCodes = {
    3,     // UNEXPECTED_END_OF_FILE: the body was cut on its way
    23,    // CANNOT_READ_FROM_ISTREAM
    74,    // CANNOT_READ_FROM_FILE_DESCRIPTOR
    75,    // CANNOT_WRITE_TO_FILE_DESCRIPTOR: disk full
    76,    // CANNOT_OPEN_FILE
    88,    // CANNOT_FSYNC
    95,    // CANNOT_READ_FROM_SOCKET
    96,    // CANNOT_WRITE_TO_SOCKET
    159,   // TIMEOUT_EXCEEDED
    160,   // TOO_SLOW
    164,   // READONLY: a wrong user, mended without us
    192,   // UNKNOWN_USER
    193,   // WRONG_PASSWORD
    194,   // REQUIRED_PASSWORD
    201,   // QUOTA_EXCEEDED
    202,   // TOO_MANY_SIMULTANEOUS_QUERIES
    203,   // NO_FREE_CONNECTION
    209,   // SOCKET_TIMEOUT
    210,   // NETWORK_ERROR
    225,   // NO_ZOOKEEPER
    236,   // ABORTED
    241,   // MEMORY_LIMIT_EXCEEDED
    242,   // TABLE_IS_READ_ONLY
    243,   // NOT_ENOUGH_SPACE
    252,   // TOO_MANY_PARTS (see below)
    254,   // NO_ACTIVE_REPLICAS
    265,   // REPLICA_STATUS_CHANGED
    279,   // ALL_CONNECTION_TRIES_FAILED
    285,   // TOO_FEW_LIVE_REPLICAS
    286,   // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
    289,   // REPLICA_IS_NOT_IN_QUORUM
    319,   // UNKNOWN_STATUS_OF_INSERT
    373,   // SESSION_IS_LOCKED
    394,   // QUERY_WAS_CANCELLED
    439,   // CANNOT_SCHEDULE_TASK
    473,   // DEADLOCK_AVOIDED
    497,   // ACCESS_DENIED
    516,   // AUTHENTICATION_FAILED
    999,   // KEEPER_EXCEPTION
    1000,  // POCO_EXCEPTION
    1001,  // STD_EXCEPTION
    1002,  // UNKNOWN_EXCEPTION
};

bool CodeIsRetryable(int code, std::string_view text) {
  // One code for two things: too many parts of a table pass, too many partitions of one block do not.
  if (code == 252 && text.find("Too many partitions") != std::string_view::npos) return false;
  return std::find(kRetryableCodes.begin(), kRetryableCodes.end(), code) != kRetryableCodes.end();
}

// "Code: 60. DB::Exception: ..." -> 60
int CodeOfText(std::string_view text) {
  const size_t at = text.find("Code: ");
  if (at == std::string_view::npos) return 0;
  return std::atoi(std::string(text.substr(at + 6, 8)).c_str());
}

}  // namespace

Status MakeError(StatusCode status_code, std::string_view message, int code, bool retryable) {
  Status status = MakeStatus(status_code, message);
  status.SetPayload(kCodePayload, absl::Cord(std::to_string(code)));
  status.SetPayload(kRetryPayload, absl::Cord(retryable ? "1" : "0"));
  return status;
}

Status ServerError(long http, int exception_code, std::string text) {
  const int exception = exception_code == 0 ? CodeOfText(text) : exception_code;
  const bool retryable = exception != 0
                             ? CodeIsRetryable(exception, text)
                             : (http == 401 || http == 403 || http == 408 || http == 429 || http >= 500);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return MakeError(retryable ? StatusCode::kUnavailable : StatusCode::kInvalidArgument,
                   "ClickHouse answered HTTP " + std::to_string(http) + ": " + text, exception, retryable);
}

int ExceptionCode(const Status& status) {
  const auto payload = status.GetPayload(kCodePayload);
  return payload.has_value() ? std::atoi(std::string(*payload).c_str()) : 0;
}

bool Retryable(const Status& status) {
  const auto payload = status.GetPayload(kRetryPayload);
  return payload.has_value() && *payload == "1";
}

}  // namespace yokoten::clickhouse

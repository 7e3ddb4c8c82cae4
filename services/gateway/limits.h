// Every bound of the gateway in one place.
#pragma once

#include <chrono>
#include <cstddef>

namespace yokoten::gateway {

struct Limits {
  size_t body_bytes_max = 16u << 20;                // of a request, as sent and after decompression
  size_t event_bytes_max = 1u << 20;                // JSON text or bytes of one event
  size_t batch_events_max = 10'000;                 // of an IngestEvents call
  size_t cloud_events_max = 1'000;                  // items of a CloudEvents batch
  size_t cloud_batch_bytes_max = 4u << 20;          // body of a CloudEvents batch
  std::chrono::milliseconds call_time_max{60'000};  // of a unary call, whatever the caller asks
  int streams_max = 1000;                           // open live streams
  size_t compress_bytes_min = 1024;                 // smaller answers are not compressed
};

}  // namespace yokoten::gateway

// What carries the client's requests: the seam below which tests/simulation puts a ClickHouse of its own.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "clickhouse/client.h"

namespace yokoten::clickhouse {

// One request. `url` is whole; a GET has no body.
struct Client::Request {
  std::string url;
  std::string_view body;
  std::chrono::milliseconds timeout{};
  bool get = false;
  // Gets the answer's body in pieces; false stops.
  std::function<bool(std::string_view)> sink;
};

// A failure with what ExceptionCode and Retryable say of it.
Status MakeError(StatusCode status_code, std::string_view message, int code, bool retryable);
// What the server says with an exception: `http` is the answer's status, `text` the body.
Status ServerError(long http, int exception_code, std::string text);

}  // namespace yokoten::clickhouse

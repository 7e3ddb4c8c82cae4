// ClickHouse's HTTP interface over libcurl: handles are pooled, one per statement under way.
#include "clickhouse/transport.h"

#include <algorithm>
#include <mutex>

#include <curl/curl.h>

namespace yokoten::clickhouse {
namespace {

// Enough of an answer to say what went wrong.
constexpr size_t kErrorBytesMax = 4096;

}  // namespace

struct Client::Impl {
  std::mutex mutex;
  std::vector<CURL*> idle;
};

namespace {

struct Transfer {
  const std::function<bool(std::string_view)>* sink = nullptr;
  CURL* curl = nullptr;
  int exception_code = 0;
  std::string error;
  bool stopped = false;
};

size_t OnHeader(char* data, size_t size, size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  constexpr std::string_view kName = "x-clickhouse-exception-code:";
  if (line.size() > kName.size() && std::equal(kName.begin(), kName.end(), line.begin(),
                                               [](char a, char b) { return a == std::tolower(b); })) {
    transfer->exception_code = std::atoi(std::string(line.substr(kName.size())).c_str());
  }
  return size * count;
}

size_t OnBody(char* data, size_t size, size_t count, void* user) {
  auto* transfer = static_cast<Transfer*>(user);
  const size_t bytes = size * count;
  long http = 0;
  curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &http);
  if (http >= 300 || transfer->exception_code != 0) {
    transfer->error.append(
        data, std::min(bytes, kErrorBytesMax - std::min(kErrorBytesMax, transfer->error.size())));
    return bytes;
  }
  if (transfer->sink != nullptr && *transfer->sink && !(*transfer->sink)(std::string_view(data, bytes))) {
    transfer->stopped = true;
    return 0;
  }
  return bytes;
}

}  // namespace

Client::Client(ClientOptions options) : options_(std::move(options)), impl_(std::make_unique<Impl>()) {
  static const CURLcode kInit = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)kInit;
  while (!options_.url.empty() && options_.url.back() == '/') options_.url.pop_back();
}

Client::~Client() {
  for (CURL* curl : impl_->idle) curl_easy_cleanup(curl);
}

Status Client::Run(const Request& request) {
  CURL* curl = nullptr;
  {
    const std::lock_guard lock(impl_->mutex);
    if (!impl_->idle.empty()) {
      curl = impl_->idle.back();
      impl_->idle.pop_back();
    }
  }
  if (curl == nullptr) curl = curl_easy_init();
  if (curl == nullptr)
    return MakeError(StatusCode::kUnavailable, "libcurl gives no handle; is memory short?", 0, true);

  Transfer transfer{.sink = &request.sink, .curl = curl};
  curl_easy_reset(curl);
  curl_slist* headers = nullptr;
  headers = curl_slist_append(headers, ("X-ClickHouse-User: " + options_.user).c_str());
  if (!options_.password.empty())
    headers = curl_slist_append(headers, ("X-ClickHouse-Key: " + options_.password).c_str());
  headers = curl_slist_append(headers, "Expect:");  // no round trip before the body
  headers = curl_slist_append(headers, "Content-Type: application/octet-stream");
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 524288L);
  curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 262144L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  if (!request.get) {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);

  const CURLcode code = curl_easy_perform(curl);
  long http = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http);
  curl_slist_free_all(headers);
  {
    const std::lock_guard lock(impl_->mutex);
    if (code == CURLE_OK && impl_->idle.size() < options_.idle_connections_max) {
      impl_->idle.push_back(curl);
      curl = nullptr;
    }
  }
  if (curl != nullptr) curl_easy_cleanup(curl);

  if (transfer.stopped) return Cancelled("the reader of the result stopped");
  if (transfer.exception_code != 0 || http >= 300)
    return ServerError(http, transfer.exception_code, std::move(transfer.error));
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return MakeError(StatusCode::kDeadlineExceeded,
                     "ClickHouse at " + options_.url + " did not answer within " +
                         std::to_string(request.timeout.count()) + " ms (clickhouse.timeout_ms)",
                     0, true);
  }
  if (code != CURLE_OK) {
    return MakeError(StatusCode::kUnavailable,
                     "no answer from ClickHouse at " + options_.url + ": " + curl_easy_strerror(code) +
                         "; check that it runs and clickhouse.url",
                     0, true);
  }
  return OkStatus();
}

}  // namespace yokoten::clickhouse

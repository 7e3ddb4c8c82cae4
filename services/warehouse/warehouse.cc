// Starting and stopping the warehouse, and its housekeeping thread.
#include "warehouse/warehouse.h"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include <unistd.h>

#include "warehouse/exchange.h"

namespace yokoten::warehouse {

struct Server::Impl {
  explicit Impl(const Options& options) : shared(options) {}
  Shared shared;
  std::unique_ptr<http::Server> http;
  std::thread housekeeper;
  std::mutex mutex;
  std::condition_variable stop_asked;
  bool stop = false;  // guarded by mutex
  std::once_flag stopped;

  void KeepHouse();
};

// Once a second: sessions expire; after a busy time freed memory goes back.
void Server::Impl::KeepHouse() {
  int64_t released_for = 0;
  std::unique_lock lock(mutex);
  while (!stop_asked.wait_for(lock, std::chrono::seconds(1), [this] { return stop; })) {
    const auto now = std::chrono::steady_clock::now();
    shared.sessions.Expire(now);
    const int64_t last = shared.last_activity_ms;
    const int64_t now_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    const int64_t idle_ms = std::chrono::milliseconds(shared.options.idle_before_release).count();
    if (last != released_for && shared.running.size() == 0 && now_ms - last >= idle_ms) {
      shared.engine->ReleaseMemory();
      released_for = last;
    }
  }
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { Stop(std::chrono::milliseconds(0)); }

Result<std::unique_ptr<Server>> Server::Start(const Options& given) {
  Options options = given;
  if (options.users.empty()) options.users.push_back({"default", "", false, {}, true});
  auto impl = std::make_unique<Impl>(options);
  Shared& shared = impl->shared;
  YK_ASSIGN_OR_RETURN(shared.engine, Engine::Open(options.engine));
  char host[256] = {};
  gethostname(host, sizeof host - 1);
  shared.display_name = options.display_name.empty() ? host : options.display_name;
  shared.spill_directory = options.engine.data_path + "/tmp";
  std::error_code ec;
  std::filesystem::create_directories(shared.spill_directory, ec);

  http::ServerOptions http;
  http.address = options.listen_address;
  http.port = options.port;
  http.tls = options.tls;
  http.server_name = "";
  // Waiting statements hold a thread each; health checks and KILL must still find one.
  http.worker_threads = std::min(1024, options.max_queries * 2 + 8);
  http.max_header_bytes = 1 << 20;    // long statements come as a URL parameter
  http.max_drain_bytes = 1ULL << 30;  // a refused INSERT's body is read to its end, as clients expect
  http.idle_timeout = Shared::keep_alive;
  http.body_timeout = std::chrono::seconds(300);
  http.write_timeout = std::chrono::seconds(300);
  auto server = http::Server::Start(http, [&shared](http::Request& request, const auto& response) {
    Exchange(shared, request, response).Run();
  });
  if (!server.ok()) return server.status();
  impl->http = std::move(server).value();
  Impl* raw = impl.get();
  impl->housekeeper = std::thread([raw] { raw->KeepHouse(); });
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

uint16_t Server::port() const { return impl_->http->BoundPort(); }
std::string Server::Url() const { return impl_->http->Url(); }
int Server::active_queries() const { return impl_->shared.running.size(); }

void Server::Stop(std::chrono::milliseconds drain) {
  std::call_once(impl_->stopped, [&] {
    impl_->shared.stopping = true;
    if (impl_->http) impl_->http->Stop(drain);  // returns when the last statement has
    {
      std::lock_guard lock(impl_->mutex);
      impl_->stop = true;
    }
    impl_->stop_asked.notify_all();
    if (impl_->housekeeper.joinable()) impl_->housekeeper.join();
    // Sessions before the engine: a connection that outlives it crashes the process.
    impl_->shared.sessions.Clear();
    impl_->shared.engine.reset();
  });
}

}  // namespace yokoten::warehouse

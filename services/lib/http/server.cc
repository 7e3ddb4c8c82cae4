// Accepting, the worker pool, and starting and stopping in order.
#include "http/server.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <openssl/ssl.h>

#include "http/core.h"

namespace yokoten::http {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using internal::Core;

namespace internal {

bool Core::Enqueue(std::function<void()> job) {
  {
    std::lock_guard lock(mutex);
    if (workers_stop || static_cast<int>(jobs.size()) >= options.max_queued_requests) return false;
    jobs.push_back(std::move(job));
  }
  jobs_ready.notify_one();
  return true;
}

void Core::Register(const std::shared_ptr<Connection>& connection) {
  std::lock_guard lock(mutex);
  open.emplace(connection.get(), connection);
}

void Core::Forget(Connection* connection) {
  {
    std::lock_guard lock(mutex);
    open.erase(connection);
  }
  changed.notify_all();
}

void Core::RequestBegan() {
  std::lock_guard lock(mutex);
  ++active_requests;
}

void Core::RequestEnded() {
  {
    std::lock_guard lock(mutex);
    --active_requests;
  }
  changed.notify_all();
}

bool Core::Stopping() {
  std::lock_guard lock(mutex);
  return stopping;
}

}  // namespace internal

Result<std::string> Request::ReadAll(size_t max_bytes) {
  const std::string too_large =
      "The request body is larger than " + std::to_string(max_bytes) + " bytes; send it in smaller parts.";
  if (content_length > 0 && static_cast<uint64_t>(content_length) > max_bytes)
    return ResourceExhausted(too_large);
  std::string body;
  if (content_length > 0) body.reserve(static_cast<size_t>(content_length));
  char buffer[16384];
  for (;;) {
    YK_ASSIGN_OR_RETURN(const size_t count, Read(buffer, sizeof buffer));
    if (count == 0) return body;
    if (body.size() + count > max_bytes) return ResourceExhausted(too_large);
    body.append(buffer, count);
  }
}

struct Server::Impl {
  std::shared_ptr<Core> core = std::make_shared<Core>();
  std::optional<tcp::acceptor> acceptor;
  std::optional<asio::steady_timer> accept_pause;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
  std::vector<std::thread> io_threads;
  std::vector<std::thread> workers;
  uint16_t port = 0;
  std::once_flag stopped;

  void Accept();
  void Work();
};

namespace {

Status LoadTls(const TlsOptions& options, std::optional<asio::ssl::context>* out) {
  asio::ssl::context& context = out->emplace(asio::ssl::context::tls_server);
  boost::system::error_code ec;
  context.set_options(
      asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1,
      ec);
  context.use_certificate_chain_file(options.certificate_chain_file, ec);
  if (ec) {
    return InvalidArgument("Cannot load the TLS certificate " + options.certificate_chain_file + ": " +
                           ec.message() + ". Give a PEM file with the leaf certificate first.");
  }
  context.use_private_key_file(options.private_key_file, asio::ssl::context::pem, ec);
  if (ec) {
    return InvalidArgument("Cannot load the TLS private key " + options.private_key_file + ": " +
                           ec.message() +
                           ". Give a PEM file that fits the certificate and that this user may read.");
  }
  if (!options.client_ca_file.empty()) {
    context.load_verify_file(options.client_ca_file, ec);
    if (ec) {
      return InvalidArgument("Cannot load the client CA " + options.client_ca_file + ": " + ec.message() +
                             ". Give a PEM file of the authorities that sign client certificates.");
    }
    context.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert, ec);
  }
  return OkStatus();
}

}  // namespace

void Server::Impl::Accept() {
  acceptor->async_accept(
      asio::make_strand(core->io), [this](boost::system::error_code ec, tcp::socket socket) {
        if (!acceptor->is_open()) return;
        if (ec) {
          // Out of file descriptors, mostly: trying again at once would spin.
          accept_pause->expires_after(std::chrono::milliseconds(50));
          accept_pause->async_wait([this](boost::system::error_code) {
            if (acceptor->is_open()) Accept();
          });
          return;
        }
        bool full = false;
        {
          std::lock_guard lock(core->mutex);
          full = core->stopping || static_cast<int>(core->open.size()) >= core->options.max_connections;
        }
        if (full) {
          boost::system::error_code ignored;
          socket.close(ignored);
        } else {
          boost::system::error_code ignored;
          socket.set_option(tcp::no_delay(true), ignored);
          socket.set_option(asio::socket_base::keep_alive(true), ignored);
          auto connection = internal::MakeConnection(core, std::move(socket));
          core->Register(connection);
          connection->Run();
        }
        Accept();
      });
}

void Server::Impl::Work() {
  for (;;) {
    std::function<void()> job;
    {
      std::unique_lock lock(core->mutex);
      core->jobs_ready.wait(lock, [this] { return core->workers_stop || !core->jobs.empty(); });
      if (core->jobs.empty()) return;
      job = std::move(core->jobs.front());
      core->jobs.pop_front();
    }
    job();
  }
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { Stop(std::chrono::milliseconds(0)); }

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Handler handler) {
  if (options.worker_threads < 1 || options.worker_threads > 1024) {
    return InvalidArgument("worker_threads must be within 1..1024.");
  }
  if (options.max_connections < 1) return InvalidArgument("max_connections must be at least 1.");
  auto impl = std::make_unique<Impl>();
  Core& core = *impl->core;
  core.options = options;
  core.handler = std::move(handler);
  if (!options.tls.certificate_chain_file.empty()) YK_RETURN_IF_ERROR(LoadTls(options.tls, &core.tls));

  boost::system::error_code ec;
  const auto address = asio::ip::make_address(options.address, ec);
  if (ec) {
    return InvalidArgument("The listen address '" + options.address +
                           "' is not a numeric IPv4 or IPv6 address.");
  }
  const tcp::endpoint endpoint(address, options.port);
  impl->acceptor.emplace(asio::make_strand(core.io));
  tcp::acceptor& acceptor = *impl->acceptor;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) {
    return Unavailable("Cannot listen on " + options.address + " port " + std::to_string(options.port) +
                       ": " + ec.message() + ". Choose a free port, or stop what holds it.");
  }
  impl->port = acceptor.local_endpoint(ec).port();
  impl->accept_pause.emplace(acceptor.get_executor());
  impl->work.emplace(core.io.get_executor());

  Impl* raw = impl.get();
  for (int i = 0; i < 2; ++i) impl->io_threads.emplace_back([core = impl->core] { core->io.run(); });
  for (int i = 0; i < options.worker_threads; ++i) impl->workers.emplace_back([raw] { raw->Work(); });
  asio::post(acceptor.get_executor(), [raw] { raw->Accept(); });
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

uint16_t Server::BoundPort() const { return impl_->port; }

std::string Server::Url() const {
  const ServerOptions& options = impl_->core->options;
  const bool v6 = options.address.find(':') != std::string::npos;
  return std::string(impl_->core->tls ? "https://" : "http://") +
         (v6 ? "[" + options.address + "]" : options.address) + ":" + std::to_string(impl_->port);
}

int Server::connections() const {
  std::lock_guard lock(impl_->core->mutex);
  return static_cast<int>(impl_->core->open.size());
}

int Server::active_requests() const {
  std::lock_guard lock(impl_->core->mutex);
  return impl_->core->active_requests;
}

void Server::Stop(std::chrono::milliseconds drain) {
  std::call_once(impl_->stopped, [&] {
    Core& core = *impl_->core;
    const auto connections = [&core] {
      std::vector<std::shared_ptr<internal::Connection>> all;
      std::lock_guard lock(core.mutex);
      for (const auto& [raw, weak] : core.open) {
        if (auto connection = weak.lock()) all.push_back(std::move(connection));
      }
      return all;
    };
    {
      std::lock_guard lock(core.mutex);
      core.stopping = true;
    }
    asio::post(impl_->acceptor->get_executor(), [this] {
      boost::system::error_code ignored;
      impl_->acceptor->close(ignored);
      impl_->accept_pause->cancel();
    });
    for (const auto& connection : connections()) connection->CloseIfIdle();
    {
      std::unique_lock lock(core.mutex);
      core.changed.wait_for(lock, drain, [&core] { return core.active_requests == 0; });
    }
    for (const auto& connection : connections()) connection->Break();
    {
      std::lock_guard lock(core.mutex);
      core.workers_stop = true;
    }
    core.jobs_ready.notify_all();
    for (std::thread& worker : impl_->workers) worker.join();
    // A connection accepted in the last instant registers after the sweep above.
    for (const auto& connection : connections()) connection->Break();
    impl_->work.reset();
    {
      std::unique_lock lock(core.mutex);
      core.changed.wait_for(lock, std::chrono::seconds(5), [&core] { return core.open.empty(); });
    }
    core.io.stop();
    for (std::thread& thread : impl_->io_threads) thread.join();
    // What was posted after the last look of the threads still holds its connection.
    core.io.restart();
    core.io.poll();
  });
}

}  // namespace yokoten::http

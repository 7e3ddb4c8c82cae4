// See gateway_world.h.
#include "gateway_world.h"

#include <algorithm>
#include <cstdlib>

#include <arpa/inet.h>
#include <google/rpc/error_details.pb.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error_ids.h"
#include "rpc/status.h"

namespace yokoten::gateway {

namespace {

constexpr int kPatienceMs = 10'000;
constexpr auto kPatience = std::chrono::seconds(10);
constexpr auto kTick = std::chrono::milliseconds(5);

}  // namespace

Connection::Connection(const std::string& url) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  fd_ = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) Close();
}

Connection::~Connection() { Close(); }

void Connection::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

void Connection::Send(std::string_view method, std::string_view path, const http::Headers& headers,
                      std::string_view body) {
  std::string out = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n";
  for (const auto& [name, value] : headers.fields()) out += name + ": " + value + "\r\n";
  out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  out += body;
  for (size_t sent = 0; sent < out.size();) {
    const ssize_t count = send(fd_, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<size_t>(count);
  }
}

bool Connection::Fill() {
  pollfd waiting{fd_, POLLIN, 0};
  if (fd_ < 0 || poll(&waiting, 1, kPatienceMs) <= 0) return false;
  char bytes[65536];
  const ssize_t count = recv(fd_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  buffer_.append(bytes, static_cast<size_t>(count));
  return true;
}

Reply Connection::ReadHead() {
  Reply reply;
  size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return reply;
  }
  size_t at = buffer_.find("\r\n");
  reply.status = std::atoi(buffer_.c_str() + buffer_.find(' '));
  while (at < end) {
    at += 2;
    const size_t line_end = buffer_.find("\r\n", at);
    const size_t colon = buffer_.find(": ", at);
    reply.headers.Add(buffer_.substr(at, colon - at), buffer_.substr(colon + 2, line_end - colon - 2));
    at = line_end;
  }
  buffer_.erase(0, end + 4);
  chunked_ = reply.headers.HasToken("Transfer-Encoding", "chunked");
  left_ =
      chunked_
          ? 0
          : static_cast<size_t>(std::atoll(std::string(reply.headers.Get("Content-Length", "0")).c_str()));
  ended_ = !chunked_ && left_ == 0;
  return reply;
}

bool Connection::NextChunk() {
  while (true) {
    if (buffer_.compare(0, 2, "\r\n") == 0) buffer_.erase(0, 2);
    const size_t end = buffer_.find("\r\n");
    if (end != std::string::npos && end > 0) {
      left_ = std::strtoul(buffer_.c_str(), nullptr, 16);
      buffer_.erase(0, end + 2);
      ended_ = left_ == 0;
      return !ended_;
    }
    if (!Fill()) {
      ended_ = true;
      return false;
    }
  }
}

std::string Connection::ReadBody(size_t size) {
  std::string out;
  while (out.size() < size && !ended_) {
    if (left_ == 0 && (!chunked_ || !NextChunk())) break;
    if (buffer_.empty() && !Fill()) break;
    const size_t count = std::min({size - out.size(), left_, buffer_.size()});
    out.append(buffer_, 0, count);
    buffer_.erase(0, count);
    left_ -= count;
  }
  return out;
}

std::string Connection::ReadRest() { return ReadBody(std::string::npos); }

Reply Call(const std::string& url, std::string_view method, std::string_view path,
           const http::Headers& headers, std::string_view body) {
  Connection connection(url);
  connection.Send(method, path, headers, body);
  Reply reply = connection.ReadHead();
  reply.body = connection.ReadRest();
  return reply;
}

grpc::Status FakeTraining::IngestEvents(grpc::ServerContext* context,
                                        const training::v1::IngestEventsRequest* request,
                                        training::v1::IngestEventsResponse* response) {
  std::lock_guard lock(mutex);
  ++calls;
  last = *request;
  last_authorization.clear();
  for (const auto& [name, value] : context->client_metadata()) {
    if (name == "authorization") last_authorization.assign(value.data(), value.size());
  }
  for (int i = 0; i < request->events_size(); ++i) {
    const auto& event = request->events(i).session_completed();
    auto* result = response->add_results();
    result->set_index(static_cast<uint32_t>(i));
    result->set_id(event.context().id());
    result->set_entity("session/" + event.session_id());
    result->set_status(event::v1::EVENT_STATUS_ACCEPTED);
    if (event.context().id() == "away") {
      google::rpc::Status error = rpc::ToRpcStatus(
          WithErrorId(Unavailable("Kafka is away: send again."), error_id::kKafkaUnavailable));
      rpc::AddRetryInfo(error, std::chrono::seconds(3));
      return rpc::ToGrpc(error);
    }
    if (event.context().id() == "reject") {
      const std::string field = "events[" + std::to_string(i) + "].session_completed.minutes";
      google::rpc::BadRequest bad;
      bad.add_field_violations()->set_field(field);
      bad.mutable_field_violations(0)->set_description("must be at most 2400");
      bad.mutable_field_violations(0)->set_reason("RANGE");
      bad.mutable_field_violations(0)->mutable_localized_message()->set_message("不得超过 2400");
      *result->mutable_error() = rpc::ToRpcStatus(
          WithErrorId(InvalidArgument(field + " must be at most 2400"), error_id::kEventInvalid));
      result->mutable_error()->add_details()->PackFrom(bad);
      result->set_status(event::v1::EVENT_STATUS_REJECTED);
    }
  }
  if (request->events_size() > 0) {
    response->mutable_token()->add_plant_ids("PL1");
    auto* position = response->mutable_token()->add_positions();
    position->set_topic("yokoten.training.v1");
    position->set_partition(2);
    position->set_offset(41);
  }
  return grpc::Status::OK;
}

grpc::Status FakeInsight::ListKpis(grpc::ServerContext* context, const insight::v1::ListKpisRequest*,
                                   insight::v1::ListKpisResponse* response) {
  context->AddInitialMetadata("x-first", "one");
  context->AddTrailingMetadata("x-last", "two");
  for (int i = 0; i < 200; ++i) {
    auto* kpi = response->add_kpis();
    kpi->set_id("first_pass_yield");
    kpi->set_name_zh("一次合格率");
  }
  return grpc::Status::OK;
}

grpc::Status FakeInsight::GetKpiSeries(grpc::ServerContext*, const insight::v1::GetKpiSeriesRequest* request,
                                       insight::v1::GetKpiSeriesResponse*) {
  return rpc::ToGrpc(
      WithErrorId(NotFound("There is no KPI \"" + request->kpi_id() + "\"."), "yk-kpi-unknown"));
}

grpc::Status FakeInsight::GetFreshness(grpc::ServerContext* context, const insight::v1::GetFreshnessRequest*,
                                       insight::v1::GetFreshnessResponse*) {
  std::unique_lock lock(mutex_);
  ++open_;
  changed_.notify_all();
  while (!context->IsCancelled()) changed_.wait_for(lock, kTick);
  --open_;
  changed_.notify_all();
  return grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "Too late.");
}

grpc::Status FakeInsight::WatchKpis(grpc::ServerContext* context,
                                    const insight::v1::WatchKpisRequest* request,
                                    grpc::ServerWriter<insight::v1::WatchKpisResponse>* writer) {
  insight::v1::WatchKpisResponse message;
  message.mutable_freshness()->set_rollup_lag(7);
  writer->Write(message);
  const std::string what = request->plant_ids_size() > 0 ? request->plant_ids(0) : "";
  if (what == "end") return grpc::Status::OK;
  if (what == "fail") {
    return rpc::ToGrpc(WithErrorId(Unavailable("ClickHouse is away."), "yk-clickhouse-unavailable"));
  }
  std::unique_lock lock(mutex_);
  ++open_;
  changed_.notify_all();
  int seen = changes_;
  while (!context->IsCancelled()) {
    changed_.wait_for(lock, kTick);
    if (seen == changes_) continue;
    seen = changes_;
    message.Clear();
    message.add_changes()->set_plant_id("PL1");
    message.mutable_changes(0)->set_version(static_cast<uint64_t>(seen));
    lock.unlock();
    writer->Write(message);
    lock.lock();
  }
  --open_;
  changed_.notify_all();
  return grpc::Status(grpc::StatusCode::CANCELLED, "The caller left.");
}

void FakeInsight::Change() {
  std::lock_guard lock(mutex_);
  ++changes_;
  changed_.notify_all();
}

bool FakeInsight::AwaitOpen(int count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return open_ == count; });
}

World::World(const std::function<void(Options*)>& change) {
  rpc::ServerOptions server;
  server.listen_address = "127.0.0.1:0";
  server.drain = std::chrono::milliseconds(200);
  auto created = rpc::Server::Create(server);
  EXPECT_TRUE(created.ok()) << Message(created.status());
  backend = *std::move(created);
  backend->Register(&training);
  backend->Register(&insight);
  EXPECT_TRUE(backend->Start().ok());
  Options options;
  options.listen_address = "127.0.0.1:0";
  options.default_backend = "127.0.0.1:1";
  options.backends = {{"training", backend->BoundAddress()}, {"insight", backend->BoundAddress()}};
  options.drain = std::chrono::milliseconds(1000);
  if (change) change(&options);
  gateway = std::make_unique<Gateway>(options);
  const Status started = gateway->Start();
  EXPECT_TRUE(started.ok()) << Message(started);
  url = gateway->Url();
}

World::~World() {
  gateway->Stop();
  backend->Stop();
}

}  // namespace yokoten::gateway

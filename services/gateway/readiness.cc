// See readiness.h.
#include "gateway/readiness.h"

#include <atomic>

#include "gateway/proto_json.h"

namespace yokoten::gateway {

namespace {

constexpr auto kHoldsFor = std::chrono::milliseconds(500);
constexpr auto kPatience = std::chrono::milliseconds(1500);

}  // namespace

struct Readiness::Round {
  struct Item {
    const Service* service = nullptr;
    bool serving = false;
    std::string why;
  };
  std::vector<Item> items;
  std::atomic<size_t> waiting{0};
};

void Readiness::Answer(const std::shared_ptr<http::Response>& response, bool ready, const std::string& body) {
  http::Headers headers{{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  if (!ready) headers.Set("Retry-After", "1");
  response->Send(ready ? 200 : 503, headers, body).IgnoreError();
}

void Readiness::Drain() {
  std::lock_guard lock(mutex_);
  draining_ = true;
}

void Readiness::Handle(const std::shared_ptr<http::Response>& response) {
  auto round = std::make_shared<Round>();
  {
    std::lock_guard lock(mutex_);
    if (draining_)
      return Answer(response, false, "{\"ready\":false,\"reason\":\"The gateway is stopping.\"}\n");
    if (!body_.empty() && std::chrono::steady_clock::now() - asked_ < kHoldsFor)
      return Answer(response, ready_, body_);
    waiting_.push_back(response);
    if (asking_) return;
    asking_ = true;
  }
  for (const Service& service : catalog_.services()) {
    if (!service.target.empty()) round->items.push_back({&service, false, ""});
  }
  round->waiting = round->items.size();
  const auto deadline = std::chrono::system_clock::now() + kPatience;
  const Method& check = catalog_.HealthCheck();
  for (Round::Item& item : round->items) {
    const auto request = NewMessage(check.descriptor->input_type());
    request->GetReflection()->SetString(request.get(), request->GetDescriptor()->field(0),
                                        item.service->name);
    calls_.Unary(
        CallRequest{item.service->backend, check.path, BufferOf(request->SerializeAsString()), deadline, {}},
        [this, round, &item](UnaryReply reply) {
          const auto answer = NewMessage(catalog_.HealthCheck().descriptor->output_type());
          const std::string& address = item.service->backend->address;
          if (reply.status.error_code() == grpc::StatusCode::NOT_FOUND) {
            item.why = "The server at " + address + " does not have this service.";
          } else if (!reply.status.ok()) {
            item.why = "No answer from " + address + ": " + reply.status.error_message();
          } else if (answer->ParseFromString(BytesOf(reply.body))) {
            const auto* value = answer->GetReflection()->GetEnum(*answer, answer->GetDescriptor()->field(0));
            item.serving = value->name() == "SERVING";
            if (!item.serving) item.why = "The server at " + address + " says " + value->name() + ".";
          }
          if (--round->waiting == 0) Finish(round);
        });
  }
}

void Readiness::Finish(const std::shared_ptr<Round>& round) {
  bool ready = true;
  std::string services;
  for (const Round::Item& item : round->items) {
    ready = ready && item.serving;
    if (!services.empty()) services += ",\n";
    services += "{\"service\":";
    AppendJsonString(item.service->name, &services);
    services += ",\"target\":";
    AppendJsonString(item.service->target, &services);
    services += item.serving ? ",\"serving\":true" : ",\"serving\":false";
    if (!item.why.empty()) {
      services += ",\"reason\":";
      AppendJsonString(item.why, &services);
    }
    services += '}';
  }
  const std::string body =
      std::string("{\"ready\":") + (ready ? "true" : "false") + ",\"services\":[\n" + services + "\n]}\n";
  std::vector<std::shared_ptr<http::Response>> waiting;
  {
    std::lock_guard lock(mutex_);
    asking_ = false;
    ready_ = ready;
    body_ = body;
    asked_ = std::chrono::steady_clock::now();
    waiting.swap(waiting_);
  }
  for (const auto& response : waiting) Answer(response, ready, body);
}

}  // namespace yokoten::gateway

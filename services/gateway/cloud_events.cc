// See cloud_events.h. A round is one HTTP request: its events are sent to their domains' services side by
// side, and the last answer to come in answers the client.
#include "gateway/cloud_events.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

#include <google/rpc/error_details.pb.h>

#include "base/error_ids.h"
#include "gateway/cloud_event.h"
#include "gateway/connect.h"
#include "gateway/ingest_batch.h"
#include "gateway/json_reader.h"
#include "gateway/proto_json.h"

namespace yokoten::gateway {

namespace {

using event::v1::ConsistencyToken;
using event::v1::EventResult;
using events::Violation;

constexpr std::string_view kStructured = "application/cloudevents+json";
constexpr std::string_view kBatch = "application/cloudevents-batch+json";
constexpr size_t kAttributesRoom = 64u << 10;

enum class Mode { kBinary, kStructured, kBatch };

// Whether sending the same again may help.
bool WorthRetry(int code) {
  switch (code) {
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::UNIMPLEMENTED:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::OUT_OF_RANGE:
      return false;
    default:
      return true;
  }
}

std::string_view StatusWord(event::v1::EventStatus status) {
  switch (status) {
    case event::v1::EVENT_STATUS_ACCEPTED:
      return "accepted";
    case event::v1::EVENT_STATUS_REJECTED:
      return "rejected";
    default:
      return "retry";
  }
}

void Member(std::string_view name, std::string_view value, std::string* out) {
  if (out->back() != '{') out->push_back(',');
  AppendJsonString(name, out);
  out->push_back(':');
  AppendJsonString(value, out);
}

void AppendError(const google::rpc::Status& error, std::string* out) {
  const ErrorSummary summary = Summarize(error);
  Member("code", summary.code, out);
  Member("field", summary.field, out);
  Member("rule", summary.rule, out);
  Member("message_zh", summary.message_zh, out);
  Member("message_en", summary.message_en, out);
}

void AppendResult(const EventResult& result, std::string* out) {
  out->append("{\"index\":").append(std::to_string(result.index()));
  Member("id", result.id(), out);
  if (!result.entity().empty()) Member("entity", result.entity(), out);
  Member("status", StatusWord(result.status()), out);
  if (result.status() != event::v1::EVENT_STATUS_ACCEPTED) AppendError(result.error(), out);
}

void MergeToken(const ConsistencyToken& from, ConsistencyToken* into) {
  for (const std::string& plant : from.plant_ids()) {
    const auto& plants = into->plant_ids();
    if (std::find(plants.begin(), plants.end(), plant) == plants.end()) into->add_plant_ids(plant);
  }
  // Topics differ from domain to domain, so positions never meet.
  into->mutable_positions()->MergeFrom(from.positions());
}

}  // namespace

struct CloudEventsHandler::Round {
  // One domain's share.
  struct Part {
    const Method* method = nullptr;
    std::string wire;
    std::vector<uint32_t> items;
    std::vector<const google::protobuf::FieldDescriptor*> wrapper_fields;  // of each item
  };

  Round(RequestMetrics& metrics_in, std::shared_ptr<http::Response> response_in)
      : metrics(metrics_in), response(std::move(response_in)) {}

  void Refuse(uint32_t index, const CloudEvent* from, const Violation& violation, bool from_data) {
    const std::string id(from == nullptr ? std::string_view() : from->Get("id"));
    results[index] = Refused(index, id, "", violation,
                             from_data ? error_id::kEventMalformed : error_id::kCloudEventInvalid);
  }

  void Add(uint32_t index, const std::variant<CloudEvent, Violation>& read, const Catalog& catalog,
           size_t bytes_max) {
    if (const auto* violation = std::get_if<Violation>(&read))
      return Refuse(index, nullptr, *violation, false);
    const CloudEvent& from = std::get<CloudEvent>(read);
    if (from.data.size() > bytes_max) {
      results[index] = TooLarge(index, "", from.data.size(), bytes_max);
      return;
    }
    bool from_data = false;
    const std::variant<BoundEvent, Violation> bound = BindCloudEvent(from, &from_data);
    if (const auto* violation = std::get_if<Violation>(&bound))
      return Refuse(index, &from, *violation, from_data);
    const BoundEvent& event = std::get<BoundEvent>(bound);
    Part& part = parts[event.domain];
    part.method = catalog.IngestOf(*event.domain);
    AppendWireEvent(*event.wrapper_field, event.event->SerializeAsString(), &part.wire);
    part.items.push_back(index);
    part.wrapper_fields.push_back(event.wrapper_field);
    results[index].set_id(std::string(from.Get("id")));
  }

  // A share's answer. Any thread.
  void Answered(const Part& part, const UnaryReply& reply) {
    const std::unique_ptr<google::protobuf::Message> message =
        NewMessage(part.method->descriptor->output_type());
    std::lock_guard lock(mutex);
    google::rpc::Status error = FromGrpc(reply.status);
    if (reply.status.ok()) {
      JsonBatch batch;
      batch.sent = part.items;
      if (!message->ParseFromString(BytesOf(reply.body))) {
        error = MakeError(grpc::StatusCode::INTERNAL, "The service's answer is not readable.");
      } else if (const auto merge = MergeResults(batch, message.get())) {
        error = *merge;
      } else {
        const auto* reflection = message->GetReflection();
        const auto* descriptor = message->GetDescriptor();
        const auto* field = descriptor->FindFieldByName("results");
        for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
          const auto& result =
              static_cast<const EventResult&>(reflection->GetRepeatedMessage(*message, field, i));
          results[result.index()] = result;
          if (!result.has_error()) continue;
          // The sender knows nothing of the batch between us and the service: fields are named from the event
          // on.
          const std::string event =
              EventPath(result.index()) + "." + part.wrapper_fields[static_cast<size_t>(i)]->name();
          RenameFields(event + ".", "", results[result.index()].mutable_error());
          RenameFields(event, "", results[result.index()].mutable_error());
        }
        MergeToken(static_cast<const ConsistencyToken&>(
                       reflection->GetMessage(*message, descriptor->FindFieldByName("token"))),
                   &token);
        return;
      }
    }
    for (const uint32_t index : part.items) {
      EventResult& result = results[index];
      result.set_index(index);
      result.set_status(WorthRetry(error.code()) ? event::v1::EVENT_STATUS_RETRY
                                                 : event::v1::EVENT_STATUS_REJECTED);
      *result.mutable_error() = error;
    }
  }

  void Reply() {
    http::Headers headers{{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
    std::string token_json;
    if (token.positions_size() > 0) {
      headers.Set("Yokoten-Consistency-Token", Base64Encode(token.SerializeAsString()));
      MessageToJson(token, &token_json).IgnoreError();
    }
    size_t retries = 0;
    int seconds = 1;
    for (const EventResult& result : results) {
      if (result.status() == event::v1::EVENT_STATUS_ACCEPTED ||
          result.status() == event::v1::EVENT_STATUS_REJECTED) {
        continue;
      }
      ++retries;
      seconds = std::max(seconds, RetryAfterSeconds(result.error()).value_or(1));
    }
    if (retries > 0) headers.Set("Retry-After", std::to_string(seconds));
    int status = 200;
    std::string body;
    if (batch) {
      if (retries > 0 && retries == results.size()) status = 503;
      body = "{\"results\":[";
      for (const EventResult& result : results) {
        if (body.back() != '[') body.push_back(',');
        AppendResult(result, &body);
        body.push_back('}');
      }
      body.push_back(']');
    } else {
      const EventResult& result = results.front();
      if (retries > 0) {
        status = 503;
      } else if (result.status() == event::v1::EVENT_STATUS_REJECTED) {
        const int code = result.error().code();
        status = code == grpc::StatusCode::INVALID_ARGUMENT ? 400 : ConnectHttpStatus(code);
      }
      AppendResult(result, &body);
    }
    if (!token_json.empty()) body += ",\"token\":" + token_json;
    body.push_back('}');
    response->Send(status, headers, std::move(body)).IgnoreError();
    metrics.Count("/v1/events",
                  status == 200   ? "ok"
                  : status == 503 ? "unavailable"
                                  : "invalid_argument",
                  std::chrono::steady_clock::now() - begin);
  }

  // The request as a whole is refused.
  void RefuseAll(int status, const google::rpc::Status& error, http::Headers headers = {}) {
    std::string body = "{";
    AppendError(error, &body);
    headers.Set("Content-Type", "application/json");
    if (const auto seconds = RetryAfterSeconds(error)) headers.Set("Retry-After", std::to_string(*seconds));
    response->Send(status, headers, body + "}").IgnoreError();
    metrics.Count("/v1/events", ConnectCodeName(error.code()), std::chrono::steady_clock::now() - begin);
  }

  RequestMetrics& metrics;
  const std::shared_ptr<http::Response> response;
  const std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  bool batch = false;
  Metadata metadata;
  std::map<const events::Domain*, Part> parts;
  std::atomic<size_t> waiting{0};
  std::mutex mutex;
  std::vector<EventResult> results;  // guarded by mutex once parts are under way, as token
  ConsistencyToken token;
};

void CloudEventsHandler::Handle(http::Request& request, const std::shared_ptr<http::Response>& response) {
  auto round = std::make_shared<Round>(metrics_, response);
  if (request.method != "POST") {
    return round->RefuseAll(405, MakeError(grpc::StatusCode::UNIMPLEMENTED, "Send events with POST."),
                            {{"Allow", "POST"}});
  }
  const std::string type = MediaType(request.headers.Get("Content-Type"));
  Mode mode = Mode::kBinary;
  if (type == kStructured) {
    mode = Mode::kStructured;
  } else if (type == kBatch) {
    mode = Mode::kBatch;
  } else if (type.rfind("application/cloudevents", 0) == 0 || !request.headers.Has("ce-specversion")) {
    return round->RefuseAll(
        415,
        MakeError(
            grpc::StatusCode::INVALID_ARGUMENT,
            "Send a CloudEvent: ce-* headers with application/json or application/protobuf (binary mode), " +
                std::string(kStructured) + ", or " + std::string(kBatch) + "."),
        {{"Accept-Post", std::string(kStructured) + ", " + std::string(kBatch) + ", application/json"}});
  }
  const size_t bytes_max =
      mode == Mode::kBatch ? limits_.cloud_batch_bytes_max : limits_.event_bytes_max + kAttributesRoom;
  std::variant<std::string, google::rpc::Status> body = ReadBody(request, bytes_max);
  if (const auto* error = std::get_if<google::rpc::Status>(&body)) {
    const bool large = error->code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
    return round->RefuseAll(large ? 413 : ConnectHttpStatus(error->code()), *error);
  }
  std::string text = std::move(std::get<std::string>(body));
  round->metadata = ForwardedMetadata(request.headers);
  if (mode == Mode::kBatch) {
    round->batch = true;
    JsonReader reader(text);
    std::vector<std::string_view> items;
    bool read = reader.BeginArray();
    while (read && reader.NextElement()) {
      std::string_view item;
      if (!reader.SliceValue(&item)) break;
      items.push_back(item);
      if (items.size() > limits_.cloud_events_max) {
        return round->RefuseAll(
            413, MakeError(grpc::StatusCode::RESOURCE_EXHAUSTED,
                           "A batch may have at most " + std::to_string(limits_.cloud_events_max) +
                               " events: split it.",
                           error_id::kBatchTooLarge));
      }
    }
    if (!reader.ok() || !reader.AtEnd()) {
      return round->RefuseAll(
          400,
          MakeError(grpc::StatusCode::INVALID_ARGUMENT,
                    "The batch is not a JSON list of events at its byte " + std::to_string(reader.offset()) +
                        ": " + std::string(reader.ok() ? "something follows it" : reader.error()) + ".",
                    error_id::kBatchMalformed));
    }
    round->results.resize(items.size());
    for (uint32_t index = 0; index < items.size(); ++index) {
      round->Add(index, ReadStructuredCloudEvent(items[index]), catalog_, limits_.event_bytes_max);
    }
  } else {
    round->results.resize(1);
    round->Add(0,
               mode == Mode::kStructured ? ReadStructuredCloudEvent(text)
                                         : ReadBinaryCloudEvent(request.headers, std::move(text)),
               catalog_, limits_.event_bytes_max);
  }
  Send(std::move(round));
}

void CloudEventsHandler::Send(std::shared_ptr<Round> round) {
  if (round->parts.empty()) return round->Reply();
  round->waiting = round->parts.size();
  const auto deadline = std::chrono::system_clock::now() + limits_.call_time_max;
  for (auto& [domain, part] : round->parts) {
    calls_.Unary(CallRequest{part.method->backend, part.method->path, BufferOf(std::move(part.wire)),
                             deadline, round->metadata},
                 [round, &part](UnaryReply reply) {
                   round->Answered(part, reply);
                   if (--round->waiting == 0) round->Reply();
                 });
  }
}

}  // namespace yokoten::gateway

// The ingest targets as a process wires them, with a real Kafka behind: what is acknowledged is in the log.
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "app/app.h"
#include "app/config.h"
#include "base/error_ids.h"
#include "events/envelope.h"
#include "events/identity.h"
#include "examples/examples.h"
#include "improvement/wire.h"
#include "kafka/log_reader.h"
#include "kafka/topics.h"
#include "management/wire.h"
#include "operations/wire.h"
#include "relations/wire.h"
#include "rollout/wire.h"
#include "rpc/client.h"
#include "rpc/status.h"
#include "safety/wire.h"
#include "standard_work/wire.h"
#include "support/kafka.h"
#include "training/wire.h"
#include "yokoten/training/v1/service.grpc.pb.h"

namespace yokoten {
namespace {

using event::v1::EVENT_STATUS_ACCEPTED;
using event::v1::EVENT_STATUS_REJECTED;
using testing::HasSubstr;
using training::v1::IngestEventsRequest;
using training::v1::IngestEventsResponse;
using training::v1::TrainingEvent;
using training::v1::TrainingIngestService;

constexpr std::chrono::seconds kPatience{30};

// The ingest targets of one process, on a free port.
class Product {
 public:
  Product(const std::string& kafka, const std::string& prefix, std::vector<std::string> sets = {}) {
    sets.insert(sets.end(), {"kafka.bootstrap_servers=" + kafka, "deployment.topic_prefix=" + prefix,
                             "grpc.listen_address=127.0.0.1:0", "metrics.listen_address="});
    const auto config = app::LoadConfig("", sets);
    EXPECT_TRUE(config.ok()) << config.status();
    app_ = std::make_unique<app::App>(*config, std::vector<std::string>{"ingest"});
    for (auto* wire : {&standard_work::Wire, &training::Wire, &improvement::Wire, &safety::Wire,
                       &relations::Wire, &management::Wire, &rollout::Wire, &operations::Wire}) {
      const Status status = wire(app_->config(), *app_);
      EXPECT_TRUE(status.ok()) << status;
    }
    const Status status = app_->Start();
    EXPECT_TRUE(status.ok()) << status;
    channel = rpc::MakeChannel(app_->GrpcAddress());
    training = TrainingIngestService::NewStub(channel);
  }
  ~Product() { app_->Stop(); }

  Status WaitUntilReady() {
    const auto bound = std::chrono::steady_clock::now() + kPatience;
    Status status = app_->Readiness();
    while (!status.ok() && std::chrono::steady_clock::now() < bound) {
      std::this_thread::yield();
      status = app_->Readiness();
    }
    return status;
  }

  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<TrainingIngestService::Stub> training;

 private:
  std::unique_ptr<app::App> app_;
};

class IngestKafkaTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto kafka = test::Kafka::Start();
    ASSERT_TRUE(kafka.ok()) << kafka.status();
    kafka_ = std::move(*kafka);
  }
  static void TearDownTestSuite() { kafka_.reset(); }

  // A record copied out of the log: librdkafka's own messages must not outlive their reader.
  struct Stored {
    std::string key, value;
    std::vector<std::pair<std::string, std::string>> headers;
    bool append_time = false;
  };

  // Every record of a topic, partition by partition.
  static std::vector<Stored> ReadTopic(const std::string& topic) {
    std::vector<Stored> all;
    auto reader = kafka::LogReader::Create(kafka_->address());
    EXPECT_TRUE(reader.ok());
    const auto counts = (*reader)->PartitionCounts({topic}, kPatience);
    EXPECT_TRUE(counts.ok()) << counts.status();
    for (int32_t p = 0; counts.ok() && p < counts->at(topic); ++p) {
      const auto range = (*reader)->Range({topic, p}, kPatience);
      EXPECT_TRUE(range.ok()) << range.status();
      if (!range.ok() || range->next == range->first) continue;
      const auto messages = (*reader)->ReadAll({topic, p}, *range, kPatience);
      EXPECT_TRUE(messages.ok()) << messages.status();
      if (!messages.ok()) continue;
      for (const auto& message : *messages) {
        Stored& stored = all.emplace_back();
        stored.key = message.key();
        stored.value = message.value();
        for (const auto& [name, value] : message.headers()) stored.headers.emplace_back(name, value);
        stored.append_time = message.append_time();
      }
    }
    return all;
  }

  static std::string Header(const Stored& record, std::string_view name) {
    for (const auto& [header, value] : record.headers) {
      if (header == name) return value;
    }
    return "";
  }

  static std::unique_ptr<test::Kafka> kafka_;
};

std::unique_ptr<test::Kafka> IngestKafkaTest::kafka_;

TrainingEvent Session(const std::string& id) {
  static const auto examples = test::LoadExamples();
  TrainingEvent event;
  for (const auto& example : *examples) {
    if (example.type->short_name == "training.SessionCompleted")
      event.mutable_session_completed()->CopyFrom(*example.event);
  }
  event.mutable_session_completed()->mutable_context()->set_id(id);
  event.mutable_session_completed()->set_session_id("S-" + id);
  return event;
}

// Calls IngestEvents of any domain with one wrapped event.
event::v1::EventResult SendWrapped(Product& product, const events::Domain& domain,
                                   const google::protobuf::Message& wrapper) {
  const std::string event = wrapper.SerializeAsString();
  std::string request = "\x0a";  // field 1
  for (size_t n = event.size();; n >>= 7) {
    request += static_cast<char>(n < 0x80 ? n : (n & 0x7f) | 0x80);
    if (n < 0x80) break;
  }
  request += event;
  grpc::Slice slice(request);
  grpc::ByteBuffer in(&slice, 1), out;
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(product.channel);
  auto call =
      stub.PrepareUnaryCall(&context, "/" + domain.service->full_name() + "/IngestEvents", in, &queue);
  call->StartCall();
  grpc::Status status;
  call->Finish(&out, &status, &call);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  event::v1::EventResult result;
  if (!status.ok()) {
    result.mutable_error()->set_message(status.error_message());
    return result;
  }
  grpc::Slice answer;
  EXPECT_TRUE(out.DumpToSingleSlice(&answer).ok());
  IngestEventsResponse response;  // every domain's response has these fields
  EXPECT_TRUE(response.ParseFromArray(answer.begin(), static_cast<int>(answer.size())));
  return response.results_size() == 1 ? response.results(0) : result;
}

TEST_F(IngestKafkaTest, TheExampleOfEveryTypeBecomesACloudEventInItsDomainsTopic) {
  Product product(kafka_->address(), "examples.");
  const Status ready = product.WaitUntilReady();
  ASSERT_TRUE(ready.ok()) << ready;
  const auto& registry = events::Registry::Linked();
  const auto examples = test::LoadExamples();
  ASSERT_TRUE(examples.ok()) << examples.status();
  std::map<std::string, const test::Example*> expected;
  for (const auto& example : *examples) {
    const auto& domain = example.type->is_void() ? *registry.FindDomainByTarget("training")
                                                 : *registry.DomainOf(*example.type);
    const auto result = SendWrapped(product, domain, *test::Wrap(example));
    EXPECT_EQ(result.status(), EVENT_STATUS_ACCEPTED)
        << example.type->short_name << ": " << result.error().message();
    EXPECT_EQ(result.entity(), events::EntityOf(*example.type, *example.event));
    expected[events::ContextOf(*example.event).id()] = &example;
  }
  size_t found = 0;
  for (const auto& domain : registry.domains()) {
    for (const auto& message : ReadTopic("examples." + domain.topic)) {
      const auto at = expected.find(Header(message, "ce_id"));
      ASSERT_NE(at, expected.end()) << Header(message, "ce_id");
      const test::Example& example = *at->second;
      ++found;
      EXPECT_EQ(Header(message, "ce_specversion"), "1.0");
      EXPECT_EQ(Header(message, "ce_type"), example.type->full_name);
      EXPECT_EQ(Header(message, "ce_source"), events::ContextOf(*example.event).source());
      EXPECT_EQ(Header(message, "ce_plantid"), events::ContextOf(*example.event).plant_id());
      EXPECT_EQ(Header(message, "ce_subject"), events::EntityOf(*example.type, *example.event));
      EXPECT_EQ(Header(message, "content-type"), "application/protobuf");
      EXPECT_EQ(message.key, events::PartitionKeyOf(*example.type, *example.event));
      EXPECT_TRUE(message.append_time);
      const events::HeaderViews headers(message.headers.begin(), message.headers.end());
      const auto decoded = events::Decode(headers, message.value);
      ASSERT_TRUE(decoded.ok()) << decoded.status();
      EXPECT_EQ(events::ContentHash(*decoded->event), events::ContentHash(*example.event));
    }
  }
  EXPECT_EQ(found, registry.types().size());
}

TEST_F(IngestKafkaTest, OfSevenEventsFiveAreRefusedByNameAndKafkaHasExactlyTwo) {
  Product product(kafka_->address(), "seven.");
  ASSERT_TRUE(product.WaitUntilReady().ok());
  IngestEventsRequest request;
  for (int i = 0; i < 7; ++i) *request.add_events() = Session(std::to_string(i));
  auto session = [&](int i) { return request.mutable_events(i)->mutable_session_completed(); };
  session(1)->set_job_id("J-\xff");
  session(2)->set_result(static_cast<training::v1::SessionResult>(77));
  session(3)->set_job_id(std::string(2 << 20, 'J'));
  session(4)->mutable_context()->mutable_occurred_at()->set_seconds(4'000'000'000);
  session(5)->clear_person_ref();
  IngestEventsResponse response;
  grpc::ClientContext context;
  const auto status = product.training->IngestEvents(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const std::vector<std::string> named = {"",
                                          "events[1].session_completed.job_id",
                                          "events[2].session_completed.result",
                                          "1048576",
                                          "events[4].session_completed.context.occurred_at",
                                          "events[5].session_completed.person_ref",
                                          ""};
  for (int i = 0; i < 7; ++i) {
    const auto& text = named[static_cast<size_t>(i)];
    EXPECT_EQ(response.results(i).status(), text.empty() ? EVENT_STATUS_ACCEPTED : EVENT_STATUS_REJECTED)
        << i;
    EXPECT_THAT(response.results(i).error().message(), HasSubstr(text));
  }
  const auto records = ReadTopic("seven.yokoten.training.v1");
  std::set<std::string> ids;
  for (const auto& record : records) ids.insert(Header(record, "ce_id"));
  EXPECT_EQ(records.size(), 2u);
  EXPECT_EQ(ids, (std::set<std::string>{"0", "6"}));
  // The token names the last offset of each partition written.
  ASSERT_GE(response.token().positions_size(), 1);
  EXPECT_EQ(response.token().positions(0).topic(), "yokoten.training.v1");
}

TEST_F(IngestKafkaTest, KafkaAwayIsUnavailableWithRetryInfoWithinTheDeliveryTimeout) {
  Product product("127.0.0.1:" + std::to_string(test::FreePort()), "away.",
                  {"kafka.delivery_timeout_ms=500"});
  IngestEventsRequest request;
  *request.add_events() = Session("1");
  IngestEventsResponse response;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  const auto begun = std::chrono::steady_clock::now();
  const auto status = product.training->IngestEvents(&context, request, &response);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
  EXPECT_EQ(status.error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(ErrorIdOf(rpc::FromGrpc(status)), error_id::kKafkaUnavailable);
  bool retry = false;
  const google::rpc::Status details = rpc::DetailsOf(status);
  for (const auto& detail : details.details()) retry = retry || detail.Is<google::rpc::RetryInfo>();
  EXPECT_TRUE(retry);
}

// Last: it kills the broker the others use.
TEST_F(IngestKafkaTest, ZAcknowledgedEventsSurviveKafkasKill) {
  Product product(kafka_->address(), "killed.", {"kafka.delivery_timeout_ms=2000"});
  ASSERT_TRUE(product.WaitUntilReady().ok());
  std::set<std::string> acknowledged;
  std::atomic<int> sent{0};
  std::atomic<bool> stop{false};
  std::thread sender([&] {
    for (int batch = 0; !stop; ++batch) {
      IngestEventsRequest request;
      for (int i = 0; i < 5; ++i)
        *request.add_events() = Session(std::to_string(batch) + "-" + std::to_string(i));
      // The same events with the same ids until all of them are acknowledged.
      for (bool done = false; !done && !stop;) {
        IngestEventsResponse response;
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + kPatience);
        done = product.training->IngestEvents(&context, request, &response).ok();
        for (const auto& result : response.results()) {
          if (result.status() == EVENT_STATUS_ACCEPTED) {
            acknowledged.insert(result.id());
          } else {
            done = false;
          }
        }
      }
      ++sent;
    }
  });
  const auto wait_for_batches = [&](int n) {
    const auto bound = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (sent < n && std::chrono::steady_clock::now() < bound) std::this_thread::yield();
    return sent >= n;
  };
  EXPECT_TRUE(wait_for_batches(50));
  const Status restarted = kafka_->KillAndRestart();
  EXPECT_TRUE(restarted.ok()) << restarted;
  EXPECT_TRUE(wait_for_batches(sent + 50));
  stop = true;
  sender.join();
  std::set<std::string> stored;
  for (const auto& record : ReadTopic("killed.yokoten.training.v1")) stored.insert(Header(record, "ce_id"));
  for (const auto& id : acknowledged) EXPECT_TRUE(stored.contains(id)) << id;
  EXPECT_GE(acknowledged.size(), 500u);
}

}  // namespace
}  // namespace yokoten

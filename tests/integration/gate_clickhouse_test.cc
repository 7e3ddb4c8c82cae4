// The gate's answers over a real engine: at the end of a production day they are what the KPIs count.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "gate/loader.h"
#include "gate/service.h"
#include "kpi/plant_world.h"
#include "yokoten/gate/v1/service.grpc.pb.h"

namespace yokoten::gate {
namespace {

using test::PlantWorld;

class GateTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto warehouse = test::Warehouse::Start();
    ASSERT_TRUE(warehouse.ok()) << warehouse.status();
    warehouse_ = warehouse->release();
  }
  static void TearDownTestSuite() { delete warehouse_; }

  static std::shared_ptr<const Book> Load(PlantWorld& world) {
    auto books = LoadBooks(world.client(), kpi::Catalogue::Linked(), world.clock().now);
    EXPECT_TRUE(books.ok()) << books.status();
    if (!books.ok()) return nullptr;
    EXPECT_EQ(books->size(), 1u);
    return books->at("PL1");
  }

  static test::Warehouse* warehouse_;
};

test::Warehouse* GateTest::warehouse_ = nullptr;

v1::CanPerformResponse Ask(const Book& book, const std::string& person, const std::string& job, WallTime at) {
  v1::CanPerformRequest request;
  request.set_plant_id("PL1");
  request.set_person_ref(person);
  request.set_job_id(job);
  v1::CanPerformResponse response;
  Decide(book, request, at, &response);
  return response;
}

bool Trained(const v1::CanPerformResponse& response) {
  return std::any_of(response.evidence().begin(), response.evidence().end(), [](const auto& evidence) {
    return evidence.event_type() != "standard_work.RevisionReleased";
  });
}

// V12: six of eight required pairs of person and job are trained on the revision in force.
TEST_F(GateTest, AgreesWithTrainedOnCurrentRevisionOnTheMiniPlant) {
  PlantWorld world(*warehouse_, "gate_mini", std::vector<std::string>{"trained_on_current_revision"});
  world.clock().now = test::ParseInstant("2026-05-01T00:00:00+08:00");
  world.Add(test::FactsFile("mini_plant.facts"));
  const auto cells = world.client().Select(
      "SELECT toString(day) AS day, toInt64(numerator) AS n, toInt64(denominator) AS d FROM kpi_cell FINAL "
      "WHERE grain = "
      "'d' AND level = 'plant' AND day >= '2026-03-30' AND day <= '2026-04-30' ORDER BY day");
  ASSERT_TRUE(cells.ok()) << cells.status();
  ASSERT_EQ(cells->size(), 32u);
  std::set<std::string> shares;
  for (size_t i = 0; i < cells->size(); ++i) {
    SCOPED_TRACE(cells->Text(i, "day"));
    // The gate as it stands in the last microsecond of the day. Shanghai: days end at 16:00 UTC.
    world.clock().now =
        FromMicros((ParseDay(cells->Text(i, "day"))->value + 1) * 86'400'000'000LL - 8 * 3'600'000'000LL - 1);
    const auto book = Load(world);
    ASSERT_NE(book, nullptr);
    int trained = 0, required = 0;
    for (const auto& [person, spans] : book->people) {
      for (const auto& [job, definitions] : book->jobs) {
        const auto answer = Ask(*book, person, job, world.clock().now);
        EXPECT_EQ(answer.production_day(), cells->Text(i, "day"));
        const bool needed = std::any_of(definitions.begin(), definitions.end(),
                                        [](const Job& definition) { return definition.requires_sw; });
        if (!answer.assigned() || !needed || answer.reason() == v1::GATE_REASON_UNKNOWN_JOB) continue;
        ++required;
        trained += Trained(answer) ? 1 : 0;
        EXPECT_EQ(Trained(answer), answer.reason() == v1::GATE_REASON_ALLOWED ||
                                       answer.reason() == v1::GATE_REASON_NOT_QUALIFIED)
            << person << " " << job;
      }
    }
    EXPECT_EQ(trained, cells->Int(i, "n"));
    EXPECT_EQ(required, cells->Int(i, "d"));
    shares.insert(cells->Text(i, "n") + "/" + cells->Text(i, "d"));
  }
  EXPECT_TRUE(shares.contains("6/8"));
  EXPECT_GE(shares.size(), 3u);  // it changes within these days
}

TEST_F(GateTest, TheEvidenceIsTheEventsTheAnswerRestsOn) {
  PlantWorld world(*warehouse_, "gate_evidence", std::vector<std::string>{"trained_on_current_revision"});
  world.clock().now = test::ParseInstant("2026-04-30T12:00:00+08:00");
  world.Add(test::FactsFile("mini_plant.facts"));
  world.Add(test::FactsFile("gate_level.facts"));
  auto book = Load(world);
  ASSERT_NE(book, nullptr);
  const auto answer = Ask(*book, "E1", "J1", world.clock().now);
  EXPECT_TRUE(answer.allowed()) << answer.reason_en();
  EXPECT_EQ(answer.level(), 3);
  EXPECT_EQ(answer.revision_no(), 2);
  std::set<std::string> ids;
  for (const auto& evidence : answer.evidence()) {
    const auto there =
        world.client().Select("SELECT count() AS n FROM event_key WHERE event_id = '" + evidence.id() + "'");
    ASSERT_TRUE(there.ok());
    EXPECT_EQ(there->Int(0, "n"), 1) << evidence.id();
    ids.insert(evidence.id());
  }
  EXPECT_TRUE(ids.contains("level"));
  // The assessment is taken back: no level, and nothing that says trained but the session before.
  world.Add(test::FactsFile("gate_revoked.facts"));
  book = Load(world);
  EXPECT_EQ(Ask(*book, "E1", "J1", world.clock().now).reason(), v1::GATE_REASON_NOT_TRAINED);
}

// How long an answer takes over gRPC on one connection; the bound is the product's promise with room for a
// busy machine, the figure is printed.
class FromBook final : public v1::GateService::Service {
 public:
  FromBook(std::shared_ptr<const Book> book, WallTime at) : current_{std::move(book), at} {}
  grpc::Status CanPerform(grpc::ServerContext*, const v1::CanPerformRequest* request,
                          v1::CanPerformResponse* response) override {
    const Status status = Answer(*request, current_, current_.facts_until, response);
    return status.ok() ? grpc::Status::OK : grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, Message(status));
  }

 private:
  const Current current_;
};

TEST_F(GateTest, AnswersInMilliseconds) {
  PlantWorld world(*warehouse_, "gate_time", std::vector<std::string>{"trained_on_current_revision"});
  world.clock().now = test::ParseInstant("2026-04-30T12:00:00+08:00");
  world.Add(test::FactsFile("mini_plant.facts"));
  FromBook service(Load(world), world.clock().now);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  const auto stub = v1::GateService::NewStub(
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
  v1::CanPerformRequest request;
  request.set_plant_id("PL1");
  request.set_person_ref("E1");
  request.set_job_id("J1");
  std::vector<double> took;
  for (int i = 0; i < 3000; ++i) {
    grpc::ClientContext context;
    v1::CanPerformResponse response;
    const auto begun = std::chrono::steady_clock::now();
    const grpc::Status status = stub->CanPerform(&context, request, &response);
    took.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  server->Shutdown();
  std::sort(took.begin(), took.end());
  std::printf("    CanPerform: p50 %.3f ms, p99 %.3f ms, of %zu calls\n", took[took.size() / 2],
              took[took.size() * 99 / 100], took.size());
  EXPECT_LT(took[took.size() / 2], 5.0);
}

}  // namespace
}  // namespace yokoten::gate

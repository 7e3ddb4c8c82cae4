#include "cli/import/import_run.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include "events/identity.h"
#include "yokoten/admin/v1/service.grpc.pb.h"
#include "yokoten/insight/v1/service.grpc.pb.h"
#include "yokoten/operations/v1/service.grpc.pb.h"

namespace yokoten::cli {
namespace {

using insight::v1::LookupEventsResponse;
using ::testing::HasSubstr;

// The services an import speaks to, with one memory behind them.
struct World : operations::v1::OperationsIngestService::Service {
  grpc::Status StreamEvents(grpc::ServerContext*,
                            grpc::ServerReaderWriter<operations::v1::StreamEventsResponse,
                                                     operations::v1::StreamEventsRequest>* stream) override {
    operations::v1::StreamEventsRequest request;
    while (stream->Read(&request)) {
      operations::v1::StreamEventsResponse response;
      response.set_sequence(request.sequence());
      for (const auto& event : request.events()) {
        if (takes == 0) return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "the end");
        --takes;
        Take(event);
        response.add_results()->set_status(event::v1::EVENT_STATUS_ACCEPTED);
      }
      stream->Write(response);
    }
    return grpc::Status::OK;
  }
  void Take(const operations::v1::OperationsEvent& event) {
    std::lock_guard lock(mutex);
    ++taken;
    if (event.has_voided()) {
      stored[event.voided().voids().id()].set_voided(true);
      return;
    }
    const auto& hours = event.hours_reported();
    const auto& context = hours.context();
    auto hash = events::ContentHash(hours);
    auto& one = stored[context.has_corrects() ? context.corrects().id() : context.id()];
    one.set_content_hash(hash.data(), hash.size());
    if (context.has_corrects()) return one.set_corrections(one.corrections() + 1);
    one.set_id(context.id());
    one.set_event_type("operations.HoursReported");
    one.set_plant_id(context.plant_id());
    one.set_entity("hours/PL1/W1/");
  }
  std::mutex mutex;
  std::map<std::string, LookupEventsResponse::StoredEvent> stored;
  int taken = 0;
  std::atomic<int> takes{1'000'000};
  std::vector<admin::v1::Person> persons;
};

struct Insight final : insight::v1::InsightService::Service {
  explicit Insight(World& w) : world(w) {}
  grpc::Status LookupEvents(grpc::ServerContext*, const insight::v1::LookupEventsRequest* request,
                            LookupEventsResponse* response) override {
    std::lock_guard lock(world.mutex);
    for (const auto& [id, one] : world.stored) {
      bool asked = request->ids().empty() ||
                   std::find(request->ids().begin(), request->ids().end(), id) != request->ids().end();
      if (asked) *response->add_events() = one;
    }
    return grpc::Status::OK;
  }
  grpc::Status ListKpis(grpc::ServerContext*, const insight::v1::ListKpisRequest*,
                        insight::v1::ListKpisResponse* response) override {
    auto* kpi = response->add_kpis();
    kpi->set_id("trir");
    kpi->add_reads()->set_event("operations.HoursReported");
    return grpc::Status::OK;
  }
  World& world;
};

struct Admin final : admin::v1::AdminService::Service {
  explicit Admin(World& w) : world(w) {}
  grpc::Status PutPersons(grpc::ServerContext*, const admin::v1::PutPersonsRequest* request,
                          admin::v1::PutPersonsResponse* response) override {
    std::lock_guard lock(world.mutex);
    world.persons.insert(world.persons.end(), request->persons().begin(), request->persons().end());
    response->set_written(request->persons_size());
    return grpc::Status::OK;
  }
  World& world;
};

constexpr char kMapping[] = R"(
  source: "/plants/PL1/hours" key_columns: "no" replaces: REPLACES_ALL_OF_SOURCE
  persons { number_column: "by" name_column: "name" plant: "PL1" }
  events {
    type: "operations.HoursReported"
    fields { field: "context.plant_id" constant: "PL1" }
    fields { field: "context.workshop_id" constant: "W1" }
    fields { field: "context.occurred_on" column: "day" }
    fields { field: "production_day" column: "day" }
    fields { field: "worker_type" constant: "employee" }
    fields { field: "hours_worked" column: "hours" }
    fields { field: "snapshot_version" constant: "1" }
    fields { field: "basis" constant: "actual" }
  })";

class ImportRunTest : public ::testing::Test {
 protected:
  ImportRunTest() : insight_(world_), admin_(world_) {
    grpc::ServerBuilder builder;
    builder.RegisterService(&world_);
    builder.RegisterService(&insight_);
    builder.RegisterService(&admin_);
    server_ = builder.BuildAndStart();
    connection_ = Connection::To(server_->InProcessChannel({}));
    folder_ = ::testing::TempDir() + "/import-" + std::to_string(getpid()) + "-" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
    request_.mapping_path = folder_ + "/hours.map";
    request_.file_path = folder_ + "/hours.csv";
    request_.journal_path = folder_ + "/journal";
    request_.person_key_path = folder_ + "/key";
    Write(request_.mapping_path, kMapping);
    Write(request_.person_key_path, "0123456789abcdef0123456789abcdef");
  }
  ~ImportRunTest() override {
    server_->Shutdown();
    std::filesystem::remove_all(folder_);
  }
  static void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }
  static std::string Rows(int count) {
    std::string text = "no,day,hours,by,name\n";
    for (int i = 0; i < count; ++i) {
      text += std::to_string(i) + "," + FormatDay(FromCivil(2015, 1, 1) + i) + ",40,0042,N\n";
    }
    return text;
  }
  ImportSummary Import() {
    auto summary = RunImport(connection_, request_, SystemClock());
    EXPECT_TRUE(summary.ok()) << summary.status();
    return summary.ok() ? *std::move(summary) : ImportSummary();
  }

  World world_;
  Insight insight_;
  Admin admin_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<Connection> connection_;
  std::string folder_;
  ImportRequest request_;
};

TEST_F(ImportRunTest, SameFileTwiceSendsOnceAndNamesReachTheDirectoryOnly) {
  Write(request_.file_path, Rows(30));
  EXPECT_EQ(Import().events[Change::kNew], 30);
  EXPECT_EQ(Import().events[Change::kSame], 30);
  EXPECT_EQ(world_.taken, 30);
  ASSERT_FALSE(world_.persons.empty());
  EXPECT_EQ(world_.persons[0].display_name(), "N");
  EXPECT_EQ(world_.persons[0].person_ref(), PersonKey("0123456789abcdef0123456789abcdef").RefOf("0042"));
}

TEST_F(ImportRunTest, DryRunSendsNothingAndSaysWhichFiguresWouldChange) {
  Write(request_.file_path, Rows(3));
  request_.dry_run = true;
  ImportSummary summary = Import();
  EXPECT_EQ(summary.events[Change::kNew], 3);
  ASSERT_EQ(summary.figures.size(), 1u);
  EXPECT_EQ(summary.figures[0].kpi_id, "trir");
  EXPECT_EQ(summary.figures[0].months, "2015-01");
  EXPECT_EQ(world_.taken, 0);
  EXPECT_FALSE(std::filesystem::exists(request_.journal_path));
}

TEST_F(ImportRunTest, ImportThatBrokeOffGoesOnWhereItStopped) {
  Write(request_.file_path, Rows(2600));
  world_.takes = 1200;
  auto broken = RunImport(connection_, request_, SystemClock());
  EXPECT_EQ(broken.status().code(), StatusCode::kPermissionDenied);
  world_.takes = 1'000'000;
  ImportSummary summary = Import();
  EXPECT_GT(summary.resumed, 0);
  EXPECT_EQ(world_.stored.size(), 2600u);
  // What was acknowledged is not sent again.
  EXPECT_LE(world_.taken, 2600 + 500);
}

TEST_F(ImportRunTest, GoneRowsAreVoidedButNotWhileRowsAreBroken) {
  Write(request_.file_path, Rows(5));
  Import();
  Write(request_.file_path, Rows(3) + "9,2015-02-01,not a number,0042,N\n");
  ImportSummary broken = Import();
  EXPECT_EQ(broken.events.count(Change::kGone), 0u);
  EXPECT_EQ(broken.errors.size(), 2u);
  Write(request_.file_path, Rows(3));
  EXPECT_EQ(Import().events[Change::kGone], 2);
  EXPECT_EQ(Import().events.count(Change::kGone), 0u);
}

TEST_F(ImportRunTest, AllOrNothingSendsNothingWhenOneRowIsBroken) {
  Write(request_.file_path, Rows(3) + "9,2015-02-01,not a number,0042,N\n");
  request_.all_or_nothing = true;
  EXPECT_EQ(Import().errors.size(), 1u);
  EXPECT_EQ(world_.taken, 0);
}

// The world's service refuses more than 100 hours, unless they correct earlier ones.
void HoursRule(const events::EventType&, const google::protobuf::Message& event,
               std::vector<events::Violation>& violations) {
  const auto& hours = static_cast<const operations::v1::HoursReported&>(event);
  if (hours.hours_worked() <= 100 || hours.context().has_corrects()) return;
  violations.push_back({"hours_worked", "range", "is more than a small workshop works", ""});
}

TEST_F(ImportRunTest, AllOrNothingAlsoSendsNothingWhenAServiceWouldRefuseARow) {
  request_.rules = {{"operations", HoursRule}};
  request_.all_or_nothing = true;
  Write(request_.file_path, Rows(3) + "9,2015-02-01,700,0042,N\n");
  const ImportSummary refused = Import();
  ASSERT_EQ(refused.errors.size(), 1u);
  EXPECT_EQ(refused.errors[0].ToText(),
            "row 4, column hours, field hours_worked: is more than a small workshop works");
  EXPECT_EQ(world_.taken, 0);
  EXPECT_TRUE(world_.persons.empty());
  Write(request_.file_path, Rows(4));
  EXPECT_EQ(Import().events[Change::kNew], 4);
  EXPECT_EQ(world_.taken, 4);
}

TEST_F(ImportRunTest, RulesAreThoseOfTheEventThatIsSent) {
  request_.rules = {{"operations", HoursRule}};
  request_.all_or_nothing = true;
  Write(request_.file_path, Rows(2) + "9,2015-02-01,70,0042,N\n");
  Import();
  // As a new event these hours would be refused; as a correction they are not.
  Write(request_.file_path, Rows(2) + "9,2015-02-01,700,0042,N\n");
  ImportSummary corrected = Import();
  EXPECT_TRUE(corrected.errors.empty());
  EXPECT_EQ(corrected.events[Change::kChanged], 1);
}

TEST_F(ImportRunTest, DryRunSaysWhatAServiceWouldRefuse) {
  request_.rules = {{"operations", HoursRule}};
  request_.dry_run = true;
  Write(request_.file_path, Rows(3) + "9,2015-02-01,700,0042,N\n");
  EXPECT_EQ(Import().errors.size(), 1u);
  EXPECT_EQ(world_.taken, 0);
}

TEST_F(ImportRunTest, MissingPersonKeyIsSaidBeforeAnythingIsRead) {
  Write(request_.file_path, Rows(1));
  request_.person_key_path = folder_ + "/none";
  EXPECT_THAT(Message(RunImport(connection_, request_, SystemClock()).status()),
              HasSubstr("--new-person-key"));
}

}  // namespace
}  // namespace yokoten::cli

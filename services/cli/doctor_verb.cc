// `yokoten doctor`: whether every service answers, how fresh the figures are, how long an event takes.
#include <cstdio>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>

#include "cli/connection.h"
#include "cli/doctor_probe.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "events/envelope.h"
#include "events/identity.h"
#include "events/registry.h"
#include "yokoten/admin/v1/service.grpc.pb.h"
#include "yokoten/improvement/v1/service.grpc.pb.h"
#include "yokoten/insight/v1/service.grpc.pb.h"
#include "yokoten/operations/v1/service.grpc.pb.h"
#include "yokoten/safety/v1/service.grpc.pb.h"
#include "yokoten/standard_work/v1/service.grpc.pb.h"
#include "yokoten/training/v1/service.grpc.pb.h"

namespace yokoten::cli {

namespace {

struct DoctorArguments {
  ServerOptions servers;
  int latency = 0, read_your_writes = 0, parallel = 8;
};

// An empty batch goes the whole way through the service without writing anything.
template <typename Service, typename Request, typename Response>
Status Ingests(Connection& connection, const char* target) {
  auto stub = Service::NewStub(connection.For(target));
  grpc::ClientContext context;
  SetDeadline(context, std::chrono::seconds(5));
  Response response;
  return FromGrpc(stub->IngestEvents(&context, Request(), &response), target, connection.AddressOf(target));
}

class Checks {
 public:
  void Add(const std::string& what, const Status& status, const std::string& detail) {
    good_ &= status.ok();
    std::printf("%s %-14s %s\n", status.ok() ? "ok    " : "FAULT ", what.c_str(),
                (status.ok() ? detail : Message(status)).c_str());
  }
  bool good() const { return good_; }

 private:
  bool good_ = true;
};

void CheckIngest(Connection& connection, Checks& checks) {
  auto add = [&](const char* target, const Status& status) {
    checks.Add(target, status, "takes events at " + connection.AddressOf(target));
  };
#define YK_INGESTS(target, domain, Name)                                                \
  add(target, Ingests<domain::v1::Name##IngestService, domain::v1::IngestEventsRequest, \
                      domain::v1::IngestEventsResponse>(connection, target))
  YK_INGESTS("standard-work", standard_work, StandardWork);
  YK_INGESTS("training", training, Training);
  YK_INGESTS("improvement", improvement, Improvement);
  YK_INGESTS("safety", safety, Safety);
  YK_INGESTS("operations", operations, Operations);
#undef YK_INGESTS
}

void CheckAdmin(Connection& connection, Checks& checks) {
  auto stub = admin::v1::AdminService::NewStub(connection.For("admin"));
  grpc::ClientContext context;
  SetDeadline(context, std::chrono::seconds(5));
  admin::v1::GetStatusResponse response;
  Status status = FromGrpc(stub->GetStatus(&context, {}, &response), "admin", connection.AddressOf("admin"));
  std::string targets;
  for (const std::string& target : response.targets()) targets += " " + target;
  checks.Add("admin", status,
             "version " + response.version() + (response.simulated() ? ", sample data" : "") + ", targets" +
                 targets);
}

void CheckFreshness(Connection& connection, Checks& checks) {
  auto stub = insight::v1::InsightService::NewStub(connection.For("insight"));
  grpc::ClientContext context;
  SetDeadline(context, std::chrono::seconds(15));
  insight::v1::GetFreshnessResponse response;
  Status status = FromGrpc(stub->GetFreshness(&context, {}, &response),
                           "insight, with Kafka and ClickHouse behind it", connection.AddressOf("insight"));
  const insight::v1::Freshness& freshness = response.freshness();
  checks.Add("insight", status, "answers from Kafka and ClickHouse");
  if (!status.ok()) return;
  for (const auto& domain : freshness.domains()) {
    std::string last = domain.has_last_fact_at()
                           ? "last fact " + events::FormatTime(events::FromTimestamp(domain.last_fact_at()))
                           : "no facts yet";
    checks.Add(domain.topic().substr(domain.topic().find('.') + 1), OkStatus(),
               last + ", " + Grouped(domain.lag()) + " records behind");
  }
  checks.Add("rollup", OkStatus(), Grouped(freshness.rollup_lag()) + " touches behind");
}

int Latency(const std::shared_ptr<Connection>& connection, const std::string& run, int n) {
  DoctorProbe probe(connection, "DOCTOR", run, SystemClock());
  Progress progress("latency");
  auto report = MeasureLatency(connection, probe, n, [&](int done) {
    progress.Show(static_cast<double>(done) / n, Grouped(done) + " probes");
  });
  progress.End();
  Status cleaned = probe.VoidAll();
  if (!report.ok()) return Fail(report.status());
  std::printf(
      "latency from acknowledgement to the changed figure in the live stream, %zu probes: "
      "p50 %.0f ms, p90 %.0f ms, maximum %.0f ms; not seen within 60 s: %lld\n",
      report->milliseconds.size(), report->Quantile(0.5), report->Quantile(0.9), report->Quantile(1.0),
      static_cast<long long>(report->lost));
  if (!cleaned.ok()) return Fail(cleaned);
  return report->lost == 0 ? 0 : 1;
}

int ReadYourWrites(const std::shared_ptr<Connection>& connection, const std::string& run, int n,
                   int parallel) {
  Progress progress("read your writes");
  ReadYourWritesReport report = CheckReadYourWrites(
      connection, run, n, parallel, SystemClock(),
      [&](int done) { progress.Show(static_cast<double>(done) / n, Grouped(done) + " probes"); });
  progress.End();
  std::printf(
      "reads with the token of an event just sent: included %lld, DEADLINE_EXCEEDED %lld, older figure "
      "%lld%s\n",
      static_cast<long long>(report.included), static_cast<long long>(report.deadline_exceeded),
      static_cast<long long>(report.older), report.older > 0 ? " (must be 0)" : "");
  if (!report.failure.ok()) return Fail(report.failure);
  return report.older == 0 ? 0 : 1;
}

int Run(const DoctorArguments& arguments) {
  auto made = Connection::Make(arguments.servers);
  if (!made.ok()) return Fail(made.status());
  std::shared_ptr<Connection> connection = *made;
  Checks checks;
  CheckIngest(*connection, checks);
  CheckAdmin(*connection, checks);
  CheckFreshness(*connection, checks);
  if (!checks.good()) return 1;
  const std::string run = "run-" + std::to_string(ToMicros(SystemClock().Now()));
  int code = 0;
  if (arguments.latency > 0) code = Latency(connection, run, arguments.latency);
  if (code == 0 && arguments.read_your_writes > 0) {
    code = ReadYourWrites(connection, run, arguments.read_your_writes, arguments.parallel);
  }
  return code;
}

}  // namespace

void AddDoctor(CLI::App& root, int& exit_code) {
  CLI::App* verb =
      root.add_subcommand("doctor", "Says whether everything answers, and how long an event takes");
  auto arguments = std::make_shared<DoctorArguments>();
  arguments->servers.AddTo(*verb);
  verb->add_option(
      "--latency", arguments->latency,
      "Send N probe events (plant DOCTOR, voided afterwards) and time each until its figure changes");
  verb->add_option("--read-your-writes", arguments->read_your_writes,
                   "Send N probe events and read with the token of each: never an older figure");
  verb->add_option("--parallel", arguments->parallel, "Plants probed at once by --read-your-writes");
  verb->callback([arguments, &exit_code] { exit_code = Run(*arguments); });
}

}  // namespace yokoten::cli

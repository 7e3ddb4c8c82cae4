// `yokoten derived` prints what the service concludes, from a cursor on; `yokoten gate` asks whether a person
// may do a job.
#include <algorithm>
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>

#include "cli/connection.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "events/envelope.h"
#include "events/identity.h"
#include "yokoten/derived/v1/service.grpc.pb.h"
#include "yokoten/gate/v1/service.grpc.pb.h"

namespace yokoten::cli {
namespace {

constexpr auto kTimeout = std::chrono::seconds(30);
constexpr auto kFollowTimeout = std::chrono::hours(24 * 365);

struct DerivedArguments {
  ServerOptions servers;
  std::string cursor;
  std::vector<std::string> types, plants;
  int limit = 100;
  bool json = false, follow = false;
};

struct GateArguments {
  ServerOptions servers;
  std::string plant, person, job, station;
  bool json = false;
};

// "AuditMissed" of "yokoten.derived.v1.AuditMissed".
std::string ShortType(const std::string& type) { return type.substr(type.rfind('.') + 1); }

std::string TimeOf(const google::protobuf::Timestamp& time) {
  return events::FormatTime(events::FromTimestamp(time));
}

std::string WordsOf(const derived::v1::DerivedEvent& event) {
  if (event.has_alert_raised()) return event.alert_raised().title_en() + ": " + event.alert_raised().detail();
  if (event.has_alert_cleared()) return event.alert_cleared().title_en();
  return "";
}

void PrintLine(const derived::v1::DerivedEvent& event, bool json) {
  if (json) {
    std::printf("%s\n", JsonOf(event, false).c_str());
  } else {
    std::printf("%s  %-24s %-10s %s  %s\n", TimeOf(event.time()).c_str(), ShortType(event.type()).c_str(),
                event.plant_id().c_str(), event.subject().c_str(), WordsOf(event).c_str());
  }
  std::fflush(stdout);
}

Status Follow(const DerivedArguments& arguments, Connection& connection,
              derived::v1::DerivedService::Stub& stub) {
  derived::v1::WatchEventsRequest request;
  request.set_cursor(arguments.cursor);
  for (const std::string& type : arguments.types) request.add_types(type);
  for (const std::string& plant : arguments.plants) request.add_plant_ids(plant);
  grpc::ClientContext context;
  SetDeadline(context, kFollowTimeout);
  const auto stream = stub.WatchEvents(&context, request);
  derived::v1::WatchEventsResponse response;
  while (stream->Read(&response)) {
    for (const auto& event : response.events()) PrintLine(event, arguments.json);
  }
  return FromGrpc(stream->Finish(), "following derived events", connection.AddressOf("derive"));
}

Status List(const DerivedArguments& arguments, Connection& connection,
            derived::v1::DerivedService::Stub& stub) {
  derived::v1::ListEventsRequest request;
  request.set_cursor(arguments.cursor);
  for (const std::string& type : arguments.types) request.add_types(type);
  for (const std::string& plant : arguments.plants) request.add_plant_ids(plant);
  int left = arguments.limit;
  bool more = true;
  while (more && left > 0) {
    request.set_page_size(std::min(left, 1000));
    derived::v1::ListEventsResponse response;
    grpc::ClientContext context;
    SetDeadline(context, kTimeout);
    YK_RETURN_IF_ERROR(FromGrpc(stub.ListEvents(&context, request, &response), "listing derived events",
                                connection.AddressOf("derive")));
    for (const auto& event : response.events()) PrintLine(event, arguments.json);
    left -= response.events_size();
    more = response.more();
    request.set_cursor(response.next_cursor());
  }
  std::fprintf(stderr, "next: --cursor %s\n", request.cursor().c_str());
  return OkStatus();
}

int Derived(const DerivedArguments& arguments) {
  auto connection = Connection::Make(arguments.servers);
  if (!connection.ok()) return Fail(connection.status());
  const auto stub = derived::v1::DerivedService::NewStub((*connection)->For("derive"));
  const Status status =
      arguments.follow ? Follow(arguments, **connection, *stub) : List(arguments, **connection, *stub);
  return status.ok() ? 0 : Fail(status);
}

int Gate(const GateArguments& arguments) {
  auto connection = Connection::Make(arguments.servers);
  if (!connection.ok()) return Fail(connection.status());
  const auto stub = gate::v1::GateService::NewStub((*connection)->For("gate"));
  gate::v1::CanPerformRequest request;
  request.set_plant_id(arguments.plant);
  request.set_person_ref(arguments.person);
  request.set_job_id(arguments.job);
  request.set_station_id(arguments.station);
  gate::v1::CanPerformResponse response;
  grpc::ClientContext context;
  SetDeadline(context, kTimeout);
  const Status status = FromGrpc(stub->CanPerform(&context, request, &response), "asking the gate",
                                 (*connection)->AddressOf("gate"));
  if (!status.ok()) return Fail(status);
  if (arguments.json) return std::printf("%s\n", JsonOf(response, true).c_str()), 0;
  std::printf("%s: %s (revision %d, level %d of %d)\n", response.allowed() ? "yes" : "no",
              response.reason_en().c_str(), response.revision_no(), response.level(),
              response.required_level());
  for (const auto& evidence : response.evidence())
    std::printf("  %s %s %s\n", evidence.event_type().c_str(), evidence.source().c_str(),
                evidence.id().c_str());
  std::printf("facts until %s\n", TimeOf(response.freshness().facts_until()).c_str());
  return 0;
}

}  // namespace

void AddDerived(CLI::App& root, int& exit_code) {
  CLI::App* verb = root.add_subcommand("derived", "Prints what follows from the facts: due, missed, alerts");
  auto arguments = std::make_shared<DerivedArguments>();
  arguments->servers.AddTo(*verb);
  verb->add_option(
      "--cursor", arguments->cursor,
      "Where to go on: printed by an earlier call; \"end\" = from now on; without it, the first event");
  verb->add_option("--type", arguments->types, "Only these types, such as AlertRaised");
  verb->add_option("--plant", arguments->plants, "Plant ids; all without it");
  verb->add_option("--limit", arguments->limit, "At most this many");
  verb->add_flag("--follow", arguments->follow, "Go on with what is published, until interrupted");
  verb->add_flag("--json", arguments->json, "Print JSON, one line an event");
  verb->callback([arguments, &exit_code] { exit_code = Derived(*arguments); });
}

void AddGate(CLI::App& root, int& exit_code) {
  CLI::App* verb = root.add_subcommand("gate", "Asks whether a person may do a job now");
  auto arguments = std::make_shared<GateArguments>();
  arguments->servers.AddTo(*verb);
  verb->add_option("--plant", arguments->plant, "Plant")->required();
  verb->add_option("--person", arguments->person, "Person, as the roster refers to them")->required();
  verb->add_option("--job", arguments->job, "Job")->required();
  verb->add_option("--station", arguments->station, "Station; any of the job's without it");
  verb->add_flag("--json", arguments->json, "Print JSON");
  verb->callback([arguments, &exit_code] { exit_code = Gate(*arguments); });
}

}  // namespace yokoten::cli

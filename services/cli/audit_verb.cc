// `yokoten audit`, `reconcile` and `dead-letters`: whether everything that came is there, and what could not
// be taken.
#include <algorithm>
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <google/protobuf/util/time_util.h>
#include <grpcpp/grpcpp.h>

#include "cli/loop_call.h"
#include "cli/verbs.h"
#include "yokoten/audit/v1/service.grpc.pb.h"

namespace yokoten::cli {
namespace {

constexpr auto kTimeout = std::chrono::minutes(10);

struct AuditArguments {
  ServerOptions servers;
  std::vector<std::string> topics, places;
  std::string topic, reason, source, from, to, page;
  int limit = 100;
  bool json = false, repair = false, all = false, dry_run = false;
};

using AuditStub = audit::v1::AuditService::Stub;

// Calls, prints (by `print`, or as JSON where that is asked for) and gives the exit code, which is `code` of
// the answer.
template <typename Request, typename Response, typename Code, typename Print>
int Call(const AuditArguments& arguments, const Request& request, std::string_view what,
         grpc::Status (AuditStub::*method)(grpc::ClientContext*, const Request&, Response*), const Code& code,
         const Print& print) {
  auto connection = Connection::Make(arguments.servers);
  if (!connection.ok()) return Fail(connection.status());
  const auto stub = audit::v1::AuditService::NewStub((*connection)->For("audit"));
  Response response;
  grpc::ClientContext context;
  SetDeadline(context, kTimeout);
  const Status status =
      FromGrpc((stub.get()->*method)(&context, request, &response), what, (*connection)->AddressOf("audit"));
  if (!status.ok()) return Fail(status);
  if (arguments.json) {
    std::printf("%s\n", JsonOf(response, true).c_str());
  } else {
    print(response);
  }
  return code(response);
}

int Always0(const google::protobuf::Message&) { return 0; }
int CodeOfCheck(const audit::v1::CheckLogResponse& response) { return response.ok() ? 0 : 1; }

// Bytes for a terminal: text as it is, everything else escaped.
std::string Printable(const std::string& bytes) {
  constexpr size_t kMost = 2000;
  std::string text;
  for (const char c : bytes.substr(0, kMost)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      text += c;
    } else {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", byte);
      text += escaped;
    }
  }
  return bytes.size() > kMost ? text + "..." : text;
}

std::string RangesText(const google::protobuf::RepeatedPtrField<audit::v1::OffsetRange>& ranges) {
  std::string text;
  for (int i = 0; i < std::min(ranges.size(), 3); ++i) {
    const auto& range = ranges.Get(i);
    text += (i == 0 ? "" : ", ") + std::to_string(range.first());
    if (range.last() != range.first()) text += "-" + std::to_string(range.last());
  }
  return ranges.size() > 3 ? text + ", ..." : text;
}

void PrintAudit(const audit::v1::CheckLogResponse& response) {
  Table table({"topic", "partition", "epoch", "in the log", "archived", "dead", "waiting", "missing", "twice",
               "facts lost", "where"});
  int64_t records = 0, missing = 0;
  for (const auto& partition : response.partitions()) {
    records += partition.archived();
    missing += partition.missing_count() + partition.conflicting() + partition.lost_fact_count() +
               partition.log_lost();
    table.Add({partition.topic(), std::to_string(partition.partition()), std::to_string(partition.epoch()),
               std::to_string(partition.log_next() - partition.log_first()),
               std::to_string(partition.archived()), std::to_string(partition.dead_letters()),
               std::to_string(partition.waiting()), std::to_string(partition.missing_count()),
               std::to_string(partition.conflicting()), std::to_string(partition.lost_fact_count()),
               RangesText(partition.missing_count() > 0 ? partition.missing() : partition.lost_facts())});
  }
  if (!table.empty()) std::printf("%s", table.ToText().c_str());
  std::printf("%lld records archived; %s\n", static_cast<long long>(records),
              response.ok() ? "nothing is missing"
                            : (std::to_string(missing) +
                               " are missing or wrong (docs/runbooks/yk-archive-incomplete.md)")
                                  .c_str());
}

int Audit(const AuditArguments& arguments) {
  if (!arguments.repair) {
    audit::v1::CheckLogRequest request;
    for (const std::string& topic : arguments.topics) request.add_topics(topic);
    return Call(arguments, request, "comparing log and archive", &AuditStub::CheckLog, CodeOfCheck,
                PrintAudit);
  }
  audit::v1::RepairLogRequest request;
  for (const std::string& topic : arguments.topics) request.add_topics(topic);
  return Call(
      arguments, request, "repairing the archive", &AuditStub::RepairLog,
      [](const audit::v1::RepairLogResponse& response) { return CodeOfCheck(response.after()); },
      [](const audit::v1::RepairLogResponse& response) {
        std::printf("%lld records were read from Kafka again and stored\n",
                    static_cast<long long>(response.repaired()));
        PrintAudit(response.after());
      });
}

int Reconcile(const AuditArguments& arguments) {
  audit::v1::ReconcileRequest request;
  request.set_topic(arguments.topic);
  for (const auto& [text, time, name] : {std::tuple(&arguments.from, request.mutable_from(), "--from"),
                                         std::tuple(&arguments.to, request.mutable_to(), "--to")}) {
    if (!google::protobuf::util::TimeUtil::FromString(*text, time)) {
      return Fail(
          InvalidArgument(std::string(name) + ": '" + *text + "' is no instant; write 2026-03-02T00:00:00Z"));
    }
  }
  return Call(
      arguments, request, "counting both sides", &AuditStub::Reconcile,
      [](const audit::v1::ReconcileResponse& response) { return response.equal() ? 0 : 1; },
      [](const audit::v1::ReconcileResponse& response) {
        Table table({"hour (UTC)", "partition", "source", "in the log", "archived", "equal"});
        for (const auto& row : response.rows()) {
          table.Add({TimeText(row.hour()), std::to_string(row.partition()), Printable(row.source()),
                     std::to_string(row.log().records()), std::to_string(row.archive().records()),
                     row.equal() ? "yes" : "NO"});
        }
        if (!table.empty()) std::printf("%s", table.ToText().c_str());
        std::printf("%s; %lld records wait\n", response.equal() ? "both sides are equal" : "the sides differ",
                    static_cast<long long>(response.waiting()));
      });
}

std::string PlaceText(const audit::v1::Position& position) {
  return position.topic() + "/" + std::to_string(position.partition()) + "/" +
         std::to_string(position.offset());
}

// "yokoten.training.v1/2/4711", as PlaceText writes it.
Result<audit::v1::Position> ParsePlace(const std::string& text) {
  const size_t second = text.rfind('/');
  const size_t first =
      second == std::string::npos || second == 0 ? std::string::npos : text.rfind('/', second - 1);
  const std::string wrong =
      "'" + text + "' is no place of a record; write topic/partition/offset, as the list does";
  if (first == std::string::npos) return InvalidArgument(wrong);
  audit::v1::Position position;
  position.set_topic(text.substr(0, first));
  char* end = nullptr;
  position.set_partition(static_cast<int32_t>(std::strtol(text.c_str() + first + 1, &end, 10)));
  if (*end != '/') return InvalidArgument(wrong);
  position.set_offset(std::strtoll(text.c_str() + second + 1, &end, 10));
  if (*end != '\0' || second + 1 == text.size()) return InvalidArgument(wrong);
  return position;
}

audit::v1::DeadLetterFilter FilterOf(const AuditArguments& arguments) {
  audit::v1::DeadLetterFilter filter;
  filter.set_topic(arguments.topic);
  filter.set_reason(arguments.reason);
  filter.set_source(arguments.source);
  filter.set_include_settled(arguments.all);
  return filter;
}

const char* StateText(audit::v1::DeadLetter::State state) {
  switch (state) {
    case audit::v1::DeadLetter::STATE_STORED:
      return "stored since";
    case audit::v1::DeadLetter::STATE_REFUSED_AGAIN:
      return "refused again";
    default:
      return "open";
  }
}

int ListLetters(const AuditArguments& arguments) {
  audit::v1::ListDeadLettersRequest request;
  *request.mutable_filter() = FilterOf(arguments);
  request.set_page_size(arguments.limit);
  request.set_page_token(arguments.page);
  return Call(
      arguments, request, "listing dead letters", &AuditStub::ListDeadLetters, Always0,
      [](const audit::v1::ListDeadLettersResponse& response) {
        Table table({"recorded", "place", "reason", "type", "source", "id", "bytes", "state"});
        for (const auto& letter : response.letters()) {
          table.Add({TimeText(letter.recorded_at()), PlaceText(letter.position()), letter.reason(),
                     Printable(letter.event_type()), Printable(letter.source()), Printable(letter.event_id()),
                     std::to_string(letter.bytes()), StateText(letter.state())});
        }
        if (!table.empty()) std::printf("%s", table.ToText().c_str());
        std::printf("%lld in all\n", static_cast<long long>(response.total()));
        PrintNextPage(response.next_page_token());
      });
}

int ShowLetter(const AuditArguments& arguments) {
  audit::v1::GetDeadLetterRequest request;
  const auto place = ParsePlace(arguments.places.front());
  if (!place.ok()) return Fail(place.status());
  *request.mutable_position() = *place;
  return Call(arguments, request, "showing a dead letter", &AuditStub::GetDeadLetter, Always0,
              [](const audit::v1::GetDeadLetterResponse& response) {
                const auto& letter = response.letter();
                std::printf("%s, recorded %s: %s (docs/runbooks/%s.md), %s\n",
                            PlaceText(letter.position()).c_str(), TimeText(letter.recorded_at()).c_str(),
                            letter.reason().c_str(), letter.reason().c_str(), StateText(letter.state()));
                std::printf("%s\n\nkey: %s\n",
                            response.acceptable_now() ? "this version would take it: replay it"
                                                      : Printable(response.message()).c_str(),
                            Printable(response.key()).c_str());
                for (const auto& header : response.headers())
                  std::printf("%s: %s\n", Printable(header.name()).c_str(),
                              Printable(header.value()).c_str());
                std::printf("\n%s\n", Printable(response.value()).c_str());
              });
}

int ReplayLetters(const AuditArguments& arguments) {
  if (arguments.places.empty() && arguments.topic.empty() && arguments.reason.empty() &&
      arguments.source.empty() && !arguments.all)
    return Fail(
        InvalidArgument("name places, or --topic, --reason or --source, or --all for every open one"));
  audit::v1::ReplayDeadLettersRequest request;
  *request.mutable_filter() = FilterOf(arguments);
  request.set_dry_run(arguments.dry_run);
  request.set_limit(arguments.limit);
  for (const std::string& text : arguments.places) {
    const auto place = ParsePlace(text);
    if (!place.ok()) return Fail(place.status());
    *request.add_positions() = *place;
  }
  return Call(arguments, request, "replaying dead letters", &AuditStub::ReplayDeadLetters, Always0,
              [&](const audit::v1::ReplayDeadLettersResponse& response) {
                std::printf("%lld %s; %lld would be refused again and stay\n",
                            static_cast<long long>(response.replayed()),
                            arguments.dry_run ? "would be sent again" : "sent again",
                            static_cast<long long>(response.still_refused()));
                for (const std::string& reason : response.reasons()) std::printf("  %s\n", reason.c_str());
              });
}

std::shared_ptr<AuditArguments> ArgumentsOf(CLI::App& verb) {
  auto arguments = std::make_shared<AuditArguments>();
  arguments->servers.AddTo(verb);
  verb.add_flag("--json", arguments->json, "Print JSON");
  return arguments;
}

void AddFilterTo(CLI::App& verb, AuditArguments& arguments) {
  verb.add_option("--topic", arguments.topic, "Only of this topic, such as yokoten.training.v1");
  verb.add_option("--reason", arguments.reason, "Only with this error id, such as yk-event-invalid");
  verb.add_option("--source", arguments.source, "Only of this source");
}

}  // namespace

void AddAudit(CLI::App& root, int& exit_code) {
  CLI::App* audit = root.add_subcommand(
      "audit", "Compares Kafka's log with what is stored; exit code 1 when something is missing");
  auto arguments = ArgumentsOf(*audit);
  audit->add_option("--topic", arguments->topics, "Topics, such as yokoten.training.v1; all without it");
  audit->add_flag("--repair", arguments->repair, "Read what is missing from Kafka again and store it");
  audit->callback([arguments, &exit_code] { exit_code = Audit(*arguments); });

  CLI::App* reconcile = root.add_subcommand(
      "reconcile", "Counts log and archive by source and hour; exit code 1 when the sides differ");
  auto range = ArgumentsOf(*reconcile);
  reconcile->add_option("--topic", range->topic, "Topic, such as yokoten.training.v1")->required();
  reconcile->add_option("--from", range->from, "First instant of recording, as 2026-03-02T00:00:00Z")
      ->required();
  reconcile->add_option("--to", range->to, "End, exclusive; at most 31 days later")->required();
  reconcile->callback([range, &exit_code] { exit_code = Reconcile(*range); });

  CLI::App* letters = root.add_subcommand("dead-letters", "Records that could not become facts");
  letters->require_subcommand(1);
  CLI::App* list = letters->add_subcommand("list", "Lists open ones, the latest first");
  auto listed = ArgumentsOf(*list);
  AddFilterTo(*list, *listed);
  list->add_flag("--all", listed->all, "Also those that came again since");
  list->add_option("--limit", listed->limit, "Rows of a page");
  list->add_option("--page", listed->page, "Page, as the one before says");
  list->callback([listed, &exit_code] { exit_code = ListLetters(*listed); });
  CLI::App* show = letters->add_subcommand("show", "Shows one with its headers and bytes");
  auto shown = ArgumentsOf(*show);
  show->add_option("place", shown->places, "topic/partition/offset, as the list says")
      ->required()
      ->expected(1);
  show->callback([shown, &exit_code] { exit_code = ShowLetter(*shown); });
  CLI::App* replay = letters->add_subcommand("replay", "Sends again what this version would take, as it was");
  auto replayed = ArgumentsOf(*replay);
  replayed->limit = 1000;
  AddFilterTo(*replay, *replayed);
  replay->add_option("place", replayed->places, "topic/partition/offset; any number of them");
  replay->add_flag("--all", replayed->all, "Every open one");
  replay->add_flag("--dry-run", replayed->dry_run, "Say what would be sent, send nothing");
  replay->add_option("--limit", replayed->limit, "At most so many, the earliest first (up to 10000)");
  replay->callback([replayed, &exit_code] { exit_code = ReplayLetters(*replayed); });
}

}  // namespace yokoten::cli

// `yokoten trace`, `yokoten loop` and `yokoten entity`: one proposal's way, how the loop turns, and the
// states of things.
#include "cli/loop_call.h"
#include "cli/verbs.h"

namespace yokoten::cli {

namespace {

using insight::v1::LoopService;

struct LoopArguments {
  LoopCall call;
  std::string proposal, from, to, kind, state;
  std::vector<std::string> key;
  int window_days = 0;
  bool out_of_order = false;
};

void PrintEntity(const insight::v1::Entity& entity) {
  std::string key;
  for (const std::string& part : entity.key()) key += (key.empty() ? "" : " ") + part;
  std::printf("%s %s: %s %s (%s), %s days\n", entity.kind().c_str(), key.c_str(), entity.state().c_str(),
              entity.state_zh().c_str(), entity.state_en().c_str(),
              FixedText(entity.days_in_state(), 1).c_str());
  Table stays({"state", "状态", "from", "to", "days"});
  for (const auto& stay : entity.stays()) {
    stays.Add({stay.state(), stay.state_zh(), TimeText(stay.from()),
               stay.has_to() ? TimeText(stay.to()) : "-", FixedText(stay.days(), 1)});
  }
  if (!stays.empty()) std::printf("%s", stays.ToText().c_str());
  for (const auto& event : entity.events()) {
    if (event.legal()) continue;
    std::printf("out of order: %s at %s (%s %s): %s / %s\n", event.event_type().c_str(),
                TimeText(event.at()).c_str(), event.source().c_str(), event.id().c_str(),
                event.message_zh().c_str(), event.message_en().c_str());
  }
}

std::string OutcomeText(const insight::v1::JobOutcome& outcome) {
  std::string text = std::to_string(outcome.errors()) + " errors, ";
  text += outcome.has_rate()
              ? FixedText(outcome.rate(), 2) + " per 1,000 operations (" + FixedText(outcome.ci_low(), 2) +
                    " .. " + FixedText(outcome.ci_high(), 2) + "), "
              : "operations not known, ";
  return text + std::to_string(outcome.incidents()) + " incidents, " + outcome.from() + " to " + outcome.to();
}

void PrintTrace(const insight::v1::TraceProposalResponse& response) {
  std::printf("%s\n%s\n\n", response.summary_zh().c_str(), response.summary_en().c_str());
  PrintEntity(response.proposal());
  for (const auto& revision : response.revisions()) {
    std::printf("\njob %s revision %d%s: effective %s; trained %lld of %lld%s\n", revision.job_id().c_str(),
                revision.revision_no(), revision.standardizes() ? " (standardizes it)" : "",
                revision.effective_day().empty() ? "not released" : revision.effective_day().c_str(),
                static_cast<long long>(revision.trained()), static_cast<long long>(revision.required()),
                revision.has_p90_days()
                    ? (", 90 % after " + FixedText(revision.p90_days(), 1) + " days").c_str()
                    : "");
    if (!revision.has_before()) continue;
    std::printf("  before: %s\n", OutcomeText(revision.before()).c_str());
    if (revision.has_after()) std::printf("  after:  %s\n", OutcomeText(revision.after()).c_str());
    if (revision.has_rate_ratio()) {
      std::printf("  ratio:  %s (%s .. %s)%s\n", FixedText(revision.rate_ratio(), 2).c_str(),
                  FixedText(revision.ratio_low(), 2).c_str(),
                  revision.has_ratio_high() ? FixedText(revision.ratio_high(), 2).c_str() : "-",
                  revision.is_signal() ? ", more than chance explains" : "");
    }
  }
  Table persons({"job", "revision", "person", "trained", "on the roster"});
  for (const auto& person : response.persons()) {
    persons.Add({person.job_id(), std::to_string(person.revision_no()), person.person_ref(),
                 person.has_trained_at() ? TimeText(person.trained_at()) : "-",
                 person.present() ? "yes" : "no"});
  }
  if (!persons.empty()) std::printf("\n%s", persons.ToText().c_str());
  PrintNextPage(response.next_page_token());
}

void PrintMeasure(const insight::v1::MeasureLoopResponse& response) {
  std::printf("Proposals submitted %s to %s\n", response.from().c_str(), response.to().c_str());
  Table table({"step", "步骤", "proposals", "share", "95 % interval", "median days since"});
  for (const auto& step : response.steps()) {
    table.Add({step.name_en(), step.name_zh(), std::to_string(step.count()),
               step.has_share() ? FixedText(100 * step.share(), 1) + " %" : "-",
               step.has_share()
                   ? FixedText(100 * step.ci_low(), 1) + " .. " + FixedText(100 * step.ci_high(), 1)
                   : "",
               step.has_median_days() ? FixedText(step.median_days(), 1) : "-"});
  }
  std::printf("%s", table.ToText().c_str());
}

void PrintEntities(const std::string& kind, const insight::v1::ListEntitiesResponse& response) {
  for (const auto& count : response.counts()) {
    std::printf("%s %s (%s): %lld\n", count.state().c_str(), count.state_zh().c_str(),
                count.state_en().c_str(), static_cast<long long>(count.count()));
  }
  Table table({kind, "state", "状态", "days", "out of order"});
  for (const auto& entity : response.entities()) {
    std::string key;
    for (const std::string& part : entity.key()) key += (key.empty() ? "" : " ") + part;
    table.Add({key, entity.state(), entity.state_zh(), FixedText(entity.days_in_state(), 1),
               std::to_string(entity.out_of_order())});
  }
  if (!table.empty()) std::printf("\n%s", table.ToText().c_str());
  PrintNextPage(response.next_page_token());
}

int Trace(const LoopArguments& arguments) {
  insight::v1::TraceProposalRequest request;
  request.set_plant_id(arguments.call.plant);
  request.set_proposal_id(arguments.proposal);
  request.set_window_days(arguments.window_days);
  arguments.call.SetPage(&request);
  return CallLoop(arguments.call, request, "tracing " + arguments.proposal, &LoopService::Stub::TraceProposal,
                  PrintTrace);
}

int Measure(const LoopArguments& arguments) {
  insight::v1::MeasureLoopRequest request;
  request.set_plant_id(arguments.call.plant);
  request.set_from(arguments.from);
  request.set_to(arguments.to);
  return CallLoop(arguments.call, request, "measuring the loop of " + arguments.call.plant,
                  &LoopService::Stub::MeasureLoop, PrintMeasure);
}

int GetEntity(const LoopArguments& arguments) {
  insight::v1::GetEntityRequest request;
  request.set_plant_id(arguments.call.plant);
  request.set_kind(arguments.kind);
  for (const std::string& part : arguments.key) request.add_key(part);
  return CallLoop(arguments.call, request, "reading the " + arguments.kind, &LoopService::Stub::GetEntity,
                  [](const insight::v1::GetEntityResponse& response) { PrintEntity(response.entity()); });
}

int ListEntities(const LoopArguments& arguments) {
  insight::v1::ListEntitiesRequest request;
  request.set_plant_id(arguments.call.plant);
  request.set_kind(arguments.kind);
  request.set_state(arguments.state);
  request.set_out_of_order(arguments.out_of_order);
  arguments.call.SetPage(&request);
  return CallLoop(
      arguments.call, request, "listing " + arguments.kind, &LoopService::Stub::ListEntities,
      [&](const insight::v1::ListEntitiesResponse& response) { PrintEntities(arguments.kind, response); });
}

}  // namespace

void AddLoop(CLI::App& root, int& exit_code) {
  auto arguments = std::make_shared<LoopArguments>();
  CLI::App* trace = root.add_subcommand(
      "trace",
      "A proposal's way: its states, the revision it became, who was trained, errors before and after");
  arguments->call.AddTo(*trace);
  arguments->call.AddPagesTo(*trace);
  trace->add_option("proposal", arguments->proposal, "Proposal id")->required();
  trace->add_option("--window", arguments->window_days,
                    "Days before and after that are compared; 56 without it");
  trace->callback([arguments, &exit_code] { exit_code = Trace(*arguments); });

  CLI::App* loop =
      root.add_subcommand("loop", "How many proposals of a plant reach each step, and how long it takes");
  arguments->call.AddTo(*loop);
  loop->add_option("--from", arguments->from, "First day of submission; a year back without it");
  loop->add_option("--to", arguments->to, "Last day of submission; today without it");
  loop->callback([arguments, &exit_code] { exit_code = Measure(*arguments); });

  CLI::App* entity =
      root.add_subcommand("entity", "Things that have states: revisions, proposals, hazards, ...");
  entity->require_subcommand(1);
  CLI::App* get = entity->add_subcommand("get", "One thing with its states and what is out of order");
  CLI::App* list = entity->add_subcommand("list", "The things of a kind, those longest in their state first");
  for (CLI::App* part : {get, list}) {
    arguments->call.AddTo(*part);
    part->add_option("kind", arguments->kind, "Kind, such as revision, proposal, hazard, audit")->required();
  }
  get->add_option("key", arguments->key, "What makes it this one: a revision's job and number, say")
      ->required();
  get->callback([arguments, &exit_code] { exit_code = GetEntity(*arguments); });
  arguments->call.AddPagesTo(*list);
  list->add_option("--state", arguments->state, "Only those in this state");
  list->add_flag("--out-of-order", arguments->out_of_order, "Only those with events out of order");
  list->callback([arguments, &exit_code] { exit_code = ListEntities(*arguments); });
}

}  // namespace yokoten::cli

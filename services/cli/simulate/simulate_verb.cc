// `yokoten simulate`: a believable group of plants, sent like any sender's events.
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <mutex>

#include <CLI/CLI.hpp>

#include "cli/event_sender.h"
#include "cli/import/import_run.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/simulate/live.h"
#include "cli/simulate/simulation.h"
#include "cli/verbs.h"

namespace yokoten::cli {

namespace {

struct SimulateArguments {
  ServerOptions servers;
  SimulationOptions simulation;
  std::string truth_path, until, from;
  bool live = false, wait = false, dry_run = false;
  double live_interval_s = 2.0;
};

volatile std::sig_atomic_t stop_requested = 0;

Status Prepare(SimulateArguments& arguments) {
  SimulationOptions& options = arguments.simulation;
  options.now = SystemClock().Now();
  options.until = Day{static_cast<int32_t>(ToMicros(options.now) / 86'400'000'000)};
  if (!arguments.until.empty()) {
    auto until = ParseDay(arguments.until);
    if (!until || *until > options.until + 1) {
      return InvalidArgument("--until " + arguments.until + ": give a day up to today, such as 2026-03-31");
    }
    options.until = *until;
  }
  const CivilDate last = ToCivil(options.until);
  const int months = last.year * 12 + last.month - 1 - options.months;
  options.from = FromCivil(months / 12, months % 12 + 1, 1);
  if (!arguments.from.empty()) {
    auto from = ParseDay(arguments.from);
    if (!from || *from > options.until)
      return InvalidArgument("--from " + arguments.from + ": give a day before the last");
    options.from = *from;
  }
  return OkStatus();
}

// Told by the sender's threads.
struct Refusals {
  std::mutex mutex;
  std::string first;
  int64_t count = 0;
};

Status WriteTruth(const std::string& path, const Simulation& simulation) {
  if (path.empty()) return OkStatus();
  std::ofstream file(path);
  file << simulation.TruthJson();
  if (!file.flush()) return DataLoss("cannot write " + path);
  return OkStatus();
}

Status SendAll(EventSender& sender, std::vector<OutgoingEvent>& events) {
  for (OutgoingEvent& event : events)
    YK_RETURN_IF_ERROR(sender.Send(*event.domain, *event.type, *event.event, 0));
  events.clear();
  return OkStatus();
}

Status RunLive(const SimulateArguments& arguments, const Simulation& simulation, EventSender& sender) {
  std::signal(SIGINT, [](int) { stop_requested = 1; });
  std::signal(SIGTERM, [](int) { stop_requested = 1; });
  LiveTrickle trickle(arguments.simulation, simulation.plants());
  std::mutex mutex;
  std::condition_variable never;
  Progress progress("live");
  std::fprintf(stderr, "Sending a trickle in real time; stop with Ctrl-C.\n");
  auto next = SystemClock().Monotonic();
  while (stop_requested == 0) {
    std::unique_lock lock(mutex);
    // Woken every 200 ms at most, so that Ctrl-C is heard soon.
    never.wait_for(lock, std::chrono::milliseconds(200));
    if (SystemClock().Monotonic() < next) continue;
    next += std::chrono::milliseconds(static_cast<int64_t>(arguments.live_interval_s * 1000));
    std::vector<OutgoingEvent> events = trickle.Next(SystemClock().Now());
    YK_RETURN_IF_ERROR(SendAll(sender, events));
    YK_RETURN_IF_ERROR(sender.Flush());
    progress.Show(0, Grouped(static_cast<int64_t>(sender.counts().accepted)) + " events accepted");
  }
  return OkStatus();
}

int Run(SimulateArguments& arguments) {
  if (Status status = Prepare(arguments); !status.ok()) return Fail(status);
  auto connection = Connection::Make(arguments.servers);
  if (!connection.ok()) return Fail(connection.status());
  Simulation simulation(arguments.simulation);
  Refusals refusals;
  EventSender sender(*connection, EventSender::Options(),
                     [&](uint64_t, const event::v1::EventResult& result) {
                       if (result.status() == event::v1::EVENT_STATUS_ACCEPTED) return;
                       std::lock_guard lock(refusals.mutex);
                       if (refusals.count++ == 0)
                         refusals.first = result.entity() + ": " + result.error().message();
                     });
  Progress progress("simulate");
  const MonotonicTime begin = SystemClock().Monotonic();
  std::vector<OutgoingEvent> events;
  int64_t generated = 0;
  while (simulation.NextDay(events)) {
    generated += static_cast<int64_t>(events.size());
    if (arguments.dry_run) {
      events.clear();
      continue;
    }
    if (Status status = SendAll(sender, events); !status.ok()) return progress.End(), Fail(status);
    const auto accepted = static_cast<int64_t>(sender.counts().accepted);
    const double seconds = std::chrono::duration<double>(SystemClock().Monotonic() - begin).count();
    progress.Show(simulation.progress(),
                  Grouped(accepted) + " events, " +
                      Grouped(std::llround(static_cast<double>(accepted) / std::max(seconds, 0.1))) + "/s");
  }
  if (Status status = sender.Flush(); !status.ok()) return progress.End(), Fail(status);
  const double seconds = std::chrono::duration<double>(SystemClock().Monotonic() - begin).count();
  progress.End();
  if (Status status = WriteTruth(arguments.truth_path, simulation); !status.ok()) return Fail(status);
  const EventSender::Counts counts = sender.counts();
  std::printf("%zu plants, %s to %s: %s events in %.1f s; accepted %s, refused %s, sent again %s\n",
              simulation.plants().size(), FormatDay(arguments.simulation.from).c_str(),
              FormatDay(arguments.simulation.until).c_str(), Grouped(generated).c_str(), seconds,
              Grouped(static_cast<int64_t>(counts.accepted)).c_str(),
              Grouped(static_cast<int64_t>(counts.rejected)).c_str(),
              Grouped(static_cast<int64_t>(counts.resent)).c_str());
  if (refusals.count > 0) std::fprintf(stderr, "first refusal: %s\n", refusals.first.c_str());
  if (arguments.wait && !arguments.dry_run) {
    Status status = WaitForFigures(**connection, sender.token(), std::chrono::minutes(20));
    if (!status.ok()) return Fail(status);
    std::printf("The figures include everything after %.1f s.\n",
                std::chrono::duration<double>(SystemClock().Monotonic() - begin).count());
  }
  if (arguments.live) {
    std::fflush(stdout);
    if (Status status = RunLive(arguments, simulation, sender); !status.ok()) return Fail(status);
  }
  return refusals.count == 0 ? 0 : 1;
}

}  // namespace

void AddSimulate(CLI::App& root, int& exit_code) {
  CLI::App* verb =
      root.add_subcommand("simulate", "Sends a believable group of plants as sample data (docs/simulate.md)");
  auto arguments = std::make_shared<SimulateArguments>();
  arguments->servers.AddTo(*verb);
  verb->add_option("--plants", arguments->simulation.plants, "Plants")->check(CLI::Range(1, 200));
  verb->add_option("--months", arguments->simulation.months, "Months of history before the present one")
      ->check(CLI::Range(1, 120));
  verb->add_option("--scale", arguments->simulation.scale,
                   "Size of each plant; 1 has six lines and some 130 people")
      ->check(CLI::Range(0.1, 20.0));
  verb->add_option("--seed", arguments->simulation.seed, "The same seed gives the same events");
  verb->add_option("--from", arguments->from, "First day, instead of --months");
  verb->add_option("--until", arguments->until, "Last day; today without it");
  verb->add_option("--truth", arguments->truth_path,
                   "Write what is true in the simulated world to this file (JSON)");
  verb->add_flag("--live", arguments->live, "Go on with a trickle in real time until Ctrl-C");
  verb->add_option("--live-interval", arguments->live_interval_s, "Seconds between the trickle's events")
      ->check(CLI::Range(0.05, 3600.0));
  verb->add_flag("--wait", arguments->wait, "Return when the figures include everything");
  verb->add_flag("--dry-run", arguments->dry_run, "Count the events, send nothing");
  verb->callback([arguments, &exit_code] { exit_code = Run(*arguments); });
}

}  // namespace yokoten::cli

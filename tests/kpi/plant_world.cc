#include "kpi/plant_world.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "rollup_worker/engine.h"

namespace yokoten::test {
namespace {

void Must(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "plant world: %s\n", Message(status).c_str());
  std::abort();
}

template <typename T>
T Must(Result<T> result) {
  Must(result.status());
  return *std::move(result);
}

kpi::Catalogue Only(const std::vector<std::string>& kpis) {
  std::vector<kpi::SourceText> definitions = kpi::LinkedDefinitions();
  std::erase_if(definitions, [&](const kpi::SourceText& text) {
    return std::find(kpis.begin(), kpis.end(), text.name) == kpis.end();
  });
  return Must(kpi::Catalogue::Load(definitions, kpi::LinkedSteps()));
}

}  // namespace

PlantWorld::PlantWorld(Warehouse& warehouse, const std::string& database,
                       const std::vector<std::string>& kpis)
    : client_(Must(warehouse.NewDatabase(database))), catalogue_(Only(kpis)), log_(*client_) {}

PlantWorld::PlantWorld(Warehouse& warehouse, const std::string& database, kpi::Catalogue catalogue)
    : client_(Must(warehouse.NewDatabase(database))), catalogue_(std::move(catalogue)), log_(*client_) {}

void PlantWorld::Add(const std::string& facts) {
  std::vector<LoggedEvent> events = Must(ReadFacts(facts));
  ++added_;
  for (LoggedEvent& logged : events) {
    event::v1::EventContext& context = ContextOf(logged);
    if (context.id().starts_with("line")) context.set_id(std::to_string(added_) + "-" + context.id());
  }
  Must(log_.Store(events));
  Must(log_.JudgeIdentity());
  rollup_worker::Engine engine(*client_, catalogue_, clock_, {});
  Must(engine.Load());
  std::map<std::string, rollup_worker::PlantTouches> touches;
  for (auto& [plant, own] : log_.TakeTouches()) {
    if (plant != "*") touches[plant] = {own, rollup_worker::MakeVersion(1, log_.dirty_offset() + 1, false)};
  }
  Must(engine.Apply(touches).status());
}

std::string FactsFile(const std::string& name) {
  std::ifstream in(std::filesystem::path(YOKOTEN_KPI_TESTS) / name);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace yokoten::test

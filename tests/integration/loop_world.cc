#include "integration/loop_world.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "rollup_worker/places.h"

namespace yokoten::test {

Warehouse* SharedWarehouse() {
  static Result<std::unique_ptr<Warehouse>> warehouse = Warehouse::Start();
  if (warehouse.ok()) return warehouse->get();
  std::fprintf(stderr, "%s\n", Message(warehouse.status()).c_str());
  return nullptr;
}

LoopWorld::LoopWorld(const std::string& database) {
  Warehouse* warehouse = SharedWarehouse();
  if (warehouse == nullptr) std::abort();
  auto client = warehouse->NewDatabase(database);
  if (!client.ok()) {
    std::fprintf(stderr, "%s\n", Message(client.status()).c_str());
    std::abort();
  }
  client_ = *std::move(client);
  log_ = std::make_unique<FactLog>(*client_);
}

Status LoopWorld::Store(const std::vector<LoggedEvent>& events) {
  constexpr size_t kBatch = 20000;
  for (size_t from = 0; from < events.size(); from += kBatch) {
    YK_RETURN_IF_ERROR(
        log_->Store({events.begin() + static_cast<std::ptrdiff_t>(from),
                     events.begin() + static_cast<std::ptrdiff_t>(std::min(from + kBatch, events.size()))}));
  }
  YK_RETURN_IF_ERROR(log_->JudgeIdentity());
  std::map<std::string, int64_t> earliest;
  std::map<std::string, uint64_t> versions;
  std::vector<std::string> plants;
  for (const LoggedEvent& logged : events) {
    const std::string& plant = ContextOf(const_cast<LoggedEvent&>(logged)).plant_id();
    if (plant == "*" || !earliest.try_emplace(plant, kFirstDay.value * int64_t{86'400'000'000}).second)
      continue;
    plants.push_back(plant);
  }
  rollup_worker::Places places(*client_);
  YK_RETURN_IF_ERROR(places.Load());
  YK_RETURN_IF_ERROR(places.Discover(earliest, clock.now));
  YK_RETURN_IF_ERROR(places.RefreshCalendars(plants, clock.now, versions).status());
  return places.WriteState(plants, clock.now, true);
}

Status LoopWorld::StoreFile(const std::string& name) {
  std::ifstream in(std::string(YOKOTEN_LOOP_FACTS) + "/" + name);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) return NotFound(name + " is not there");
  YK_ASSIGN_OR_RETURN(const std::vector<LoggedEvent> events, ReadFacts(text.str()));
  return Store(events);
}

}  // namespace yokoten::test

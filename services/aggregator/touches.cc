#include "aggregator/touches.h"

#include "yokoten/internal/v1/internal.pb.h"

namespace yokoten::aggregator {
namespace {

constexpr int64_t kMicrosPerSecond = 1000000;

// Runs fn for the items of a set that belong into the part-th record.
template <typename Set, typename Fn>
void Slice(const Set& set, size_t part, Fn fn) {
  const size_t from = part * kTouchEntriesMax;
  if (from >= set.size()) return;
  auto it = std::next(set.begin(), static_cast<ptrdiff_t>(from));
  for (size_t i = 0; i < kTouchEntriesMax && it != set.end(); ++i, ++it) fn(*it);
}

}  // namespace

TouchSet::Touched& TouchSet::At(std::string_view plant, std::string_view event_type,
                                std::string_view entity) {
  Touched& touched = touches_[{std::string(plant), std::string(event_type)}];
  if (touched.entities.find(entity) == touched.entities.end()) touched.entities.emplace(entity);
  return touched;
}

void TouchSet::Instant(std::string_view plant, std::string_view event_type, std::string_view entity,
                       int64_t micros) {
  int64_t second = micros / kMicrosPerSecond * kMicrosPerSecond;
  if (second > micros) second -= kMicrosPerSecond;
  At(plant, event_type, entity).instants.insert(second);
}

void TouchSet::Date(std::string_view plant, std::string_view event_type, std::string_view entity,
                    int32_t day) {
  At(plant, event_type, entity).days.insert(day);
}

void TouchSet::Root(std::string_view plant, std::string_view event_type, std::string_view entity,
                    const events::Uuid& root) {
  At(plant, event_type, entity).roots.insert(root);
}

std::vector<events::Record> TouchSet::Records() const {
  std::vector<events::Record> records;
  for (const auto& [place, touched] : touches_) {
    const size_t longest = std::max(
        {touched.entities.size(), touched.instants.size(), touched.days.size(), touched.roots.size()});
    for (size_t part = 0; part * kTouchEntriesMax < longest; ++part) {
      internal::v1::Touch touch;
      touch.set_plant_id(place.first);
      touch.set_event_type(place.second);
      Slice(touched.entities, part, [&](const std::string& entity) { touch.add_entities(entity); });
      Slice(touched.instants, part, [&](int64_t instant) { touch.add_instants_us(instant); });
      Slice(touched.days, part, [&](int32_t day) { touch.add_days(day); });
      Slice(touched.roots, part,
            [&](const events::Uuid& root) { touch.add_root_keys(root.data(), root.size()); });
      records.push_back({.key = place.first, .value = touch.SerializeAsString(), .headers = {}});
    }
  }
  return records;
}

}  // namespace yokoten::aggregator

// What a batch touched, gathered into as few touch records as their limits allow.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "events/envelope.h"
#include "events/identity.h"

namespace yokoten::aggregator {

// Most entries of each list of one touch record; more make a further record.
inline constexpr size_t kTouchEntriesMax = 2000;

// Touches by plant and event type. Not thread-safe.
class TouchSet {
 public:
  // `event_type` is the full name. Instants are kept in whole seconds, in which production days begin.
  void Instant(std::string_view plant, std::string_view event_type, std::string_view entity, int64_t micros);
  void Date(std::string_view plant, std::string_view event_type, std::string_view entity, int32_t day);
  // The stored versions of a root are to be looked up.
  void Root(std::string_view plant, std::string_view event_type, std::string_view entity,
            const events::Uuid& root);

  bool empty() const { return touches_.empty(); }
  // Records of the dirty topic, keyed by plant, in a fixed order.
  std::vector<events::Record> Records() const;

 private:
  struct Touched {
    std::set<std::string, std::less<>> entities;
    std::set<int64_t> instants;
    std::set<int32_t> days;
    std::set<events::Uuid> roots;
  };
  Touched& At(std::string_view plant, std::string_view event_type, std::string_view entity);

  std::map<std::pair<std::string, std::string>, Touched> touches_;
};

}  // namespace yokoten::aggregator

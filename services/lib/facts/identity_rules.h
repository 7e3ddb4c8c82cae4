// Which stored facts do not count, decided from their keys alone. Pure.
//
// - Copies of one fact key under different places (plant, type, entity): the earliest recorded counts.
// - Live facts of one business key: the earliest recorded root counts. Live means: its place is the one that
// counts, it
//   is not voided; the business key is that of its live version (the latest correction that fits, else the
//   root).
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "clickhouse/native.h"
#include "events/identity.h"

namespace yokoten::facts {

// Where a fact is stored. The type is the short name.
struct Place {
  std::string plant;
  std::string event_type;
  std::string entity;
  friend auto operator<=>(const Place&, const Place&) = default;
};

// A row of event_key.
struct KeyRow {
  events::Uuid fact_key{};
  Place place;
  clickhouse::UInt128 rank = 0;
  events::Uuid root_key{};
  std::string kind;  // "fact", "correct" or "void"
  events::Uuid bkey{};
  std::string content_hash;
  std::string source;
  std::string event_id;
  std::string target_plant;
  std::string target_entity;
};

// Why a stored fact does not count.
struct Inert {
  std::string reason;  // "id_conflict" or "business_key"
  events::Uuid winner{};
  friend bool operator==(const Inert&, const Inert&) = default;
};

// Something for the data-quality page.
struct Finding {
  std::string kind;  // "id_conflict", "business_key" or "no_target"
  Place place;
  events::Uuid fact_key{};
  Place other;
  events::Uuid other_key{};
  std::string source;
  std::string event_id;
  int64_t recorded_ms = 0;  // of the fact the finding is about; since 1970-01-01 UTC
  friend bool operator==(const Finding&, const Finding&) = default;
};

struct Judgement {
  // Every fact that was judged: empty when it counts.
  std::map<std::pair<Place, events::Uuid>, std::optional<Inert>> facts;
  std::vector<Finding> findings;
};

// Judges the roots in `judged_keys` and everything that competes with them. `rows` must hold all stored
// copies and corrections of these roots, all voids of either, and all of these for every root that shares a
// business key with any version of them. Roots in `rows` whose business key stands outside `judged_keys`' are
// not judged by business key.
Judgement Judge(const std::vector<KeyRow>& rows, const std::vector<events::Uuid>& judged_keys,
                const std::vector<events::Uuid>& judged_bkeys);

}  // namespace yokoten::facts

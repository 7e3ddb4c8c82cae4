// What was published, as rows of derived_state.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "clickhouse/client.h"
#include "clickhouse/native.h"

namespace yokoten::derive {

struct StateRow {
  std::string rule, plant, entity;
  int64_t due_us = 0;
  std::string event_id, workshop, line;
  bool active = true;
  uint32_t times = 1;
  uint64_t version = 1;
};

class States {
 public:
  States();
  void Add(const StateRow& row);
  Status Store(clickhouse::Client& clickhouse);

 private:
  clickhouse::NativeBlock block_;
};

}  // namespace yokoten::derive

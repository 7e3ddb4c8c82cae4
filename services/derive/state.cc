#include "derive/state.h"

#include <initializer_list>
#include <utility>

namespace yokoten::derive {

States::States() {
  for (const auto& [name, type] :
       std::initializer_list<std::pair<const char*, const char*>>{{"rule", "String"},
                                                                  {"plant", "String"},
                                                                  {"entity", "String"},
                                                                  {"due_at", "DateTime64(6, 'UTC')"},
                                                                  {"event_id", "String"},
                                                                  {"workshop", "String"},
                                                                  {"line", "String"},
                                                                  {"active", "UInt8"},
                                                                  {"times", "UInt32"},
                                                                  {"version", "UInt64"}}) {
    block_.Add(name, type);
  }
}

void States::Add(const StateRow& row) {
  block_.column(0).AppendString(row.rule);
  block_.column(1).AppendString(row.plant);
  block_.column(2).AppendString(row.entity);
  block_.column(3).Append<int64_t>(row.due_us);
  block_.column(4).AppendString(row.event_id);
  block_.column(5).AppendString(row.workshop);
  block_.column(6).AppendString(row.line);
  block_.column(7).Append<uint8_t>(row.active);
  block_.column(8).Append<uint32_t>(row.times);
  block_.column(9).Append<uint64_t>(row.version);
}

Status States::Store(clickhouse::Client& clickhouse) { return clickhouse.Insert("derived_state", block_); }

}  // namespace yokoten::derive

// The rules: what is concluded from the facts and the clock, one file each (rules/<id>.sql).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <google/protobuf/message.h>

#include "base/status.h"
#include "clickhouse/client.h"
#include "kpi/catalogue.h"
#include "yokoten/derived/v1/rule.pb.h"

namespace yokoten::derive {

struct Rule {
  derived::v1::RuleDefinition definition;
  // Rows: plant, workshop, line, entity, due_at (DateTime64(6)), evidence (Array(Tuple(event type, source,
  // id))) and the event's own fields by name; of an alert, `detail` alone.
  kpi::Question question;
  const google::protobuf::Descriptor* event = nullptr;

  const std::string& id() const { return question.name(); }
  // Its rows are states: what is no longer among them has ended.
  bool is_alert() const { return definition.event() == "AlertRaised"; }
};

// The rules linked into this program, by id. A broken one ends the program with one line.
const std::vector<Rule>& LinkedRules();
// InvalidArgument says what is wrong with the header.
Result<Rule> MakeRule(kpi::Question question);
// The texts CMake linked.
std::vector<kpi::SourceText> RuleTexts();

// What is the same in all rows: the SELECT that yields them as `keys` (plant, workshop, line, entity, due_us)
// and, for each field of the event, a column of text.
std::string RowsSql(const Rule& rule, const std::string& question_sql);
// The event of a row of RowsSql, context.id left empty.
std::unique_ptr<google::protobuf::Message> EventOf(const Rule& rule, const clickhouse::Rows& rows,
                                                   size_t row);

}  // namespace yokoten::derive

#include "derive/rules.h"

#include <cstdio>
#include <cstdlib>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>

#include "asks/round.h"
#include "events/identity.h"

namespace yokoten::derive {
namespace {

using google::protobuf::FieldDescriptor;

// Fields a row fills: all but the context and what an alert has from its rule.
std::vector<const FieldDescriptor*> RowFields(const Rule& rule) {
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < rule.event->field_count(); ++i) {
    const FieldDescriptor* field = rule.event->field(i);
    if (field->name() == "context" || (rule.is_alert() && field->name() != "detail")) continue;
    fields.push_back(field);
  }
  return fields;
}

void SetField(google::protobuf::Message& event, const FieldDescriptor& field, const std::string& text) {
  const auto* reflection = event.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      reflection->SetString(&event, &field, text);
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection->SetBool(&event, &field, text == "1" || text == "true");
      break;
    default:
      reflection->SetInt32(&event, &field, std::atoi(text.c_str()));
  }
}

}  // namespace

Result<Rule> MakeRule(kpi::Question question) {
  Rule rule;
  const auto wrong = [&](const std::string& what) {
    return InvalidArgument("rules/" + question.name() + ".sql: " + what);
  };
  if (!google::protobuf::TextFormat::ParseFromString(question.header, &rule.definition))
    return wrong("the header is no RuleDefinition in text format");
  rule.event =
      derived::v1::DerivedContext::descriptor()->file()->FindMessageTypeByName(rule.definition.event());
  if (rule.event == nullptr || rule.event->FindFieldByName("context") == nullptr)
    return wrong("there is no derived event '" + rule.definition.event() + "'");
  rule.question = std::move(question);
  if (rule.is_alert() != !rule.definition.title_en().empty() ||
      rule.definition.title_zh().empty() != rule.definition.title_en().empty() ||
      rule.is_alert() == rule.definition.owner_role().empty() ||
      rule.is_alert() == (rule.definition.severity() == derived::v1::SEVERITY_UNSPECIFIED)) {
    return InvalidArgument("rules/" + rule.id() +
                           ".sql: titles, severity and owner_role go with AlertRaised");
  }
  if (rule.is_alert() == (rule.definition.lookback_d() > 0))
    return InvalidArgument("rules/" + rule.id() + ".sql: lookback_d goes with what is no alert");
  for (const FieldDescriptor* field : RowFields(rule)) {
    const auto type = field->cpp_type();
    if (type != FieldDescriptor::CPPTYPE_STRING && type != FieldDescriptor::CPPTYPE_BOOL &&
        type != FieldDescriptor::CPPTYPE_INT32) {
      return InvalidArgument("rules/" + rule.id() + ".sql: a row cannot fill " + field->full_name());
    }
  }
  return rule;
}

const std::vector<Rule>& LinkedRules() {
  static const std::vector<Rule> rules = [] {
    std::vector<Rule> made;
    for (kpi::Question& question : asks::Linked(kpi::Catalogue::Linked(), RuleTexts())) {
      Result<Rule> rule = MakeRule(std::move(question));
      if (!rule.ok()) {
        std::fprintf(stderr, "%s\n", Message(rule.status()).c_str());
        std::abort();
      }
      made.push_back(*std::move(rule));
    }
    return made;
  }();
  return rules;
}

std::string RowsSql(const Rule& rule, const std::string& question_sql) {
  std::string sql =
      "SELECT toString(plant) AS plant, toString(workshop) AS workshop, toString(line) AS line, "
      "toString(entity) AS "
      "entity, toUnixTimestamp64Micro(due_at) AS due_us, arrayStringConcat(arrayMap(e -> concat(e.1, '\\n', "
      "e.2, "
      "'\\n', e.3), evidence), '\\n') AS evidence_text";
  for (const FieldDescriptor* field : RowFields(rule))
    sql += ", toString(" + field->name() + ") AS field_" + field->name();
  return sql + " FROM (" + question_sql + ") ORDER BY due_us, plant, entity";
}

std::unique_ptr<google::protobuf::Message> EventOf(const Rule& rule, const clickhouse::Rows& rows,
                                                   size_t row) {
  std::unique_ptr<google::protobuf::Message> event(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(rule.event)->New());
  auto* context = static_cast<derived::v1::DerivedContext*>(
      event->GetReflection()->MutableMessage(event.get(), rule.event->FindFieldByName("context")));
  context->set_rule_id(rule.id());
  context->set_plant_id(rows.Text(row, "plant"));
  context->set_workshop_id(rows.Text(row, "workshop"));
  context->set_line_id(rows.Text(row, "line"));
  context->set_entity(rows.Text(row, "entity"));
  *context->mutable_due_at() = events::ToTimestamp(FromMicros(rows.Int(row, "due_us")));
  std::vector<std::string> parts(1);
  for (const char c : rows.Text(row, "evidence_text")) {
    if (c == '\n') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  for (size_t i = 0; i + 2 < parts.size(); i += 3) {
    auto* evidence = context->add_evidence();
    evidence->set_event_type(parts[i]);
    evidence->set_source(parts[i + 1]);
    evidence->set_id(parts[i + 2]);
  }
  for (const FieldDescriptor* field : RowFields(rule))
    SetField(*event, *field, rows.Text(row, "field_" + field->name()));
  if (rule.is_alert()) {
    auto& alert = static_cast<derived::v1::AlertRaised&>(*event);
    alert.set_severity(rule.definition.severity());
    alert.set_owner_role(rule.definition.owner_role());
    alert.set_title_zh(rule.definition.title_zh());
    alert.set_title_en(rule.definition.title_en());
  }
  return event;
}

}  // namespace yokoten::derive

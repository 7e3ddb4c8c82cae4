#include "insight/finding_kinds.h"

#include <cstdio>
#include <cstdlib>

#include "asks/round.h"
#include "insight/order_sql.h"
#include "lifecycle/machine.h"

namespace yokoten::insight {
namespace {

[[noreturn]] void Broken(const std::string& what) {
  std::fprintf(stderr, "findings: %s\n", what.c_str());
  std::abort();
}

// `zh: "..."` and `en: "..."`, a line each.
Words ReadWords(const kpi::Question& question) {
  const auto of = [&](const std::string& language) {
    const size_t at = question.header.find(language + ": \"");
    const size_t end = at == std::string::npos ? at : question.header.find("\"\n", at);
    if (end == std::string::npos) Broken(question.name() + ".sql says no " + language);
    return question.header.substr(at + language.size() + 3, end - at - language.size() - 3);
  };
  return {of("zh"), of("en")};
}

FindingKinds Read() {
  FindingKinds kinds;
  kinds.words = {
      {"id_conflict",
       {"同一来源与编号被再次发送，但内容或归属不同；以最早记录的为准。如需更改，请发送更正事件",
        "the same source and id were sent again with other content or another place; the earliest "
        "recorded one counts. To change it, send a correction"}},
      {"business_key",
       {"同一业务主键已有另一条事实；以最早记录的为准。请作废其中一条，或发送更正事件",
        "another fact has the same business key; the earliest recorded one counts. Void one of them, or "
        "send a correction"}},
      {"no_target",
       {"更正或作废所指的事件不存在；请检查来源、编号、工厂与实体",
        "the event that is corrected or voided does not exist; check source, id, plant and entity"}},
      {"out_of_order",
       {"按发生时间的顺序，此前状态下不允许此事件；缺少的事件到达后自动消除",
        "not allowed in the state it meets in the order of time; ends by itself when the missing event "
        "arrives"}},
  };
  const kpi::Catalogue& catalogue = kpi::Catalogue::Linked();
  for (kpi::Question& question : asks::Linked(catalogue, FindingTexts())) {
    const std::string kind = question.name();
    if (!kinds.words.emplace(kind, ReadWords(question)).second) Broken(kind + " is there twice");
    kinds.questions.push_back({kind, std::move(question)});
  }
  std::map<std::string, std::string> clock;
  for (const kpi::SourceText& source : ClockEventTexts()) clock[source.name] = source.text;
  std::vector<kpi::SourceText> orders;
  for (const auto& [name, machine] : lifecycle::Machines())
    orders.push_back({"out_of_order/" + name, OutOfOrderSql(machine, clock[name])});
  for (kpi::Question& question : asks::Linked(catalogue, orders))
    kinds.questions.push_back({"out_of_order", std::move(question)});
  return kinds;
}

}  // namespace

const FindingKinds& FindingKinds::Linked() {
  static const FindingKinds kinds = Read();
  return kinds;
}

}  // namespace yokoten::insight

#include "improvement/rules.h"

#include <set>
#include <string>

#include "ingest/rules.h"
#include "yokoten/improvement/v1/events.pb.h"

namespace yokoten::improvement {
namespace {

using ingest::Check;

void CheckSubmitted(Check& check, const v1::ProposalSubmitted& e) {
  check.Refuse(e.job_id().empty() && check.context().line_id().empty(), "job_id", "required",
               "or context.line_id is required; say which job or line the proposal improves",
               "与 context.line_id 至少填写一个，请说明提案针对的作业或产线");
  std::set<std::string> proposers;
  for (int i = 0; i < e.proposer_refs_size(); ++i) {
    check.Refuse(!proposers.insert(e.proposer_refs(i)).second, "proposer_refs[" + std::to_string(i) + "]",
                 "unique", "is named twice; the credit is shared once a person", "提案人重复");
  }
  check.NeedsCurrency(e.expected_saving_annual(), e.currency(), "expected_saving_annual");
}

void CheckImplemented(Check& check, const v1::ProposalImplemented& e) {
  check.NeedsCurrency(e.cost(), e.currency(), "cost");
  std::set<int> seen;
  for (int i = 0; i < e.ecrs_size(); ++i) {
    check.Refuse(!seen.insert(e.ecrs(i)).second, "ecrs[" + std::to_string(i) + "]", "unique",
                 "is named twice; name each once", "重复，请各填写一次");
  }
}

}  // namespace

void CheckRules(const events::EventType& type, const google::protobuf::Message& event,
                std::vector<events::Violation>& violations) {
  Check check(type, event, violations);
  check.On<v1::ProposalSubmitted>([&](const auto& e) { CheckSubmitted(check, e); });
  check.On<v1::ProposalImplemented>([&](const auto& e) { CheckImplemented(check, e); });
  check.On<v1::YokotenCompleted>([&](const auto& e) {
    check.Refuse(e.has_revision_no() && e.job_id().empty(), "job_id", "required",
                 "is required with revision_no; name the job whose standard took the proposal up",
                 "填写 revision_no 时必须填写作业");
  });
}

}  // namespace yokoten::improvement

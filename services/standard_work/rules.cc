#include "standard_work/rules.h"

#include "ingest/rules.h"
#include "yokoten/standard_work/v1/events.pb.h"

namespace yokoten::standard_work {
namespace {

using ingest::Check;

void NeedsActor(Check& check, std::string_view who_en, std::string_view who_zh) {
  check.Refuse(check.context().actor().empty(), "context.actor", "required",
               "is required: it is the " + std::string(who_en), "为必填项：" + std::string(who_zh));
}

void CheckRelease(Check& check, const v1::RevisionReleased& e) {
  const events::When occurred = events::OccurredOf(check.context());
  // A date begins up to 14 hours before its midnight in UTC.
  const int64_t from = occurred.micros() - (occurred.on ? int64_t{14} * 3600 * 1'000'000 : 0);
  check.Refuse(!check.context().has_corrects() && ToMicros(events::FromTimestamp(e.effective_from())) < from,
               "effective_from", "order",
               "is before the release itself; back-dating is a correction: name the event it corrects",
               "早于发布时间；追溯生效必须以更正方式提交");
  check.Refuse(!e.retraining_required() && e.change_class() != v1::CHANGE_CLASS_EDITORIAL,
               "retraining_required", "editorial",
               "may be false only for editorial changes; set change_class to EDITORIAL or require retraining",
               "仅文字性修改可以不再培训，请设置 change_class 或要求再培训");
}

void CheckApprovals(Check& check, const v1::RevisionReleased& e) {
  const events::When occurred = events::OccurredOf(check.context());
  constexpr int64_t kDayUs = int64_t{24} * 3600 * 1'000'000;
  // A date ends up to 12 hours after its midnight in UTC.
  const int64_t until = occurred.micros() + (occurred.on ? kDayUs + kDayUs / 2 : 0);
  for (int i = 0; i < e.approvals_size(); ++i) {
    check.Refuse(ToMicros(events::FromTimestamp(e.approvals(i).signed_at())) > until,
                 "approvals[" + std::to_string(i) + "].signed_at", "order",
                 "is after the release; what is signed later does not approve it",
                 "晚于发布时间，事后签署不构成批准");
  }
}

}  // namespace

void CheckRules(const events::EventType& type, const google::protobuf::Message& event,
                std::vector<events::Violation>& violations) {
  Check check(type, event, violations);
  check.On<v1::RevisionDrafted>([&](const auto& e) {
    check.Refuse(e.change_reason() == v1::CHANGE_REASON_JM_PROPOSAL && e.proposal_ids().empty(),
                 "proposal_ids", "required",
                 "is required when the reason is a JM proposal; name the proposals",
                 "变更原因为改善提案时必须填写提案编号");
  });
  check.On<v1::RevisionSubmitted>([&](const auto&) { NeedsActor(check, "author", "编制人"); });
  check.On<v1::RevisionRejected>([&](const auto&) { NeedsActor(check, "reviewer", "审核人"); });
  check.On<v1::RevisionApproved>([&](const auto& e) {
    NeedsActor(check, "approver", "批准人");
    check.Refuse(!e.author_ref().empty() && e.author_ref() == check.context().actor(), "author_ref",
                 "differs", "is the approver; somebody else than the author must approve",
                 "编制人不得批准自己的版本");
  });
  check.On<v1::RevisionReleased>([&](const auto& e) {
    CheckRelease(check, e);
    CheckApprovals(check, e);
  });
}

}  // namespace yokoten::standard_work

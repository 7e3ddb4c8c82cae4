#include "insight/loop/state_words.h"

#include <map>

namespace yokoten::insight {

StateWords WordsOfState(std::string_view state) {
  static const std::map<std::string_view, StateWords> words = {
      {"-", {"尚无有效事件", "nothing legal yet"}},
      {"DRAFT", {"草稿", "draft"}},
      {"IN_REVIEW", {"审核中", "in review"}},
      {"APPROVED", {"已批准", "approved"}},
      {"RELEASED", {"已发布，未生效", "released, not yet effective"}},
      {"EFFECTIVE", {"现行", "effective"}},
      {"SUPERSEDED", {"已被新版取代", "superseded"}},
      {"WITHDRAWN", {"已撤回", "withdrawn"}},
      {"PLANNED", {"已计划", "planned"}},
      {"IN_PROGRESS", {"进行中", "in progress"}},
      {"CANCELLED", {"已取消", "cancelled"}},
      {"PASSED", {"已通过", "passed"}},
      {"FOLLOWED_UP", {"已跟踪", "followed up"}},
      {"SUBMITTED", {"已提交", "submitted"}},
      {"SCREENED", {"已初审", "screened"}},
      {"REJECTED", {"未采纳", "rejected"}},
      {"DEFERRED", {"暂缓", "deferred"}},
      {"IMPLEMENTED", {"已实施", "implemented"}},
      {"VERIFIED", {"已验证有效", "verified effective"}},
      {"INEFFECTIVE", {"验证无效", "verified ineffective"}},
      {"STANDARDIZED", {"已标准化", "standardized"}},
      {"APPLICABLE", {"适用，待横展", "applicable"}},
      {"NOT_APPLICABLE", {"不适用", "not applicable"}},
      {"DONE", {"已完成", "done"}},
      {"IDENTIFIED", {"已发现", "identified"}},
      {"ASSESSED", {"已评估", "assessed"}},
      {"ELIMINATED", {"已消除", "eliminated"}},
      {"CONTROLLED", {"已控制", "controlled"}},
      {"DISMISSED", {"已排除", "dismissed"}},
      {"DUPLICATE", {"重复", "duplicate"}},
      {"REPORTED", {"已报告", "reported"}},
      {"CLASSIFIED", {"已分类", "classified"}},
      {"INVESTIGATED", {"已调查", "investigated"}},
      {"CLOSED", {"已关闭", "closed"}},
      {"OPEN", {"未关闭", "open"}},
      {"RUNNING", {"进行中", "running"}},
      {"ENROLLED", {"已报名", "enrolled"}},
      {"ATTENDING", {"学习中", "attending"}},
      {"COMPLETED", {"已结业", "completed"}},
      {"DROPPED", {"已退出", "dropped"}},
      {"SCHEDULED", {"已排定", "scheduled"}},
      {"HELD", {"已召开", "held"}},
      {"ESCALATED", {"已升级", "escalated"}},
      {"NOMINATED", {"已提名", "nominated"}},
      {"SELECTED", {"已选定", "selected"}},
      {"PRACTICE", {"试讲中", "in practice"}},
      {"ACTIVE", {"在任", "active"}},
      {"SUSPENDED", {"已停任", "suspended"}},
      {"REVOKED", {"证书已撤销", "certificate revoked"}},
      {"EXPIRED", {"证书已到期", "certificate expired"}},
      {"PERFORMED", {"已执行", "performed"}},
      {"MISSED", {"逾期未做", "missed"}},
  };
  const auto found = words.find(state);
  return found == words.end() ? StateWords{state.data(), state.data()} : found->second;
}

}  // namespace yokoten::insight

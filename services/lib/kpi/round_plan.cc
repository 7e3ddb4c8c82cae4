#include "kpi/round_plan.h"

#include <algorithm>

namespace yokoten::kpi {

std::vector<uint16_t> UsersOf(const RoundPlan& plan, const std::string& step) {
  std::vector<uint16_t> users;
  for (uint16_t i = 0; i < plan.kpis.size(); ++i) {
    if (plan.idle.contains(i)) continue;
    const auto& steps = plan.kpis[i]->all_steps;
    if (std::find(steps.begin(), steps.end(), step) != steps.end()) users.push_back(i);
  }
  return users;
}

std::vector<std::string> StepsOf(const RoundPlan& plan) {
  std::vector<std::string> steps;
  for (uint16_t i = 0; i < plan.kpis.size(); ++i) {
    if (plan.idle.contains(i)) continue;
    for (const std::string& step : plan.kpis[i]->all_steps) {
      if (std::find(steps.begin(), steps.end(), step) == steps.end()) steps.push_back(step);
    }
  }
  return steps;
}

std::map<std::string, FactNeed> FactsOf(const RoundPlan& plan) {
  std::map<std::string, FactNeed> needs;
  for (uint16_t i = 0; i < plan.kpis.size(); ++i) {
    if (plan.idle.contains(i)) continue;
    for (const auto& [event, columns] : plan.kpis[i]->all_facts) {
      FactNeed& need = needs[event];
      need.columns.insert(columns.begin(), columns.end());
      const std::set<std::string>& common = plan.kpis[i]->common_columns;
      need.common.insert(common.begin(), common.end());
      need.users.push_back(i);
      // Members are counted over whole years, however few days were touched.
      if (plan.kpis[i]->HorizonOf(event) != v1::HORIZON_DAY || plan.kpis[i]->has_members())
        need.days_only = false;
    }
  }
  return needs;
}

std::set<std::string> EventsOf(const RoundPlan& plan) {
  std::set<std::string> events;
  for (const auto& [event, need] : FactsOf(plan)) events.insert(event);
  return events;
}

void KeepPresent(const std::set<std::string>& present, RoundPlan* plan) {
  plan->present.insert(present.begin(), present.end());
  for (const std::string& event : EventsOf(*plan)) {
    if (!plan->present.contains(event)) plan->absent.insert(event);
  }
  for (uint16_t i = 0; i < plan->kpis.size(); ++i) {
    const auto& facts = plan->kpis[i]->all_facts;
    const bool some = std::any_of(facts.begin(), facts.end(),
                                  [plan](const auto& fact) { return plan->present.contains(fact.first); });
    // Who counts members writes zeros for periods, which only its own statement knows.
    if (!some && !facts.empty() && !plan->kpis[i]->has_members()) plan->idle.insert(i);
  }
}

std::map<std::pair<char, Day>, MemberPeriod> MemberPeriods(const RoundPlan& plan, const PlantScope& scope) {
  std::map<std::pair<char, Day>, MemberPeriod> periods;
  const auto add = [&](char grain, Day first, Day next) -> MemberPeriod& {
    return periods
        .try_emplace(
            {grain, first},
            MemberPeriod{std::max(first, scope.range.first), std::min(next - 1, scope.range.second), {}})
        .first->second;
  };
  std::map<Day, std::set<uint16_t>> months;
  for (size_t i = 0; i < scope.days.size(); ++i) {
    for (const uint16_t kpi : scope.kpis[i]) {
      if (plan.kpis[kpi]->has_members()) months[MonthStart(scope.days[i].day)].insert(kpi);
    }
  }
  for (const auto& [of, kpis] : months) {
    const Day year = YearStart(of), quarter = QuarterStart(of);
    const auto touched = [&kpis](MemberPeriod& period) { period.kpis.insert(kpis.begin(), kpis.end()); };
    Day month = year;
    for (int m = 0; m < 12; ++m, month = NextMonthStart(month)) {
      if (NextMonthStart(month) <= scope.range.first || month > scope.range.second) continue;
      MemberPeriod& period = add('m', month, NextMonthStart(month));
      if (month == of) touched(period);
    }
    touched(add('q', quarter, NextMonthStart(NextMonthStart(NextMonthStart(quarter)))));
    touched(add('y', year, month));
  }
  return periods;
}

bool HasMembers(const RoundPlan& plan) {
  return std::any_of(plan.kpis.begin(), plan.kpis.end(), [](const Kpi* kpi) { return kpi->has_members(); });
}

std::set<Day> MonthsWithRest(const PlantScope& scope) {
  std::map<Day, std::map<uint16_t, int32_t>> counts;
  for (size_t i = 0; i < scope.days.size(); ++i) {
    std::map<uint16_t, int32_t>& month = counts[MonthStart(scope.days[i].day)];
    for (const uint16_t kpi : scope.kpis[i]) ++month[kpi];
  }
  std::set<Day> months;
  for (const auto& [month, kpis] : counts) {
    const Day first = std::max(month, scope.range.first),
              last = std::min(NextMonthStart(month) - 1, scope.range.second);
    const int32_t whole = last.value - first.value + 1;
    if (std::any_of(kpis.begin(), kpis.end(), [whole](const auto& kpi) { return kpi.second < whole; })) {
      months.insert(month);
    }
  }
  return months;
}

std::optional<std::pair<Day, Day>> SpanOfMonthsWithRest(const RoundPlan& plan) {
  std::optional<std::pair<Day, Day>> span;
  for (const PlantScope& scope : plan.plants) {
    for (const Day month : MonthsWithRest(scope)) {
      if (!span) span.emplace(month, month);
      span->first = std::min(span->first, month);
      span->second = std::max(span->second, NextMonthStart(month) - 1);
    }
  }
  return span;
}

bool WantsAll(const RoundPlan& plan) {
  for (const PlantScope& scope : plan.plants) {
    for (const auto& kpis : scope.kpis) {
      if (kpis.size() != plan.kpis.size()) return false;
    }
  }
  return true;
}

}  // namespace yokoten::kpi

#include "operations/rules.h"

#include <algorithm>
#include <set>
#include <string>

#include "ingest/rules.h"
#include "yokoten/operations/v1/events.pb.h"

namespace yokoten::operations {
namespace {

using ingest::Before;
using ingest::Check;

constexpr int kDayMinutes = 24 * 60;
constexpr int kWeekMinutes = 7 * kDayMinutes;

int Minutes(const std::string& hh_mm) {
  return ((hh_mm[0] - '0') * 10 + (hh_mm[1] - '0')) * 60 + (hh_mm[3] - '0') * 10 + (hh_mm[4] - '0');
}

// One start of a shift in a week of local wall time.
struct Span {
  int begin = 0;   // minutes since Monday 00:00
  int length = 0;  // may reach into the next week
  int shift = 0;   // index in the calendar
};

// Shifts are laid out on the circle of a week, so that Sunday's night shift meets Monday's early one.
template <typename Calendar>
void CheckShifts(Check& check, const Calendar& calendar) {
  std::vector<Span> spans;
  for (int i = 0; i < calendar.shifts_size(); ++i) {
    const auto& shift = calendar.shifts(i);
    const std::string path = "shifts[" + std::to_string(i) + "]";
    check.Refuse(shift.shift_code() == "NONE", path + ".shift_code", "reserved",
                 "is NONE, which is reserved for the time outside every shift; choose another code",
                 "“NONE”保留给班次以外的时间，请使用其他代码");
    const int begin = Minutes(shift.start_time()), end = Minutes(shift.end_time());
    const int length = end > begin ? end - begin : end + kDayMinutes - begin;
    std::set<int> weekdays(shift.weekdays().begin(), shift.weekdays().end());
    if (weekdays.empty()) weekdays = {1, 2, 3, 4, 5, 6, 7};
    for (const int weekday : weekdays) spans.push_back({(weekday - 1) * kDayMinutes + begin, length, i});
  }
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  for (size_t i = 0; i < spans.size(); ++i) {
    const Span& span = spans[i];
    const Span& next = spans[(i + 1) % spans.size()];
    const int next_begin = i + 1 < spans.size() ? next.begin : next.begin + kWeekMinutes;
    if (span.begin + span.length > next_begin) {
      check.Refuse(true, "shifts[" + std::to_string(next.shift) + "].start_time", "overlap",
                   "lies within shift " + calendar.shifts(span.shift).shift_code() +
                       "; shifts may abut but not overlap",
                   "与班次 " + calendar.shifts(span.shift).shift_code() + " 重叠，班次可以相接但不得重叠");
      return;
    }
  }
}

void CheckRoster(Check& check, const v1::RosterPublished& roster) {
  check.Refuse(roster.chunk() > roster.chunks(), "chunk", "range",
               "must not be above chunks; number chunks from 1 to chunks",
               "不得大于 chunks，请从 1 开始编号");
  check.Refuse(
      roster.row_count() != roster.rows_size(), "row_count", "equal",
      "must be the number of rows, " + std::to_string(roster.rows_size()) + "; the chunk may be incomplete",
      "必须等于行数 " + std::to_string(roster.rows_size()) + "，数据可能不完整");
  std::set<std::string> persons;
  for (int i = 0; i < roster.rows_size(); ++i) {
    const auto& row = roster.rows(i);
    const std::string path = "rows[" + std::to_string(i) + "]";
    check.Refuse(!persons.insert(row.person_ref()).second, path + ".person_ref", "unique",
                 "stands in two rows; give each person one row", "人员重复，每人只能有一行");
    const bool leave = row.status() == v1::EMPLOYMENT_STATUS_LEAVE;
    check.Refuse(leave && row.leave_from().empty(), path + ".leave_from", "required",
                 "is required for a person on leave; set the first day of the leave",
                 "休假人员必须填写休假开始日期");
    for (int a = 0; a < row.assignments_size(); ++a) {
      const auto& assignment = row.assignments(a);
      check.Refuse(Before(assignment.to_date(), assignment.from_date()),
                   path + ".assignments[" + std::to_string(a) + "].to_date", "order",
                   "is before from_date; swap them", "早于 from_date，请更正");
    }
  }
}

bool InPeriod(const v1::HoursReported& hours, const std::string& occurred_on) {
  const auto on = ParseDay(occurred_on);
  if (!on) return false;
  if (!hours.production_day().empty()) return occurred_on == hours.production_day();
  if (!hours.month().empty()) return MonthStart(*on) == ParseDay(hours.month());
  return ToCivil(*on).year == hours.year();
}

void CheckHours(Check& check, const v1::HoursReported& hours) {
  const int periods = (hours.production_day().empty() ? 0 : 1) + (hours.month().empty() ? 0 : 1) +
                      (hours.year() == 0 ? 0 : 1);
  check.Refuse(periods != 1, "production_day", "exclusive",
               "exactly one of production_day, month and year must be set",
               "production_day、month、year 必须且只能填写一个");
  check.Refuse(hours.year() != 0 && hours.year() < 1900, "year", "range", "must be from 1900 to 2299",
               "必须在 1900 与 2299 之间");
  check.Refuse(!hours.shift_code().empty() && hours.production_day().empty(), "shift_code", "exclusive",
               "is set without production_day; hours by shift need their day",
               "按班次上报工时必须填写 production_day");
  check.Refuse(!check.context().station_id().empty(), "context.station_id", "level",
               "is set, but hours are counted by plant, workshop or line; leave it out",
               "工时只按工厂、车间或产线统计，请省略");
  check.Refuse(periods == 1 && !InPeriod(hours, check.context().occurred_on()), "context.occurred_on",
               "period", "must be a date within the reported period; set it, and leave occurred_at out",
               "必须是上报期间内的日期，请填写并省略 occurred_at");
}

void CheckMode(Check& check, const v1::ReportingModeSet& mode) {
  const bool errors = mode.feed() == v1::REPORTING_FEED_ERRORS,
             hours = mode.feed() == v1::REPORTING_FEED_HOURS;
  check.Refuse(!hours && mode.mode() == v1::REPORTING_MODE_UNSPECIFIED, "mode", "required",
               "is required for this feed; set ITEMIZED or AGGREGATED", "此数据源必须填写上报方式");
  check.Refuse(!errors && !mode.line_id().empty(), "line_id", "exclusive",
               "holds for the feed ERRORS only; leave it out", "仅适用于差错数据源，请省略");
  check.Refuse(!hours && mode.worker_type() != v1::WORKER_TYPE_UNSPECIFIED, "worker_type", "exclusive",
               "holds for the feed HOURS only; leave it out", "仅适用于工时数据源，请省略");
  check.Refuse(!hours && mode.level() != v1::ORG_LEVEL_UNSPECIFIED, "level", "exclusive",
               "holds for the feed HOURS only; leave it out", "仅适用于工时数据源，请省略");
  check.Refuse(!hours && mode.period() != v1::PERIOD_LENGTH_UNSPECIFIED, "period", "exclusive",
               "holds for the feed HOURS only; leave it out", "仅适用于工时数据源，请省略");
  check.Refuse(
      hours && mode.level() == v1::ORG_LEVEL_UNSPECIFIED && mode.period() == v1::PERIOD_LENGTH_UNSPECIFIED,
      "level", "required", "or period is required for the feed HOURS; say which hours count",
      "工时数据源必须填写 level 或 period");
  check.Refuse(mode.level() == v1::ORG_LEVEL_STATION, "level", "range", "must be PLANT, WORKSHOP or LINE",
               "必须是工厂、车间或产线");
}

void CheckOutput(Check& check, const v1::ShiftOutputReported& output) {
  check.NeedsLine();
  check.NeedsOccurredOn(output.production_day(), "production_day");
  check.Refuse(output.good_qty() + output.scrap_qty() > output.produced_qty(), "good_qty", "sum",
               "and scrap_qty together must not exceed produced_qty",
               "与 scrap_qty 之和不得超过 produced_qty");
  check.Refuse(output.has_good_first_time_qty() && !output.has_inspected_qty(), "inspected_qty", "required",
               "is required with good_first_time_qty", "填写 good_first_time_qty 时必须填写");
  check.Refuse(output.has_inspected_qty() && output.good_first_time_qty() > output.inspected_qty(),
               "good_first_time_qty", "range", "must not exceed inspected_qty", "不得超过 inspected_qty");
  check.Refuse(output.cycle().p90_s() < output.cycle().p50_s(), "cycle.p90_s", "order",
               "is below the median p50_s; swap them", "小于中位数 p50_s，请更正");
}

void CheckUnit(Check& check, const v1::OrgUnitOpened& unit) {
  const bool plant = unit.level() == v1::ORG_LEVEL_PLANT;
  check.Refuse(plant && unit.unit_id() != check.context().plant_id(), "unit_id", "equal",
               "must be the plant's own id, context.plant_id, for a plant",
               "工厂的 unit_id 必须与 context.plant_id 相同");
  check.Refuse(plant && !unit.parent_id().empty(), "parent_id", "exclusive", "must be empty for a plant",
               "工厂不得填写上级");
  check.Refuse(!plant && unit.parent_id().empty(), "parent_id", "required",
               "is required below the plant; name the unit above", "工厂以下的单位必须填写上级");
  check.Refuse(unit.parent_id() == unit.unit_id(), "parent_id", "self",
               "is the unit itself; name the unit above", "不得为自身，请填写上级");
}

void CheckRate(Check& check, const v1::ExchangeRateSet& rate) {
  const bool positive = rate.rate().find_first_of("123456789") != std::string::npos && rate.rate()[0] != '-';
  check.Refuse(!positive, "rate", "range", "must be above 0", "必须大于 0");
  check.Refuse(rate.currency() == rate.reporting_currency(), "reporting_currency", "differs",
               "is the currency itself, whose rate is 1; leave the event out",
               "与货币相同，汇率恒为 1，无需上报");
}

void CheckWorkdays(Check& check, const v1::WorkdaysPublished& days) {
  constexpr int32_t kSaturday = 5;  // days after Monday
  const auto day_of_year = [&](const std::string& day, bool weekend) {
    const auto date = ParseDay(day);
    return date && ToCivil(*date).year == days.year() &&
           (date->value - WeekStart(*date).value >= kSaturday) == weekend;
  };
  const auto all = [&](const auto& list, bool weekend) {
    return std::all_of(list.begin(), list.end(), [&](const auto& day) { return day_of_year(day, weekend); });
  };
  check.Refuse(!all(days.holidays(), false), "holidays", "weekday",
               "must all be Mondays to Fridays of the year", "必须均为该年的周一至周五");
  check.Refuse(!all(days.extra_workdays(), true), "extra_workdays", "weekend",
               "must all be Saturdays or Sundays of the year", "必须均为该年的周六或周日");
}

}  // namespace

void CheckRules(const events::EventType& type, const google::protobuf::Message& event,
                std::vector<events::Violation>& violations) {
  Check check(type, event, violations);
  check.On<v1::OrgUnitOpened>([&](const auto& e) { CheckUnit(check, e); });
  check.On<v1::OrgUnitMoved>([&](const auto& e) {
    check.Refuse(e.parent_id() == e.unit_id(), "parent_id", "self", "is the unit itself; name the unit above",
                 "不得为自身，请填写上级");
  });
  check.On<v1::CalendarPublished>([&](const auto& e) { CheckShifts(check, e); });
  check.On<v1::CalendarCorrected>([&](const auto& e) { CheckShifts(check, e); });
  check.On<v1::KpiTargetSet>([&](const auto& e) {
    const std::string& path = e.unit_path();
    check.Refuse(path.starts_with('/') || path.ends_with('/') || path.find(' ') != std::string::npos,
                 "unit_path", "format", "must be empty, <workshop> or <workshop>/<line>",
                 "应为空、<车间> 或 <车间>/<产线>");
  });
  check.On<v1::ExchangeRateSet>([&](const auto& e) { CheckRate(check, e); });
  check.On<v1::WorkdaysPublished>([&](const auto& e) { CheckWorkdays(check, e); });
  check.On<v1::ReportingModeSet>([&](const auto& e) { CheckMode(check, e); });
  check.On<v1::FeedExpected>([&](const auto& e) {
    check.Refuse(Before(e.valid_until(), e.valid_from()), "valid_until", "order",
                 "is before valid_from; swap them", "早于 valid_from，请更正");
    const bool by_shift =
        e.kind() == v1::FEED_KIND_SHIFT_OUTPUT || e.kind() == v1::FEED_KIND_ERRORS_AGGREGATED;
    check.Refuse(by_shift && e.period() != v1::PERIOD_LENGTH_DAY, "period", "equal",
                 "must be DAY for a feed by shift", "按班次上报的数据源周期必须为“日”");
  });
  check.On<v1::RosterPublished>([&](const auto& e) { CheckRoster(check, e); });
  check.On<v1::HoursReported>([&](const auto& e) { CheckHours(check, e); });
  check.On<v1::RoleChanged>([&](const auto& e) {
    check.Refuse(e.from_role() == e.to_role(), "to_role", "differs", "is the role before; nothing changes",
                 "与原角色相同，没有变化");
  });
  check.On<v1::ShiftOutputReported>([&](const auto& e) { CheckOutput(check, e); });
  check.On<v1::OperationErrorRecorded>([&](const auto& e) {
    check.NeedsLine();
    if (!e.production_day().empty()) check.NeedsOccurredOn(e.production_day(), "production_day");
    check.Refuse(e.has_key_point_no() && !e.has_step_seq(), "step_seq", "required",
                 "is missing, but key_point_no counts within a step; name the step",
                 "缺少步骤号：要点号在步骤内编号，请注明步骤");
  });
  check.On<v1::ErrorsAggregated>([&](const auto& e) {
    check.NeedsLine();
    check.NeedsOccurredOn(e.production_day(), "production_day");
  });
}

}  // namespace yokoten::operations

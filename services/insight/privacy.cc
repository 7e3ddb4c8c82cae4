#include "insight/privacy.h"

#include <algorithm>
#include <limits>

#include "clickhouse/client.h"
#include "insight/scopes.h"
#include "kpi/fact_sql.h"

namespace yokoten::insight {
namespace {

using kpi::v1::Aggregation;

constexpr int64_t kMillion = 1'000'000;

int64_t Clamp(Micros value) {
  constexpr Micros kMost = std::numeric_limits<int64_t>::max() / 1024;  // sums of siblings still fit
  return static_cast<int64_t>(std::clamp<Micros>(value, 0, kMost));
}

// One count of all siblings.
std::vector<int64_t> Column(const std::map<std::string, Counts>& parts, size_t count) {
  std::vector<int64_t> column;
  for (const auto& [name, counts] : parts) column.push_back(count < counts.size() ? counts[count] : 0);
  return column;
}

void AddRestTo(const Counts& total, std::map<std::string, Counts>* parts) {
  if (parts->empty()) return;
  Counts rest = total;
  for (const auto& [name, counts] : *parts) {
    for (size_t i = 0; i < rest.size() && i < counts.size(); ++i) rest[i] -= counts[i];
  }
  // Less than a millionth a part is what division cut off.
  const auto cut_off = static_cast<int64_t>(parts->size());
  for (int64_t& count : rest) count = count <= cut_off ? 0 : count;
  if (std::any_of(rest.begin(), rest.end(), [](int64_t count) { return count > 0; })) (*parts)[""] = rest;
}

}  // namespace

Status RefuseRestricted(const events::EventType& type, const char* field) {
  if (!kpi::IsRestricted(type.short_name)) return OkStatus();
  return MakeStatus(StatusCode::kPermissionDenied,
                    std::string(field) + ": facts of " + type.short_name +
                        " are confidential: none is shown, counted or looked up; ask for KPIs, which hide "
                        "small numbers");
}

std::string NotRestrictedSql(const events::Registry& registry, const std::string& column) {
  std::string types;
  for (const auto& domain : registry.domains()) {
    for (const events::EventType* type : domain.types) {
      if (kpi::IsRestricted(type->short_name))
        types += (types.empty() ? "" : ", ") + clickhouse::Quote(type->short_name) + ", " +
                 clickhouse::Quote("fact_" + type->table);
    }
  }
  return types.empty() ? "1 = 1" : column + " NOT IN (" + types + ")";
}

Status CheckPrivateQuestion(const kpi::Kpi& kpi, const v1::Unit& unit, const std::string& dimension,
                            kpi::v1::Grain grain) {
  const auto& definition = kpi.definition;
  if (definition.privacy_k() == 0) return OkStatus();
  if (grain != kpi::v1::GRAIN_UNSPECIFIED && grain != definition.default_grain()) {
    return InvalidArgument(
        "grain: " + kpi.id() + " is shown by " + kpi::v1::Grain_Name(definition.default_grain()) +
        " alone, so that no difference between periods shows few persons or cases; leave grain out");
  }
  if (!unit.country().empty()) {
    return InvalidArgument("unit.country: " + kpi.id() +
                           " is shown for plants and the whole group: what countries are made of may be "
                           "corrected, and the difference would show a plant; ask for plant_id \"*\"");
  }
  if (IsAbovePlant(unit) && !dimension.empty() && !definition.no_total()) {
    return InvalidArgument("dimension: " + kpi.id() +
                           " is shown for the group or by dimension, not by both: small numbers would show; "
                           "leave dimension out");
  }
  if (!unit.workshop_id().empty() && !dimension.empty() && !definition.no_total()) {
    return InvalidArgument("dimension: " + kpi.id() +
                           " is shown by workshop or by dimension, not by both: small numbers would show; "
                           "ask for the plant");
  }
  return OkStatus();
}

Counts CountsOf(const kpi::v1::KpiDefinition& definition, const Sides& sides, const Sides& total) {
  if (definition.numerator() == Aggregation::AGGREGATION_VALUES) {
    return {Clamp(static_cast<Micros>(sides.samples.size() + sides.open_since.size()) * kMillion),
            Clamp(static_cast<Micros>(sides.samples.size()) * kMillion)};
  }
  Counts counts;
  const auto add = [&counts](Aggregation aggregation, Micros value, int64_t days) {
    counts.push_back(aggregation == Aggregation::AGGREGATION_ONE ? 0 : Clamp(value / days));
  };
  add(definition.numerator(), sides.numerator, total.numerator_days);
  add(definition.denominator(), sides.denominator, total.denominator_days);
  counts.push_back(Clamp(static_cast<Micros>(sides.observations) * kMillion));
  return counts;
}

void PrivateTable::AddRest() {
  AddRestTo(total, &workshops);
  AddRestTo(total, &dimension);
}

bool PrivateCells::Hides(const std::string& workshop, const std::string& dimension_value) const {
  if (total) return true;
  const auto hides = [](const std::map<std::string, bool>& parts, const std::string& name) {
    const auto found = parts.find(name);
    return !name.empty() && found != parts.end() && found->second;
  };
  return hides(workshops, workshop) || hides(dimension, dimension_value);
}

PrivateCells Protect(const PrivateTable& table, int64_t k, const PrivateCells& before,
                     stats::Complementary complementary) {
  PrivateCells hidden = before;
  // Every part once, whether it is hidden already or not.
  for (const auto& [name, counts] : table.workshops) hidden.workshops.try_emplace(name, false);
  for (const auto& [name, counts] : table.dimension) hidden.dimension.try_emplace(name, false);
  const int64_t smallest = k * kMillion;
  for (const int64_t count : table.total) hidden.total |= count > 0 && count < smallest;

  const auto split = [&](const std::map<std::string, Counts>& parts, std::map<std::string, bool>* flags) {
    bool more = false;
    for (size_t count = 0; count < table.total.size(); ++count) {
      const std::vector<int64_t> column = Column(parts, count);
      // A nought that is hidden for another count's sake gives nothing away and hides nothing.
      std::vector<bool> known;
      for (const auto& [name, counts] : parts) known.push_back(flags->at(name) && column[known.size()] > 0);
      const auto decision = stats::Suppress(column, smallest, known, complementary);
      size_t i = 0;
      for (const auto& [name, counts] : parts) {
        if (decision.cells[i++] && !flags->at(name)) (*flags)[name] = more = true;
      }
      if (decision.total && !hidden.total) hidden.total = more = true;
    }
    return more;
  };
  bool more = true;
  while (more && !hidden.total) {
    more = split(table.workshops, &hidden.workshops);
    more |= split(table.dimension, &hidden.dimension);
  }
  if (hidden.total) {
    for (auto* flags : {&hidden.workshops, &hidden.dimension}) {
      for (auto& [name, flag] : *flags) flag = true;
    }
  }
  return hidden;
}

std::vector<WallTime> ShownAsOf(Day last, const Workdays& workdays, WallTime now) {
  std::vector<WallTime> instants;
  WallTime at = CloseOf(last, workdays);
  for (Day year_end = PeriodOf(kpi::v1::GRAIN_YEAR, last).last; at <= now;
       year_end = PeriodOf(kpi::v1::GRAIN_YEAR, year_end + 1).last) {
    if (instants.empty() || at > instants.back()) instants.push_back(at);
    at = CloseOf(year_end, workdays);
  }
  return instants;
}

v1::KpiValue SuppressedValue(const Period& period) {
  v1::KpiValue value;
  value.set_period_start(FormatDay(period.first));
  value.set_period_end(FormatDay(period.last));
  value.set_status(v1::KPI_STATUS_SUPPRESSED);
  return value;
}

}  // namespace yokoten::insight

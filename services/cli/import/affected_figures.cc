#include "cli/import/affected_figures.h"

#include <algorithm>

#include "events/identity.h"

namespace yokoten::cli {

namespace {

Day DayOf(const events::When& when) {
  if (when.on) return *when.on;
  constexpr int64_t kMicrosPerDay = 86'400'000'000;
  int64_t us = when.micros();
  return Day{static_cast<int32_t>(us / kMicrosPerDay - (us % kMicrosPerDay < 0 ? 1 : 0))};
}

std::string MonthOf(Day day) { return FormatDay(day).substr(0, 7); }

}  // namespace

void AffectedFigures::Add(const PlannedEvent& planned) {
  if (planned.change == Change::kSame || !planned.event) return;
  const event::v1::EventContext& context = events::ContextOf(*planned.event);
  auto touch = [&](const std::string& plant, const std::string& type, bool known) {
    Touched& touched = touched_[{plant, type}];
    ++touched.events;
    if (!known) {
      touched.unknown = true;
      return;
    }
    touched.months.insert(MonthStart(DayOf(events::OccurredOf(context))));
    events::When effective = events::EffectiveOf(*planned.type, *planned.event);
    if (effective.at || effective.on) touched.months.insert(MonthStart(DayOf(effective)));
  };
  if (planned.type->is_void()) {
    // The cancelled event's type is not in the void; its domain's types are the bound.
    for (const events::EventType* type : planned.domain->types)
      touch(context.plant_id(), type->short_name, false);
    return;
  }
  touch(context.plant_id(), planned.type->short_name, true);
  if (context.has_corrects() && context.corrects().plant_id() != context.plant_id()) {
    touch(context.corrects().plant_id(), planned.type->short_name, false);
  }
}

std::vector<AffectedFigure> AffectedFigures::List(const std::vector<kpi::v1::KpiDefinition>& catalogue,
                                                  Day today) const {
  std::set<std::string> plants;
  for (const auto& [key, touched] : touched_) plants.insert(key.first);
  std::vector<AffectedFigure> figures;
  for (const std::string& plant : plants) {
    for (const kpi::v1::KpiDefinition& kpi : catalogue) {
      AffectedFigure figure{kpi.id(), plant, "", 0};
      std::set<Day> months;
      bool all = false, forward = false;
      for (const kpi::v1::Read& read : kpi.reads()) {
        auto it = touched_.find({plant, read.event()});
        if (it == touched_.end()) continue;
        figure.events += it->second.events;
        months.insert(it->second.months.begin(), it->second.months.end());
        all |= it->second.unknown || read.horizon() == kpi::v1::HORIZON_PLANT;
        forward |= read.horizon() == kpi::v1::HORIZON_FORWARD;
      }
      if (figure.events == 0) continue;
      if (all || months.empty()) {
        figure.months = "all";
      } else {
        Day last = forward ? std::max(MonthStart(today), *months.rbegin()) : *months.rbegin();
        figure.months = MonthOf(*months.begin());
        if (last != *months.begin()) figure.months += " to " + MonthOf(last);
      }
      figures.push_back(std::move(figure));
    }
  }
  return figures;
}

}  // namespace yokoten::cli

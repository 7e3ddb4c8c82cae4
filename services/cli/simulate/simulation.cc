#include "cli/simulate/simulation.h"

#include <cstdio>

#include "cli/output.h"
#include "yokoten/operations/v1/events.pb.h"

namespace yokoten::cli {

namespace {

// What the group's lean office asks of every plant; some ask more of themselves.
struct GroupTarget {
  const char *kpi, *green, *yellow;
};
constexpr GroupTarget kTargets[] = {
    {"standard_work_coverage", "95", "80"},
    {"standard_currency", "95", "85"},
    {"trained_on_current_revision", "90", "75"},
    {"training_lag_after_revision", "14", "30"},
    {"operation_error_rate", "2.2", "2.8"},
    {"first_pass_yield", "98.5", "97.5"},
    {"proposals_per_employee", "0.2", "0.1"},
    {"adoption_rate", "65", "50"},
    {"trir", "1.5", "3"},
    {"dart_rate", "0.8", "1.6"},
    {"ltifr", "3", "6"},
    {"hazard_on_time_closure", "90", "75"},
    {"data_completeness", "98", "95"},
};

std::string SourceOf(const SimulationOptions& options, const char* who) {
  return "/sim/s" + std::to_string(options.seed) + "/" + who;
}

}  // namespace

Simulation::Simulation(const SimulationOptions& options)
    : options_(options), plants_(MakeGroup(options)), outbox_(options.now), next_(options.from) {
  for (SimPlant& plant : plants_) {
    stories_.push_back(std::make_unique<PlantStory>(plant, options_, truth_, outbox_));
    stories_.back()->Begin();
  }
  PutTargets();
  PutGroupFacts();
}

void Simulation::PutTargets() {
  const std::string from = FormatDay(options_.from);
  auto put = [&](const std::string& plant, const std::string& id, const char* kpi, const char* green,
                 const char* yellow) {
    operations::v1::KpiTargetSet target;
    target.mutable_context()->set_source(SourceOf(options_, "lean-office"));
    target.mutable_context()->set_id(id);
    target.mutable_context()->set_plant_id(plant);
    target.mutable_context()->set_occurred_on(from);
    target.set_kpi_id(kpi);
    target.set_valid_from(from);
    target.set_green(green);
    target.set_yellow(yellow);
    outbox_.Put(options_.from, target);
  };
  for (const GroupTarget& t : kTargets) put("*", std::string("target-") + t.kpi, t.kpi, t.green, t.yellow);
  put(plants_.front().id, "target-own", "first_pass_yield", "99", "98");
}

void Simulation::PutGroupFacts() {
  Random random = Random(options_.seed).Branch("finance");
  auto begin = [&](auto& event, const std::string& id, Day day) {
    event.mutable_context()->set_source(SourceOf(options_, "group/finance"));
    event.mutable_context()->set_id(id);
    event.mutable_context()->set_plant_id("*");
    event.mutable_context()->set_occurred_on(FormatDay(day));
  };
  auto put = [&](const auto& event, Day day) {
    if (day <= options_.until) outbox_.Put(std::max(day, options_.from), event);
  };
  const int first = ToCivil(options_.from).year;
  double usd = 7.1;
  // The next year's working days are known before it begins.
  for (int year = first; year <= ToCivil(options_.until).year + 1; ++year) {
    usd += random.Normal(0, 0.12);
    for (const auto& [currency, rate] : {std::pair{"USD", usd}, {"EUR", usd * 1.09}}) {
      operations::v1::ExchangeRateSet set;
      const Day day = FromCivil(year, 1, 5);
      begin(set, "rate-" + std::string(currency) + "-" + std::to_string(year), day);
      set.set_currency(currency);
      set.set_year(year);
      set.set_reporting_currency("CNY");
      char text[16];
      std::snprintf(text, sizeof text, "%.4f", rate);
      set.set_rate(text);
      put(set, day);
    }
    operations::v1::WorkdaysPublished workdays;
    const Day day = FromCivil(year - 1, 12, 10);
    begin(workdays, "workdays-" + std::to_string(year) + "-1", day);
    workdays.set_year(year);
    workdays.set_version(1);
    auto off = [&](int month, int date) {
      const Day holiday = FromCivil(year, month, date);
      if (IsoWeekday(holiday) <= 5) workdays.add_holidays(FormatDay(holiday));
    };
    for (auto [month, date] : {std::pair{1, 1}, {5, 1}, {10, 1}, {10, 2}, {10, 3}}) off(month, date);
    Day saturday = FromCivil(year, 9, 30);
    while (IsoWeekday(saturday) != 6) saturday = saturday - 1;
    workdays.add_extra_workdays(FormatDay(saturday));
    put(workdays, day);
    if (year != first + 1) continue;
    // Once a year's days were published anew.
    const Day again = FromCivil(year, 6, 20);
    begin(workdays, "workdays-" + std::to_string(year) + "-2", again);
    workdays.set_version(2);
    off(10, 4);
    off(10, 5);
    put(workdays, again);
  }
}

bool Simulation::NextDay(std::vector<OutgoingEvent>& events) {
  if (next_ > options_.until) return false;
  for (auto& story : stories_) story->Tell(next_);
  const bool last = next_ == options_.until;
  events = outbox_.TakeUpTo(last ? kLastDay : next_);
  next_ = next_ + 1;
  return true;
}

double Simulation::progress() const {
  const int days = (options_.until - options_.from.value).value + 1;
  return days <= 0 ? 1.0 : static_cast<double>((next_ - options_.from.value).value) / days;
}

std::string Simulation::TruthJson() const {
  auto number = [](double x) { return JsonNumber(x); };
  std::string plants;
  for (size_t p = 0; p < plants_.size(); ++p) {
    const SimPlant& plant = plants_[p];
    std::string jobs;
    for (const SimJob& job : plant.jobs) {
      jobs +=
          (jobs.empty() ? "" : ", ") +
          JsonObject({{"job_id", JsonString(job.id)},
                      {"errors_per_1000_untrained", number(job.errors_per_1000)},
                      {"retired_on", job.retired == kLastDay ? "null" : JsonString(FormatDay(job.retired))}});
    }
    const char* arm = plant.arm == Arm::kPilot ? "pilot" : plant.arm == Arm::kWave2 ? "wave_2" : "control";
    plants +=
        (plants.empty() ? "\n    " : ",\n    ") +
        JsonObject({{"plant_id", JsonString(plant.id)},
                    {"arm", JsonString(arm)},
                    {"treatment_start",
                     plant.arm == Arm::kControl ? "null" : JsonString(FormatDay(plant.treatment_start))},
                    {"time_zone", JsonString(plant.zone_name)},
                    {"error_log_effect_of_plant", number(plant.log_effect)},
                    {"safety_itemized_from", JsonString(FormatDay(plant.itemized_from))},
                    {"jobs", "[" + jobs + "]"},
                    {"standardized", stories_[p]->loop().Json(options_.until)}});
  }
  std::vector<std::pair<std::string, std::string>> counts;
  for (const auto& [type, count] : outbox_.counts) counts.emplace_back(type, std::to_string(count));
  const Mishaps& m = outbox_.mishaps;
  return "{\n  \"simulated\": true,\n  \"seed\": " + std::to_string(options_.seed) +
         ",\n  \"scale\": " + number(options_.scale) +
         ",\n  \"from\": " + JsonString(FormatDay(options_.from)) +
         ",\n  \"until\": " + JsonString(FormatDay(options_.until)) + ",\n  \"effects\": " +
         JsonObject({{"error_log_effect_of_training", number(truth_.error_log_effect_of_training)},
                     {"error_log_trend_per_month", number(truth_.error_log_trend_per_month)},
                     {"error_log_shock_of_new_revision", number(truth_.error_log_shock_of_new_revision)},
                     {"proposals_per_person_month", number(truth_.proposals_per_person_month)},
                     {"proposals_factor_when_treated", number(truth_.proposals_factor_when_treated)},
                     {"injuries_per_million_hours", number(truth_.injuries_per_million_hours)},
                     {"injury_log_effect_of_treatment", number(truth_.injury_log_effect_of_treatment)},
                     {"near_misses_per_million_hours", number(truth_.near_misses_per_million_hours)},
                     {"near_miss_factor_when_treated", number(truth_.near_miss_factor_when_treated)}}) +
         ",\n  \"mishaps\": " +
         JsonObject({{"late", std::to_string(m.late)},
                     {"duplicates", std::to_string(m.duplicates)},
                     {"corrections", std::to_string(m.corrections)},
                     {"voids", std::to_string(m.voids)},
                     {"missing", std::to_string(m.missing)},
                     {"business_duplicates", std::to_string(m.business_duplicates)},
                     {"id_conflicts", std::to_string(m.id_conflicts)}}) +
         ",\n  \"events\": " + JsonObject(counts) + ",\n  \"plants\": [" + plants + "\n  ]\n}\n";
}

}  // namespace yokoten::cli

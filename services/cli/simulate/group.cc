#include "cli/simulate/group.h"

#include <algorithm>

namespace yokoten::cli {

namespace {

struct City {
  const char *id, *zh, *en, *country, *zone;
  int pattern;  // of shifts: 0 two of twelve hours, 1 three from six, 2 three whose night opens the day
};

constexpr City kCities[] = {
    {"CN-SZ", "苏州", "Suzhou", "CN", "Asia/Shanghai", 0},
    {"DE-LE", "莱比锡", "Leipzig", "DE", "Europe/Berlin", 1},
    {"US-GV", "格林维尔", "Greenville", "US", "America/New_York", 2},
    {"CN-WH", "武汉", "Wuhan", "CN", "Asia/Shanghai", 0},
    {"MX-QR", "克雷塔罗", "Querétaro", "MX", "America/Mexico_City", 1},
    {"CN-CQ", "重庆", "Chongqing", "CN", "Asia/Shanghai", 1},
    {"CZ-BR", "布尔诺", "Brno", "CZ", "Europe/Prague", 1},
    {"IN-PU", "浦那", "Pune", "IN", "Asia/Kolkata", 1},
    {"TH-RY", "罗勇", "Rayong", "TH", "Asia/Bangkok", 0},
    {"CN-FS", "佛山", "Foshan", "CN", "Asia/Shanghai", 1},
    {"PL-WR", "弗罗茨瓦夫", "Wrocław", "PL", "Europe/Warsaw", 1},
    {"BR-CA", "坎皮纳斯", "Campinas", "BR", "America/Sao_Paulo", 1},
};
constexpr const char* kNumbersZh[] = {"一", "二", "三", "四", "五", "六", "七", "八", "九", "十"};

struct Work {
  const char *zh, *en;
};
struct WorkshopKind {
  const char *id, *zh, *en;
  Work works[5];
};
constexpr WorkshopKind kWorkshops[] = {
    {"W1",
     "冲压车间",
     "Stamping",
     {{"上料", "Load blanks"},
      {"换模", "Change the die"},
      {"压制检查", "Check pressings"},
      {"去毛刺", "Deburr"},
      {"码垛", "Stack parts"}}},
    {"W2",
     "焊装车间",
     "Welding",
     {{"装夹", "Clamp parts"},
      {"点焊", "Spot weld"},
      {"焊缝检查", "Inspect welds"},
      {"打磨", "Grind seams"},
      {"涂胶", "Apply sealant"}}},
    {"W3",
     "总装车间",
     "Assembly",
     {{"线束装配", "Fit the harness"},
      {"螺栓拧紧", "Tighten bolts"},
      {"密封条压装", "Press the seal"},
      {"终检", "Final check"},
      {"包装", "Pack"}}},
};

std::vector<SimShift> ShiftsOf(int pattern) {
  switch (pattern) {
    case 0:
      return {{"D", 8 * 60, 20 * 60, 0}, {"N", 20 * 60, 8 * 60, 0}};
    case 1:
      return {{"E", 6 * 60, 14 * 60, 0}, {"L", 14 * 60, 22 * 60, 0}, {"N", 22 * 60, 6 * 60, 0}};
    default:
      return {{"N", 23 * 60, 7 * 60, -1}, {"D", 7 * 60, 15 * 60, 0}, {"E", 15 * 60, 23 * 60, 0}};
  }
}

std::vector<Day> HolidaysOf(const std::string& country, int from_year, int to_year) {
  // Fixed dates only; they stand for a plant's closing days, not for any country's law.
  std::vector<std::pair<int, int>> dates{{1, 1}, {5, 1}};
  if (country == "CN") {
    for (auto d : {std::pair{10, 1}, {10, 2}, {10, 3}}) dates.push_back(d);
  } else {
    for (auto d : {std::pair{12, 24}, {12, 25}, {12, 26}, {12, 31}}) dates.push_back(d);
  }
  std::vector<Day> days;
  for (int year = from_year; year <= to_year; ++year) {
    for (auto [month, day] : dates) days.push_back(FromCivil(year, month, day));
  }
  std::sort(days.begin(), days.end());
  return days;
}

std::string PersonRef(int plant, size_t number) {
  std::string digits = std::to_string(number + 1);
  digits.insert(0, digits.size() < 5 ? 5 - digits.size() : 0, '0');
  return "p-" + std::to_string(10 + plant) + digits;
}

Day AddMonths(Day day, int months) {
  CivilDate date = ToCivil(MonthStart(day));
  int count = date.year * 12 + date.month - 1 + months;
  return FromCivil(count / 12, count % 12 + 1, 1);
}

void AddLines(SimPlant& plant, const SimulationOptions& options, Random& random) {
  const int lines = std::max(1, static_cast<int>(2 * options.scale + 0.5));
  for (const WorkshopKind& kind : kWorkshops) {
    plant.workshops.push_back(kind.id);
    plant.workshop_names.emplace_back(kind.zh, kind.en);
    for (int n = 0; n < lines; ++n) {
      SimLine line;
      line.workshop = kind.id;
      line.id = "L" + std::to_string(plant.lines.size() + 1);
      line.name_zh = std::string(kind.zh).substr(0, 6) + std::to_string(n + 1) + "线";
      line.name_en = std::string(kind.en) + " line " + std::to_string(n + 1);
      line.product = "PN-" + std::to_string(random.Between(1000, 9999));
      // The last line of each workshop knows only totals.
      line.itemized = n + 1 < lines || lines == 1;
      line.units_per_shift = static_cast<int>(random.Between(260, 420));
      const int line_index = static_cast<int>(plant.lines.size());
      const int first = static_cast<int>(random.Between(0, 2));
      for (int j = 0; j < 3; ++j) {
        const Work& work = kind.works[(first + j) % 5];
        SimJob job;
        job.line = line_index;
        job.id = "J-" + line.id + "-" + std::to_string(j + 1);
        job.retired = kLastDay;
        job.station = line.id + "-S" + std::to_string(j + 1);
        job.name_zh = std::string(work.zh) + "（" + line.name_zh + "）";
        job.name_en = std::string(work.en) + ", " + line.name_en;
        job.errors_per_1000 = 2.4 * std::exp(random.Normal(0, 0.35));
        line.jobs.push_back(static_cast<int>(plant.jobs.size()));
        plant.jobs.push_back(std::move(job));
      }
      plant.lines.push_back(std::move(line));
    }
  }
}

void AddPeople(SimPlant& plant, const SimulationOptions& options, Random& random) {
  auto add = [&](int line, int shift, int role) {
    SimPerson person;
    person.ref = PersonRef(plant.index, plant.people.size());
    person.line = line;
    person.shift = shift;
    person.role = role;
    person.hired = options.from - static_cast<int>(random.Between(30, 3000));
    person.left = kLastDay;
    plant.people.push_back(person);
    return plant.people.size() - 1;
  };
  for (size_t line = 0; line < plant.lines.size(); ++line) {
    for (size_t shift = 0; shift < plant.shifts.size(); ++shift) {
      add(static_cast<int>(line), static_cast<int>(shift), 2);
      const auto operators = random.Between(5, 7);
      for (int64_t n = 0; n < operators; ++n) {
        SimPerson& person = plant.people[add(static_cast<int>(line), static_cast<int>(shift), 1)];
        const std::vector<int>& jobs = plant.lines[line].jobs;
        person.jobs.push_back(jobs[static_cast<size_t>(n) % jobs.size()]);
        if (random.Chance(0.45)) person.jobs.push_back(jobs[static_cast<size_t>(n + 1) % jobs.size()]);
      }
    }
  }
  for (size_t i = 0; i < plant.workshops.size(); ++i) add(-1, 0, 3);
  for (int i = 0; i < 4; ++i) add(-1, 0, 4);
  for (int i = 0; i < 14; ++i) add(-1, 0, 5);
}

}  // namespace

int IsoWeekday(Day day) { return (day - WeekStart(day).value).value + 1; }

bool SimPlant::Works(Day day) const {
  return std::find(weekdays.begin(), weekdays.end(), IsoWeekday(day)) != weekdays.end() &&
         !std::binary_search(holidays.begin(), holidays.end(), day) && day != forgotten_holiday;
}

std::pair<WallTime, WallTime> SimPlant::ShiftTimes(Day day, const SimShift& shift) const {
  Day first = day + shift.day_offset;
  int64_t end = shift.end_minute + (shift.end_minute <= shift.start_minute ? 24 * 60 : 0);
  return {zone.ToUtc(first, shift.start_minute * 60), zone.ToUtc(first, end * 60)};
}

std::vector<SimPlant> MakeGroup(const SimulationOptions& options) {
  std::vector<SimPlant> group;
  for (int i = 0; i < options.plants; ++i) {
    const City& city = kCities[static_cast<size_t>(i) % std::size(kCities)];
    const int number = i / static_cast<int>(std::size(kCities)) + 1;
    Random random = Random(options.seed).Branch("plant " + std::to_string(i));
    SimPlant plant;
    plant.index = i;
    plant.id = std::string(city.id) + std::to_string(number);
    plant.name_zh = std::string(city.zh) + kNumbersZh[(number - 1) % 10] + "厂";
    plant.name_en = std::string(city.en) + " plant " + std::to_string(number);
    plant.country = city.country;
    plant.zone_name = city.zone;
    plant.zone = TimeZone::Load(city.zone).value();
    plant.shifts = ShiftsOf(city.pattern);
    plant.weekdays = city.pattern == 0 ? std::vector<int>{1, 2, 3, 4, 5, 6} : std::vector<int>{1, 2, 3, 4, 5};
    plant.holidays = HolidaysOf(plant.country, ToCivil(options.from).year, ToCivil(options.from).year + 12);
    // Two pilots, then one of a second wave for every two controls.
    plant.arm = i == 0 || i == 2 ? Arm::kPilot : i % 3 == 1 && i > 2 ? Arm::kWave2 : Arm::kControl;
    int start = plant.arm == Arm::kPilot ? 7 + i : options.months * 2 / 3;
    plant.treatment_start = plant.arm == Arm::kControl ? kLastDay : AddMonths(options.from, start);
    plant.log_effect = random.Normal(0, 0.15);
    Random closing = Random(options.seed).Branch("closing day " + std::to_string(i));
    plant.forgotten_holiday = options.from + static_cast<int>(closing.Between(10, 50));
    while (!plant.Works(plant.forgotten_holiday + 1)) {
      plant.forgotten_holiday = plant.forgotten_holiday + 1;
    }
    plant.forgotten_holiday = plant.forgotten_holiday + 1;
    // The safety records of every third plant begin as monthly totals on paper.
    plant.itemized_from = i % 3 == 1 ? AddMonths(options.from, 6) : options.from;
    AddLines(plant, options, random);
    AddPeople(plant, options, random);
    group.push_back(std::move(plant));
  }
  for (SimPlant& plant : group) {
    for (const SimPlant& other : group) {
      const bool control = plant.arm == Arm::kControl;
      if (control == (other.arm == Arm::kControl)) continue;
      plant.compared_with.push_back({other.id, control ? other.treatment_start : plant.treatment_start});
    }
  }
  return group;
}

}  // namespace yokoten::cli

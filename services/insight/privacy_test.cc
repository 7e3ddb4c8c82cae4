// What is hidden, and what somebody finds out who asks everything that may be asked, at any time, and
// calculates.
#include "insight/privacy.h"

#include <cstdlib>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <tuple>

#include <gtest/gtest.h>

namespace yokoten::insight {
namespace {

constexpr int64_t kMillion = 1'000'000;
constexpr int kK = 5;
using stats::Complementary;

// Counts of one number each.
PrivateTable TableOf(const std::map<std::string, int64_t>& workshops,
                     const std::map<std::string, int64_t>& dimension, int64_t total) {
  PrivateTable table;
  table.total = {total * kMillion};
  for (const auto& [name, count] : workshops) table.workshops[name] = {count * kMillion};
  for (const auto& [name, count] : dimension) table.dimension[name] = {count * kMillion};
  table.AddRest();
  return table;
}

// "W1 W2" of what is hidden.
std::string Names(const std::map<std::string, bool>& flags) {
  std::string names;
  for (const auto& [name, hidden] : flags) {
    if (hidden) names += (names.empty() ? "" : " ") + (name.empty() ? std::string("rest") : name);
  }
  return names;
}

TEST(Protect, SmallPartsAreHiddenWithSomethingBesideThem) {
  const auto hidden = Protect(TableOf({{"W1", 7}, {"W2", 3}, {"W3", 9}}, {{"a", 10}, {"b", 9}}, 19), kK);
  EXPECT_FALSE(hidden.total);
  EXPECT_EQ(Names(hidden.workshops), "W1 W2") << "V10: 7, 3, 9 of 19 are -, -, 9";
  EXPECT_EQ(Names(hidden.dimension), "");
}

TEST(Protect, WhatNoWorkshopNamesIsAPartToo) {
  // Shown, 8 and 9 of 20 would say that three cases have no workshop.
  const auto hidden = Protect(TableOf({{"W1", 8}, {"W2", 9}}, {}, 20), kK);
  EXPECT_EQ(Names(hidden.workshops), "rest W1");
}

TEST(Protect, ASmallTotalHidesAllOfBothSplits) {
  const auto hidden = Protect(TableOf({{"W1", 3}, {"W2", 0}}, {{"a", 1}, {"b", 2}}, 3), kK);
  EXPECT_TRUE(hidden.total);
  EXPECT_EQ(Names(hidden.workshops), "W1 W2");
  EXPECT_EQ(Names(hidden.dimension), "a b");
  EXPECT_TRUE(hidden.Hides("W9", "")) << "a workshop without any case is hidden with the others";
}

TEST(Protect, ARateIsHiddenByEitherOfItsSides) {
  PrivateTable table;
  table.total = {20 * kMillion, 30 * kMillion};
  table.workshops = {{"W1", {3 * kMillion, 8 * kMillion}},
                     {"W2", {8 * kMillion, 9 * kMillion}},
                     {"W3", {9 * kMillion, 13 * kMillion}}};
  EXPECT_EQ(Names(Protect(table, kK).workshops), "W1 W2");
}

TEST(Protect, WhatWasHiddenStaysHidden) {
  const auto before = Protect(TableOf({{"W1", 4}, {"W2", 6}, {"W3", 9}}, {}, 19), kK);
  ASSERT_EQ(Names(before.workshops), "W1 W2");
  const auto after = Protect(TableOf({{"W1", 5}, {"W2", 6}, {"W3", 9}}, {}, 20), kK, before);
  EXPECT_EQ(Names(after.workshops), "W1 W2") << "20 - 6 - 9 less than a case ago would be W1 as it was";
}

Day DayOf(const char* text) { return *ParseDay(text); }
std::string DateOf(WallTime at) {
  return FormatDay(Day{static_cast<int32_t>(ToMicros(at) / 86'400 / kMillion)});
}

TEST(Close, IsTheEndOfTheFifthWorkday) {
  // 31 March 2026 is a Tuesday: 1, 2, 3, 6, 7 April, over at midnight before the 8th.
  EXPECT_EQ(DateOf(CloseOf(DayOf("2026-03-31"), {})), "2026-04-08");
  // The 6th is a holiday and Saturday the 11th is worked: 1, 2, 3, 7, 8.
  EXPECT_EQ(DateOf(CloseOf(DayOf("2026-03-31"), {{DayOf("2026-04-06")}, {DayOf("2026-04-11")}})),
            "2026-04-09");
  // A worked Saturday the 4th: 1, 2, 3, 4, 6.
  EXPECT_EQ(DateOf(CloseOf(DayOf("2026-03-31"), {{}, {DayOf("2026-04-04")}})), "2026-04-07");
}

TEST(Close, NothingIsShownBeforeAndYearsAreRestatedAtTheirEnd) {
  const Day last = DayOf("2026-03-31");
  const WallTime close = CloseOf(last, {});
  EXPECT_TRUE(ShownAsOf(last, {}, close - std::chrono::microseconds(1)).empty());
  EXPECT_EQ(ShownAsOf(last, {}, close), std::vector<WallTime>{close});
  const WallTime year = CloseOf(DayOf("2026-12-31"), {}), next = CloseOf(DayOf("2027-12-31"), {});
  EXPECT_EQ(ShownAsOf(last, {}, year - std::chrono::microseconds(1)), std::vector<WallTime>{close});
  EXPECT_EQ(ShownAsOf(last, {}, next), (std::vector<WallTime>{close, year, next}));
  EXPECT_EQ(ShownAsOf(DayOf("2026-12-31"), {}, year), std::vector<WallTime>{year}) << "one and the same";
}

kpi::Kpi PrivateKpi(bool no_total = false) {
  kpi::Kpi kpi;
  kpi.definition.set_id("k");
  kpi.definition.set_privacy_k(kK);
  kpi.definition.set_default_grain(kpi::v1::GRAIN_QUARTER);
  kpi.definition.set_dimension("d");
  kpi.definition.set_no_total(no_total);
  return kpi;
}

TEST(CheckPrivateQuestion, OneGrainAndNoCrossTable) {
  v1::Unit plant, workshop;
  plant.set_plant_id("PL1");
  workshop = plant;
  workshop.set_workshop_id("W1");
  for (int grain = kpi::v1::GRAIN_UNSPECIFIED; grain <= kpi::v1::GRAIN_ROLLING_12_MONTHS; ++grain) {
    const bool own = grain == kpi::v1::GRAIN_UNSPECIFIED || grain == kpi::v1::GRAIN_QUARTER;
    EXPECT_EQ(CheckPrivateQuestion(PrivateKpi(), plant, "", static_cast<kpi::v1::Grain>(grain)).ok(), own)
        << grain;
  }
  EXPECT_TRUE(CheckPrivateQuestion(PrivateKpi(), plant, "x", kpi::v1::GRAIN_QUARTER).ok());
  EXPECT_FALSE(CheckPrivateQuestion(PrivateKpi(), workshop, "x", kpi::v1::GRAIN_QUARTER).ok());
  EXPECT_TRUE(CheckPrivateQuestion(PrivateKpi(true), workshop, "x", kpi::v1::GRAIN_QUARTER).ok())
      << "values that do not add up are questions of their own";
}

// ---- The attack -------------------------------------------------------------------------------------------

// A case: what the published figures count.
struct Case {
  Day day;
  std::string workshop;  // empty: none is named
  std::string dimension;
  bool good = false;  // counts in the numerator
  WallTime from;      // recorded
  WallTime to;        // voided or replaced by its correction; kNever: it counts still
};
constexpr WallTime kNever = WallTime::max();

struct History {
  std::vector<Case> cases;
  std::vector<std::string> workshops, values;
};

// Four quarters of one year, most recorded in time, a quarter of it late, some corrected or voided.
History RandomHistory(uint64_t seed) {
  std::mt19937_64 random(seed);
  History history;
  for (uint64_t i = 0, n = 1 + random() % 4; i < n; ++i) history.workshops.push_back("W" + std::to_string(i));
  for (uint64_t i = 0, n = 1 + random() % 4; i < n; ++i) history.values.push_back("v" + std::to_string(i));
  const auto any = [&](const std::vector<std::string>& of) {
    // The first is chosen more often, so that large and small parts are side by side.
    return of[std::min(random() % of.size(), random() % of.size())];
  };
  const Day year = DayOf("2026-01-01");
  const auto after = [](Day day, int64_t days) {
    return FromMicros((day.value + days) * 86'400 * kMillion + 3'600 * kMillion);
  };
  for (uint64_t i = 0, n = random() % 120; i < n; ++i) {
    Case c;
    c.day = year + static_cast<int32_t>(random() % 365);
    c.workshop = random() % 12 == 0 ? "" : any(history.workshops);
    c.dimension = any(history.values);
    c.good = random() % 3 != 0;
    c.from = after(c.day, random() % 4 == 0 ? static_cast<int64_t>(random() % 500) : 1);
    c.to = kNever;
    if (random() % 6 == 0) {
      const WallTime corrected = c.from + std::chrono::hours(24 * (1 + random() % 300));
      c.to = corrected;
      history.cases.push_back(c);
      if (random() % 2 == 0) continue;  // voided
      c.workshop = any(history.workshops);
      c.good = !c.good;
      c.from = corrected;
      c.to = kNever;
    }
    history.cases.push_back(c);
  }
  return history;
}

// What is known of a quarter at an instant: numerator and denominator of every cell.
PrivateTable Known(const History& history, const Period& quarter, WallTime at) {
  PrivateTable table;
  table.total = {0, 0};
  for (const auto& name : history.workshops) table.workshops[name] = {0, 0};
  for (const auto& name : history.values) table.dimension[name] = {0, 0};
  for (const Case& c : history.cases) {
    if (c.day < quarter.first || c.day > quarter.last || c.from > at || c.to <= at) continue;
    const auto add = [&c](Counts* counts) {
      (*counts)[0] += c.good ? kMillion : 0;
      (*counts)[1] += kMillion;
    };
    add(&table.total);
    if (!c.workshop.empty()) add(&table.workshops[c.workshop]);
    add(&table.dimension[c.dimension]);
  }
  table.AddRest();
  return table;
}

// An answer: what is shown of a quarter and which instant's figures these are.
struct Published {
  WallTime as_of;
  PrivateTable table;
  PrivateCells hidden;
};
std::optional<Published> Publish(const History& history, const Period& quarter, WallTime now,
                                 Complementary complementary) {
  std::optional<Published> published;
  for (const WallTime at : ShownAsOf(quarter.last, {}, now)) {
    const PrivateTable table = Known(history, quarter, at);
    const PrivateCells hidden =
        Protect(table, kK, published ? published->hidden : PrivateCells(), complementary);
    published = Published{at, table, hidden};
  }
  return published;
}

// Unknown whole numbers of 0 or more, and what is known of them.
class Attack {
 public:
  size_t Unknown(const std::string& name, int64_t truth, bool hidden) {
    names_.push_back(name);
    truth_.push_back(truth);
    hidden_.push_back(hidden);
    return names_.size() - 1;
  }
  // sum of coefficients times unknowns = value
  void Equal(std::map<size_t, int64_t> terms, int64_t value) { rows_.push_back({std::move(terms), value}); }
  void AtMost(size_t small, size_t large) { at_most_.push_back({small, large}); }

  // Hidden ones above 0 that are found exactly, or within less than k: by elimination and by bounds.
  std::vector<std::string> Leaks() {
    Eliminate();
    std::vector<std::string> leaks;
    std::vector<int64_t> low(names_.size(), 0), high(names_.size(), kMany);
    for (bool better = true; better;) {
      better = false;
      const auto raise = [&](size_t i, int64_t to) {
        if (to > low[i]) low[i] = to, better = true;
      };
      const auto lower = [&](size_t i, int64_t to) {
        if (to < high[i]) high[i] = to, better = true;
      };
      for (const auto& [small, large] : at_most_) {
        raise(large, low[small]);
        lower(small, high[large]);
      }
      for (const auto& row : rows_) {
        for (const auto& [i, factor] : row.terms) {
          // factor * x = value - rest: from the rest's bounds.
          int64_t least = row.value, most = row.value;
          bool bounded = true;
          for (const auto& [j, other] : row.terms) {
            if (j == i) continue;
            bounded &= high[j] < kMany;
            least -= other > 0 ? other * high[j] : other * low[j];
            most -= other > 0 ? other * low[j] : other * high[j];
          }
          const bool all_positive =
              std::all_of(row.terms.begin(), row.terms.end(), [](const auto& t) { return t.second > 0; });
          if (!bounded && !all_positive) continue;
          if (factor == 1) {
            if (bounded) raise(i, least);
            lower(i, most);
          } else if (factor == -1 && bounded) {
            raise(i, -most);
            lower(i, -least);
          }
        }
      }
    }
    for (size_t i = 0; i < names_.size(); ++i) {
      EXPECT_TRUE(low[i] <= truth_[i] && truth_[i] <= high[i]) << "the attack is wrong about " << names_[i];
      if (hidden_[i] && truth_[i] > 0 && high[i] - low[i] < kK)
        leaks.push_back(names_[i] + " = " + std::to_string(low[i]) + ".." + std::to_string(high[i]));
    }
    return leaks;
  }

 private:
  static constexpr int64_t kMany = 1'000'000;
  struct Row {
    std::map<size_t, int64_t> terms;
    int64_t value = 0;
  };
  // Reduced row echelon form. The tables are trees of sums, so every pivot is 1 or -1.
  void Eliminate() {
    std::vector<Row> reduced;
    for (Row row : rows_) {
      for (const Row& known : reduced) Subtract(known, &row);
      if (row.terms.empty()) {
        EXPECT_EQ(row.value, 0) << "the attacker was told a contradiction";
        continue;
      }
      const int64_t pivot = row.terms.begin()->second;
      ASSERT_EQ(std::abs(pivot), 1);
      for (auto& [i, factor] : row.terms) factor *= pivot;
      row.value *= pivot;
      for (Row& known : reduced) Subtract(row, &known);
      reduced.push_back(std::move(row));
    }
    rows_.insert(rows_.end(), reduced.begin(), reduced.end());
  }
  static void Subtract(const Row& known, Row* from) {
    const auto found = from->terms.find(known.terms.begin()->first);
    if (found == from->terms.end()) return;
    const int64_t times = found->second;
    for (const auto& [i, factor] : known.terms) {
      if ((from->terms[i] -= times * factor) == 0) from->terms.erase(i);
    }
    from->value -= times * known.value;
  }

  std::vector<std::string> names_;
  std::vector<int64_t> truth_;
  std::vector<bool> hidden_;
  std::vector<Row> rows_;
  std::vector<std::pair<size_t, size_t>> at_most_;
};

constexpr int kHistories = 300;

// Asks for every quarter, cell and side around every instant at which anything may change.
std::vector<std::string> AskEverything(const History& history, Complementary complementary) {
  std::vector<std::string> leaks;
  for (int month = 1; month <= 10; month += 3) {
    const Period quarter = PeriodOf(kpi::v1::GRAIN_QUARTER, FromCivil(2026, month, 1));
    std::set<WallTime> seen;
    for (int days = 0; days < 800; days += 7) {
      const WallTime now = FromMicros((DayOf("2026-01-01").value + days) * int64_t{86'400} * kMillion);
      const auto answer = Publish(history, quarter, now, complementary);
      if (!answer || !seen.insert(answer->as_of).second) continue;
      Attack attack;
      for (size_t side = 0; side < 2; ++side) {
        std::map<size_t, int64_t> sums[2];
        const std::string period = FormatDay(quarter.first) + (side == 0 ? " good " : " all ");
        const size_t total =
            attack.Unknown(period + "total", answer->table.total[side] / kMillion, answer->hidden.total);
        if (!answer->hidden.total) attack.Equal({{total, 1}}, answer->table.total[side] / kMillion);
        for (const bool by_workshop : {true, false}) {
          const auto& parts = by_workshop ? answer->table.workshops : answer->table.dimension;
          for (const auto& [name, counts] : parts) {
            const int64_t truth = counts[side] / kMillion;
            // What no part names is never asked for; it may be calculated where it is not hidden.
            const bool hidden = answer->hidden.total ||
                                (by_workshop ? answer->hidden.workshops : answer->hidden.dimension).at(name);
            const size_t cell = attack.Unknown(period + name, truth, hidden);
            sums[by_workshop][cell] = 1;
            if (!hidden && !name.empty()) attack.Equal({{cell, 1}}, truth);
          }
          if (parts.empty()) continue;
          sums[by_workshop][total] = -1;
          attack.Equal(sums[by_workshop], 0);
        }
      }
      // The numerator is part of the denominator, cell by cell: unknowns are in the same order twice.
      const size_t half = 1 + answer->table.workshops.size() + answer->table.dimension.size();
      for (size_t i = 0; i < half; ++i) attack.AtMost(i, half + i);
      for (const std::string& leak : attack.Leaks()) leaks.push_back(leak);
    }
  }
  return leaks;
}

TEST(Attack, NothingIsFoundByAskingEverything) {
  for (uint64_t seed = 1; seed <= kHistories; ++seed) {
    const auto leaks = AskEverything(RandomHistory(seed), Complementary::kYes);
    ASSERT_TRUE(leaks.empty()) << "seed " << seed << ": " << testing::PrintToString(leaks);
  }
}

TEST(Attack, FindsWhatIsThereToBeFoundWithoutComplementarySuppression) {
  int found = 0;
  for (uint64_t seed = 1; seed <= kHistories; ++seed)
    found += !AskEverything(RandomHistory(seed), Complementary::kNo).empty();
  EXPECT_GT(found, kHistories / 4) << "an attack that finds nothing shows nothing";
}

// Two answers that differ tell of the facts in between: fewer than k of them, but for the year's end.
TEST(Attack, LateFactsShowAtTheEndOfAYearOnlyAndNothingHiddenComesBack) {
  int changed = 0;
  for (uint64_t seed = 1; seed <= kHistories; ++seed) {
    const History history = RandomHistory(seed);
    const Period quarter = PeriodOf(kpi::v1::GRAIN_QUARTER, DayOf("2026-04-01"));
    std::optional<Published> last;
    for (int days = 90; days < 800; days += 3) {
      const Day day = DayOf("2026-01-01") + days;
      const WallTime now = FromMicros(day.value * int64_t{86'400} * kMillion);
      const auto answer = Publish(history, quarter, now, Complementary::kYes);
      if (answer && last) {
        const bool same = answer->hidden == last->hidden && answer->table.total == last->table.total &&
                          answer->table.workshops == last->table.workshops &&
                          answer->table.dimension == last->table.dimension;
        changed += !same;
        const CivilDate date = ToCivil(day);
        if (!same) {
          EXPECT_TRUE(date.month == 1 && date.day < 13) << FormatDay(day);
        }
        for (const auto& [name, hidden] : last->hidden.workshops) {
          if (!hidden || name.empty()) continue;
          EXPECT_TRUE(answer->hidden.Hides(name, "")) << name;
        }
      }
      last = answer;
    }
  }
  EXPECT_GT(changed, 10) << "histories without late facts show nothing";
}

}  // namespace
}  // namespace yokoten::insight

// The acceptance vector V10, and what somebody who subtracts can find out.
#include "stats/suppression.h"

#include <functional>
#include <numeric>
#include <random>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace yokoten::stats {
namespace {

using Cells = std::vector<int64_t>;

// "– – 9 | 19": hidden cells and totals are dashes.
std::string Shown(const Cells& cells, const std::vector<bool>& hidden = {}) {
  const Suppression suppression = Suppress(cells, kSmallestCell, hidden);
  std::string text;
  for (size_t i = 0; i < cells.size(); ++i)
    text += (suppression.cells[i] ? "-" : std::to_string(cells[i])) + " ";
  const int64_t total = std::accumulate(cells.begin(), cells.end(), int64_t{0});
  return text + "| " + (suppression.total ? "-" : std::to_string(total));
}

TEST(Suppression, V10HidesWhatIsSmallAndWhatWouldGiveItAway) {
  EXPECT_EQ(Shown({7, 3, 9}), "- - 9 | 19");
  EXPECT_EQ(Shown({2, 1, 9, 12}), "- - - 12 | 24");
  EXPECT_EQ(Shown({4, 6}), "- - | 10");
  EXPECT_EQ(Shown({3, 0, 0}), "- - - | -");
  EXPECT_EQ(Shown({7, 3, 0}), "- - 0 | 10");
  EXPECT_EQ(Shown({8, 6, 5}), "8 6 5 | 19");
  EXPECT_EQ(Shown({1, 20}), "- - | 21");
}

TEST(Suppression, NothingAtAllIsShownAsNothing) {
  EXPECT_EQ(Shown({}), "| 0");
  EXPECT_EQ(Shown({0, 0}), "0 0 | 0");
  EXPECT_EQ(Shown({12}), "12 | 12");
}

TEST(Suppression, OfEqualCellsTheFirstIsHidden) { EXPECT_EQ(Shown({8, 3, 8}), "- - 8 | 19"); }

TEST(Suppression, ATotalHiddenBelowIsACellHiddenHere) {
  EXPECT_EQ(Shown({4, 9, 30}), "- - 30 | 43");
  EXPECT_EQ(Shown({14, 9, 30}, {true, false, false}), "- - 30 | 53") << "its finer cells were all hidden";
  EXPECT_EQ(Shown({14}, {true}), "- | -") << "nothing beside it to hide behind";
}

// What an answer allows the hidden cells to be: all tables with the same shown figures.
std::vector<std::set<int64_t>> Possible(const Cells& cells, const Suppression& suppression) {
  std::vector<size_t> unknown;
  int64_t rest = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (!suppression.cells[i]) continue;
    unknown.push_back(i);
    rest += cells[i];
  }
  std::vector<std::set<int64_t>> possible(cells.size());
  std::vector<int64_t> guess(unknown.size());
  const std::function<void(size_t, int64_t)> fill = [&](size_t at, int64_t left) {
    if (at + 1 == unknown.size()) {
      guess[at] = left;
      for (size_t i = 0; i < unknown.size(); ++i) possible[unknown[i]].insert(guess[i]);
      return;
    }
    for (int64_t value = 0; value <= left; ++value) {
      guess[at] = value;
      fill(at + 1, left - value);
    }
  };
  if (!unknown.empty() && !suppression.total) fill(0, rest);
  return possible;
}

// Random breakdowns that subtraction alone gives away a hidden cell of.
int Leaks(Complementary complementary) {
  std::mt19937_64 random(20260301);
  int leaks = 0;
  for (int n = 0; n < 2000; ++n) {
    Cells cells(1 + random() % 4);
    for (int64_t& cell : cells) cell = static_cast<int64_t>(random() % 3 == 0 ? 0 : random() % 14);
    const Suppression suppression = Suppress(cells, kSmallestCell, {}, complementary);
    const auto possible = Possible(cells, suppression);
    for (size_t i = 0; i < cells.size(); ++i) leaks += possible[i].size() == 1;
  }
  return leaks;
}

TEST(Suppression, SubtractionFindsNoHiddenCell) {
  EXPECT_EQ(Leaks(Complementary::kYes), 0);
  EXPECT_GT(Leaks(Complementary::kNo), 100) << "the attack must find what is there to be found";
}

TEST(Suppression, NoShownCellIsSmallAndZerosAreNotHiddenForOthers) {
  std::mt19937_64 random(7);
  for (int n = 0; n < 2000; ++n) {
    Cells cells(1 + random() % 6);
    for (int64_t& cell : cells) cell = static_cast<int64_t>(random() % 12);
    const Suppression suppression = Suppress(cells);
    for (size_t i = 0; i < cells.size(); ++i) {
      if (!suppression.cells[i]) {
        EXPECT_TRUE(cells[i] == 0 || cells[i] >= kSmallestCell) << ::testing::PrintToString(cells);
      }
      if (cells[i] == 0) {
        EXPECT_EQ(suppression.cells[i], suppression.total) << ::testing::PrintToString(cells);
      }
    }
  }
}

}  // namespace
}  // namespace yokoten::stats

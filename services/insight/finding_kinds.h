// What can be wrong with the data: kinds, their words, and the questions that find them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kpi/catalogue.h"

namespace yokoten::insight {

// What a kind says, in both languages.
struct Words {
  std::string zh;
  std::string en;
};

// One question that finds something; its rows are (plant, event_type, entity, source, event_id, recorded_at,
// detail). event_type may be the fact's table ("fact_...").
struct FindingQuestion {
  std::string kind;
  kpi::Question question;
};

struct FindingKinds {
  std::map<std::string, Words> words;  // of every kind, those the aggregator keeps included
  std::vector<FindingQuestion> questions;

  // Read once from findings/*.sql, the state machines and clock/*.sql. Immutable; any thread. A broken text
  // ends the program with one line.
  static const FindingKinds& Linked();
};

// The texts CMake linked: findings/*.sql and clock/*.sql.
std::vector<kpi::SourceText> FindingTexts();
std::vector<kpi::SourceText> ClockEventTexts();

}  // namespace yokoten::insight

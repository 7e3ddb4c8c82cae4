// Faults that someone might make in a KPI's file: copies of it with one token, condition or constant changed.
// Pure text.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace yokoten::test {

struct Mutant {
  // "steps/hours: < to <=: WHERE a.day «<» b.day AND", the same as long as the place stays as it is.
  std::string id;
  // The whole file, changed.
  std::string text;
};

// All mutants of a file: comparisons shifted and turned round, AND and OR exchanged, conditions left out,
// inner and left joins, aggregate functions and numerator and denominator exchanged, constants changed, order
// turned round, DISTINCT left out; of a header: factor, quantile, aggregations, level. `name` goes into the
// ids ("steps/hours").
std::vector<Mutant> MutantsOf(const std::string& name, const std::string& text);

}  // namespace yokoten::test

// What a cell of a file means: numbers, dates, times, truth values, written as people and systems write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/date.h"
#include "base/status.h"
#include "base/time_zone.h"
#include "yokoten/importing/v1/mapping.pb.h"

namespace yokoten::cli {

// The text without blanks (also the ideographic and the no-break one) at both ends.
std::string_view Trimmed(std::string_view text);

// A number as plain decimal text ("-1234.56"): no exponent, no grouping, no superfluous zeros. At most 32
// digits before and 6 after the point. InvalidArgument says what the text is instead.
Result<std::string> ParseNumber(std::string_view text, importing::v1::NumberFormat format);

// Exact sum of decimal texts as ParseNumber gives them.
Result<std::string> SumDecimals(const std::vector<std::string>& terms);

// "12.5" -> -12.5 and so on.
std::string NegateDecimal(std::string_view decimal);

// A date, perhaps with a time of day and an offset from UTC.
struct DateTime {
  Day day;
  std::optional<int64_t> micros;  // of the day
  std::optional<int32_t> offset;  // seconds east of UTC
};

// Tries the formats in turn (ISO alone when there are none).
Result<DateTime> ParseDateTime(std::string_view text, const google::protobuf::RepeatedField<int>& formats);

// The instant. A time without offset needs the zone; a date without time is InvalidArgument.
Result<WallTime> ToInstant(const DateTime& when, const std::optional<TimeZone>& zone);

// true/false, yes/no, y/n, 1/0, x/"" as far as given, 是/否, ja/nein, sí/no.
Result<bool> ParseTruth(std::string_view text);

}  // namespace yokoten::cli

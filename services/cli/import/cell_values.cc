#include "cli/import/cell_values.h"

#include <algorithm>
#include <charconv>

namespace yokoten::cli {

using importing::v1::DateFormat;
using importing::v1::NumberFormat;

namespace {

constexpr size_t kIntegerDigits = 32;
constexpr size_t kFractionDigits = 6;
constexpr int64_t kMicrosPerDay = 86'400'000'000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string Quoted(std::string_view text) { return "\"" + std::string(text.substr(0, 60)) + "\""; }

// Takes 1 to `max` digits off the front.
std::optional<int32_t> TakeInt(std::string_view& text, size_t min, size_t max) {
  size_t n = 0;
  while (n < text.size() && n < max && IsDigit(text[n])) ++n;
  if (n < min) return std::nullopt;
  int32_t value = 0;
  std::from_chars(text.data(), text.data() + n, value);
  text.remove_prefix(n);
  return value;
}

bool Take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Day> MakeDay(std::optional<int32_t> y, std::optional<int32_t> m, std::optional<int32_t> d) {
  if (!y || !m || !d || *y < 1900 || *y > 2299 || *m < 1 || *m > 12 || *d < 1 || *d > 31) return std::nullopt;
  Day day = FromCivil(*y, *m, *d);
  CivilDate back = ToCivil(day);
  if (back.day != *d || back.month != *m) return std::nullopt;
  return day;
}

// "T08:15", " 8:15:30.5 PM", "T08:15:00+08:00", "Z": what may follow a date. Empty is fine.
bool TakeTime(std::string_view text, DateTime& when) {
  if (text.empty()) return true;
  if (text.front() != 'T' && text.front() != 't' && text.front() != ' ') return false;
  text.remove_prefix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  auto hour = TakeInt(text, 1, 2);
  if (!hour || !Take(text, ':')) return false;
  auto minute = TakeInt(text, 2, 2);
  std::optional<int32_t> second = 0;
  int64_t fraction = 0;
  if (Take(text, ':')) {
    second = TakeInt(text, 2, 2);
    if (!text.empty() && (text.front() == '.' || text.front() == ',')) {
      text.remove_prefix(1);
      int64_t unit = 100'000;
      size_t digits = 0;
      for (; !text.empty() && IsDigit(text.front()); text.remove_prefix(1), ++digits, unit /= 10) {
        fraction += (text.front() - '0') * unit;
      }
      if (digits == 0) return false;
    }
  }
  if (!minute || !second || *minute > 59 || *second > 60) return false;
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (text.size() >= 2 && (text[1] == 'M' || text[1] == 'm')) {
    bool afternoon = text[0] == 'P' || text[0] == 'p';
    if (!afternoon && text[0] != 'A' && text[0] != 'a') return false;
    if (*hour < 1 || *hour > 12) return false;
    hour = *hour % 12 + (afternoon ? 12 : 0);
    text.remove_prefix(2);
  }
  if (*hour > 23) return false;
  when.micros = ((*hour * 60LL + *minute) * 60 + *second) * 1'000'000 + fraction;
  if (text.empty()) return true;
  if (text == "Z" || text == "z") {
    when.offset = 0;
    return true;
  }
  int sign = text.front() == '-' ? -1 : 1;
  if (text.front() != '+' && text.front() != '-') return false;
  text.remove_prefix(1);
  auto offset_hour = TakeInt(text, 2, 2);
  Take(text, ':');
  auto offset_minute = text.empty() ? std::optional<int32_t>(0) : TakeInt(text, 2, 2);
  if (!offset_hour || !offset_minute || !text.empty() || *offset_hour > 15 || *offset_minute > 59)
    return false;
  when.offset = sign * (*offset_hour * 3600 + *offset_minute * 60);
  return true;
}

// "46083" or "46083.34375": days since 1899-12-30, which is right for every date after February 1900.
std::optional<DateTime> ParseExcel(std::string_view text) {
  double serial = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), serial);
  if (error != std::errc() || end != text.data() + text.size() || serial < 61 || serial > 146'000)
    return std::nullopt;
  DateTime when;
  auto days = static_cast<int32_t>(serial);
  when.day = FromCivil(1899, 12, 30) + days;
  // Excel counts to the second at best; the double's noise below that is cut off.
  int64_t seconds = static_cast<int64_t>((serial - days) * 86400 + 0.5);
  if (text.find('.') != std::string_view::npos) {
    when.day = when.day + static_cast<int32_t>(seconds / 86400);
    when.micros = seconds % 86400 * 1'000'000;
  }
  return when;
}

std::optional<DateTime> ParseAs(std::string_view text, int format) {
  DateTime when;
  std::optional<Day> day;
  std::string_view rest = text;
  auto three = [&](char separator) {
    std::array<std::optional<int32_t>, 3> parts;
    parts[0] = TakeInt(rest, 1, 4);
    if (!Take(rest, separator)) return parts = {}, parts;
    parts[1] = TakeInt(rest, 1, 4);
    if (!Take(rest, separator)) return parts = {}, parts;
    parts[2] = TakeInt(rest, 1, 4);
    return parts;
  };
  switch (format) {
    case importing::v1::DATE_FORMAT_DOTTED: {
      auto p = three('.');
      day = MakeDay(p[2], p[1], p[0]);
      break;
    }
    case importing::v1::DATE_FORMAT_SLASHED: {
      auto p = three('/');
      day = MakeDay(p[0], p[1], p[2]);
      break;
    }
    case importing::v1::DATE_FORMAT_US: {
      auto p = three('/');
      day = MakeDay(p[2], p[0], p[1]);
      break;
    }
    case importing::v1::DATE_FORMAT_EXCEL:
      return ParseExcel(text);
    case importing::v1::DATE_FORMAT_COMPACT: {
      auto y = TakeInt(rest, 4, 4), m = TakeInt(rest, 2, 2), d = TakeInt(rest, 2, 2);
      if (rest.empty()) day = MakeDay(y, m, d);
      break;
    }
    case importing::v1::DATE_FORMAT_YEAR_END:
    case importing::v1::DATE_FORMAT_YEAR_START: {
      auto y = TakeInt(rest, 4, 4);
      if (!rest.empty()) break;
      day = format == importing::v1::DATE_FORMAT_YEAR_END ? MakeDay(y, 12, 31) : MakeDay(y, 1, 1);
      break;
    }
    case importing::v1::DATE_FORMAT_MONTH_START: {
      auto y = TakeInt(rest, 4, 4);
      if (!Take(rest, '-') && !Take(rest, '/')) break;
      auto m = TakeInt(rest, 1, 2);
      if (rest.empty()) day = MakeDay(y, m, 1);
      break;
    }
    default: {
      if (text.size() < 10) return std::nullopt;
      day = ParseDay(text.substr(0, 10));
      rest = text.substr(10);
    }
  }
  if (!day) return std::nullopt;
  when.day = *day;
  if (!TakeTime(rest, when)) return std::nullopt;
  return when;
}

const char* NameOf(int format) {
  switch (format) {
    case importing::v1::DATE_FORMAT_DOTTED:
      return "02.03.2026";
    case importing::v1::DATE_FORMAT_SLASHED:
      return "2026/3/2";
    case importing::v1::DATE_FORMAT_US:
      return "3/2/2026";
    case importing::v1::DATE_FORMAT_EXCEL:
      return "46083 (Excel's day number)";
    case importing::v1::DATE_FORMAT_COMPACT:
      return "20260302";
    case importing::v1::DATE_FORMAT_YEAR_END:
    case importing::v1::DATE_FORMAT_YEAR_START:
      return "2026";
    case importing::v1::DATE_FORMAT_MONTH_START:
      return "2026-03";
    default:
      return "2026-03-02";
  }
}

}  // namespace

std::string_view Trimmed(std::string_view text) {
  auto cut = [&](std::string_view blank) {
    bool any = false;
    if (text.starts_with(blank)) text.remove_prefix(blank.size()), any = true;
    if (text.ends_with(blank)) text.remove_suffix(blank.size()), any = true;
    return any;
  };
  while (cut(" ") || cut("\t") || cut("\r") || cut("\n") || cut("\u00a0") || cut("\u3000")) {
  }
  return text;
}

Result<std::string> ParseNumber(std::string_view text, NumberFormat format) {
  const char point = format == importing::v1::NUMBER_FORMAT_COMMA ? ',' : '.';
  const char group = point == ',' ? '.' : ',';
  std::string_view rest = Trimmed(text);
  auto wrong = [&](const char* why) {
    return InvalidArgument(Quoted(text) + " is no number" + why +
                           (point == ',' ? "; expected such as 1.234,56" : "; expected such as 1,234.56"));
  };
  bool negative = false;
  if (Take(rest, '-')) {
    negative = true;
  } else {
    Take(rest, '+');
  }
  std::string digits, fraction;
  size_t since_group = std::string::npos;  // digits since the last grouping sign
  bool after_point = false;
  for (size_t i = 0; i < rest.size(); ++i) {
    char c = rest[i];
    if (IsDigit(c)) {
      (after_point ? fraction : digits).push_back(c);
      if (!after_point && since_group != std::string::npos) ++since_group;
    } else if (c == point && !after_point) {
      after_point = true;
    } else if ((c == group || c == ' ' || c == '\'') && !after_point && !digits.empty()) {
      if (since_group != std::string::npos && since_group != 3)
        return wrong(" (digits are grouped in threes)");
      since_group = 0;
    } else {
      return wrong("");
    }
  }
  if (digits.empty() && fraction.empty()) return wrong("");
  if (since_group != std::string::npos && since_group != 3) return wrong(" (digits are grouped in threes)");
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  fraction.erase(fraction.find_last_not_of('0') + 1);
  if (digits.size() > kIntegerDigits) return wrong(" that fits (at most 32 digits before the point)");
  if (fraction.size() > kFractionDigits) return wrong(" that fits (at most 6 digits after the point)");
  std::string out = digits.empty() ? "0" : digits;
  if (!fraction.empty()) out += "." + fraction;
  return negative && out != "0" ? "-" + out : out;
}

std::string NegateDecimal(std::string_view decimal) {
  if (decimal == "0") return "0";
  return decimal.starts_with('-') ? std::string(decimal.substr(1)) : "-" + std::string(decimal);
}

Result<std::string> SumDecimals(const std::vector<std::string>& terms) {
  __int128 sum = 0;  // in millionths
  for (std::string_view term : terms) {
    bool negative = Take(term, '-');
    __int128 value = 0;
    size_t point = std::min(term.find('.'), term.size());
    if (point > 30) return InvalidArgument("a term of the sum has more than 30 digits");
    for (char c : term.substr(0, point)) value = value * 10 + (c - '0');
    std::string fraction(term.substr(std::min(point + 1, term.size())));
    fraction.resize(kFractionDigits, '0');
    for (char c : fraction) value = value * 10 + (c - '0');
    sum += negative ? -value : value;
  }
  bool negative = sum < 0;
  if (negative) sum = -sum;
  std::string digits;
  for (; sum > 0; sum /= 10) digits.push_back(static_cast<char>('0' + static_cast<int>(sum % 10)));
  while (digits.size() <= kFractionDigits) digits.push_back('0');
  std::reverse(digits.begin(), digits.end());
  digits.insert(digits.size() - kFractionDigits, ".");
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return negative ? "-" + digits : digits;
}

Result<DateTime> ParseDateTime(std::string_view text, const google::protobuf::RepeatedField<int>& formats) {
  std::string_view trimmed = Trimmed(text);
  if (formats.empty()) {
    if (auto when = ParseAs(trimmed, importing::v1::DATE_FORMAT_ISO)) return *when;
    return InvalidArgument(Quoted(text) +
                           " is no date such as 2026-03-02; set file.dates in the mapping to how the file "
                           "writes dates");
  }
  std::string expected;
  for (int format : formats) {
    if (auto when = ParseAs(trimmed, format)) return *when;
    expected += (expected.empty() ? "" : " or ") + std::string(NameOf(format));
  }
  return InvalidArgument(Quoted(text) + " is no date such as " + expected);
}

Result<WallTime> ToInstant(const DateTime& when, const std::optional<TimeZone>& zone) {
  if (!when.micros) {
    return InvalidArgument(
        "it holds a date without a time of day; map it to a date field (context.occurred_on)");
  }
  if (when.offset) {
    return FromMicros(int64_t{when.day.value} * kMicrosPerDay + *when.micros -
                      int64_t{*when.offset} * 1'000'000);
  }
  if (!zone) {
    return InvalidArgument("the time has no offset from UTC; set file.time_zone in the mapping");
  }
  return zone->ToUtc(when.day, *when.micros / 1'000'000) +
         std::chrono::microseconds(*when.micros % 1'000'000);
}

Result<bool> ParseTruth(std::string_view text) {
  std::string lower(Trimmed(text));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  for (std::string_view yes : {"true", "yes", "y", "1", "x", "是", "ja", "sí", "si"}) {
    if (lower == yes) return true;
  }
  for (std::string_view no : {"false", "no", "n", "0", "否", "nein"}) {
    if (lower == no) return false;
  }
  return InvalidArgument(Quoted(text) + " is neither true nor false; use a value table");
}

}  // namespace yokoten::cli

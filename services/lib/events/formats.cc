#include "events/formats.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/date.h"
#include "base/time_zone.h"

namespace yokoten::events {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsAlnum(char c) { return IsDigit(c) || IsUpper(c) || (c >= 'a' && c <= 'z'); }

template <typename Allowed>
bool All(std::string_view text, size_t max, Allowed allowed) {
  return !text.empty() && text.size() <= max && std::all_of(text.begin(), text.end(), allowed);
}

// Active codes of ISO 4217, sorted.
constexpr std::string_view kCurrencies =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHF "
    "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD "
    "HNL HTG "
    "HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD "
    "MDL MGA "
    "MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR "
    "RON RSD "
    "RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS "
    "UAH UGX "
    "USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG";

bool IsCurrency(std::string_view text) {
  if (text.size() != 3 || !std::all_of(text.begin(), text.end(), IsUpper)) return false;
  for (size_t i = 0; i < kCurrencies.size(); i += 4) {
    if (kCurrencies.substr(i, 3) == text) return true;
  }
  return false;
}

bool IsTimeOfDay(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return false;
  for (size_t i : {0u, 1u, 3u, 4u}) {
    if (!IsDigit(text[i])) return false;
  }
  return (text[0] - '0') * 10 + (text[1] - '0') < 24 && text[3] < '6';
}

// The zone library caches every name it was ever asked for and opens names as paths: it is asked only for
// names that look like one and are there.
bool IsTimeZone(std::string_view text) {
  if (text == "UTC") return true;
  if (!All(text, 64,
           [](char c) { return IsAlnum(c) || std::string_view("_/+-").find(c) != std::string_view::npos; }) ||
      text.find('/') == std::string_view::npos || text.front() == '/') {
    return false;
  }
  const char* directory = std::getenv("TZDIR");
  std::error_code error;
  const auto path = std::filesystem::path(directory != nullptr ? directory : "/usr/share/zoneinfo") / text;
  return std::filesystem::is_regular_file(path, error) && TimeZone::Load(text).ok();
}

struct Help {
  std::string_view en, zh;
};

const Help& HelpOf(options::v1::Format format) {
  static const std::array<Help, 11> kHelp = {{
      {"any text", "任意文本"},
      {"a calendar date such as 2026-03-02, from 1900-01-01 to 2299-12-31",
       "日期，例如 2026-03-02，范围 1900-01-01 至 2299-12-31"},
      {"a decimal number such as -1234.56, at most 32 digits before and 6 after the point",
       "十进制数，例如 -1234.56，小数点前最多 32 位，后最多 6 位"},
      {"an ISO 4217 currency code such as CNY", "ISO 4217 货币代码，例如 CNY"},
      {"an opaque person reference of 1 to 64 letters, digits, '_' or '-'; never a name",
       "人员代号：1 至 64 个字母、数字、'_' 或 '-'；不得使用姓名"},
      {"an id of 1 to 128 letters, digits, '.', '_', ':', '/' or '-', without blanks",
       "标识：1 至 128 个字母、数字、'.'、'_'、':'、'/' 或 '-'，不含空格"},
      {"a plant id of 1 to 32 capital letters, digits, '_' or '-'",
       "工厂代号：1 至 32 个大写字母、数字、'_' 或 '-'"},
      {"a URI reference such as /plants/PL1/mes, 1 to 256 characters without blanks",
       "URI，例如 /plants/PL1/mes，1 至 256 个字符，不含空格"},
      {"an IANA time zone such as Asia/Shanghai", "IANA 时区，例如 Asia/Shanghai"},
      {"text", "文本"},
      {"a local time of day such as 07:30, from 00:00 to 23:59", "当地时间，例如 07:30，范围 00:00 至 23:59"},
  }};
  const auto i = static_cast<size_t>(format);
  return kHelp[i < kHelp.size() ? i : 0];
}

}  // namespace

std::optional<__int128> ParseDecimal(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? "" : text.substr(point + 1);
  if (whole.empty() || whole.size() > 32 || fraction.size() > 6) return std::nullopt;
  if (point != std::string_view::npos && fraction.empty()) return std::nullopt;
  __int128 value = 0;
  for (std::string_view part : {whole, fraction}) {
    for (char c : part) {
      if (!IsDigit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
    }
  }
  for (size_t i = fraction.size(); i < 6; ++i) value *= 10;
  return negative ? -value : value;
}

bool FitsFormat(options::v1::Format format, std::string_view text, bool star) {
  switch (format) {
    case options::v1::FORMAT_DATE:
      return ParseDay(text).has_value();
    case options::v1::FORMAT_DECIMAL:
      return ParseDecimal(text).has_value();
    case options::v1::FORMAT_CURRENCY:
      return IsCurrency(text);
    case options::v1::FORMAT_PERSON_REF:
      return All(text, 64, [](char c) { return IsAlnum(c) || c == '_' || c == '-'; });
    case options::v1::FORMAT_ID:
      return All(text, 128, [](char c) {
        return IsAlnum(c) || std::string_view("._:/-").find(c) != std::string_view::npos;
      });
    case options::v1::FORMAT_PLANT:
      return (star && text == "*") ||
             All(text, 32, [](char c) { return IsUpper(c) || IsDigit(c) || c == '_' || c == '-'; });
    case options::v1::FORMAT_URI:
      return All(text, 256, [](char c) {
        return c > ' ' && c <= '~' && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
      });
    case options::v1::FORMAT_TIME_ZONE:
      return IsTimeZone(text);
    case options::v1::FORMAT_TIME_OF_DAY:
      return IsTimeOfDay(text);
    default:
      return true;
  }
}

std::string_view FormatHelpEn(options::v1::Format format) { return HelpOf(format).en; }
std::string_view FormatHelpZh(options::v1::Format format) { return HelpOf(format).zh; }

}  // namespace yokoten::events

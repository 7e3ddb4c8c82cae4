#include "events/text.h"

#include <array>
#include <cstdint>
#include <string>

namespace yokoten::events {
namespace {

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }

// Length of the valid sequence at the front of `text`; 0 when it is broken.
size_t SequenceLength(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  size_t length = 0;
  uint8_t low = 0x80, high = 0xbf;  // what the second byte may be
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
  } else {
    return 0;
  }
  if (text.size() < length || byte(1) < low || byte(1) > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  return length;
}

// The text with full-width digits and X made ASCII and everything else that is not ASCII made a blank.
std::string ToAscii(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const size_t length = SequenceLength(text.substr(i));
    if (length <= 1) {
      out += text[i++];
      continue;
    }
    // U+FF10..U+FF19 are EF BC 90..99; U+FF38 is EF BC B8.
    const auto last = static_cast<uint8_t>(text[i + length - 1]);
    const bool full_width = length == 3 && text.substr(i, 2) == "\xef\xbc";
    if (full_width && last >= 0x90 && last <= 0x99) {
      out += static_cast<char>('0' + (last - 0x90));
    } else if (full_width && last == 0xb8) {
      out += 'X';
    } else {
      out += ' ';
    }
    i += length;
  }
  return out;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// GB 11643: ISO 7064 MOD 11-2 over the first 17 digits; the birth date must be one, too.
bool IsIdentityNumber(std::string_view s) {
  static constexpr std::array<int, 17> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  static constexpr char kCheck[] = "10X98765432";
  int sum = 0;
  for (size_t i = 0; i < 17; ++i) {
    if (!IsDigit(s[i])) return false;
    sum += (s[i] - '0') * kWeights[i];
  }
  const char check = s[17] == 'x' ? 'X' : s[17];
  if (check != kCheck[sum % 11]) return false;
  const int year = std::stoi(std::string(s.substr(6, 4)));
  const int month = std::stoi(std::string(s.substr(10, 2)));
  const int day = std::stoi(std::string(s.substr(12, 2)));
  return year >= 1900 && year <= 2099 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

bool IsMobileNumber(std::string_view digits) {
  if (digits.size() == 13 && digits.starts_with("86")) digits.remove_prefix(2);
  return digits.size() == 11 && digits[0] == '1' && digits[1] >= '3' && digits[1] <= '9';
}

}  // namespace

size_t FirstBrokenByte(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const size_t length = SequenceLength(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return i;
}

bool IsUtf8(std::string_view text) { return FirstBrokenByte(text) == text.size(); }

size_t CodePoints(std::string_view utf8) {
  size_t n = 0;
  for (char c : utf8) n += IsContinuation(c) ? 0 : 1;
  return n;
}

bool HasControlCharacter(std::string_view utf8) {
  for (size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<uint8_t>(utf8[i]);
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) return true;
    // C1: U+0080..U+009F are C2 80..9F.
    if (c == 0xc2 && i + 1 < utf8.size() && static_cast<uint8_t>(utf8[i + 1]) < 0xa0) return true;
  }
  return false;
}

PersonalNumber FindPersonalNumber(std::string_view utf8) {
  size_t digits = 0;
  for (char c : utf8) digits += IsDigit(c) || static_cast<uint8_t>(c) == 0xef ? 1 : 0;
  if (digits < 11) return PersonalNumber::kNone;
  const std::string text = ToAscii(utf8);
  for (size_t i = 0; i < text.size();) {
    if (!IsDigit(text[i])) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < text.size() && IsDigit(text[end])) ++end;
    const std::string_view run = std::string_view(text).substr(i, end - i);
    const bool x_follows = end < text.size() && (text[end] == 'X' || text[end] == 'x');
    if (run.size() == 18 && IsIdentityNumber(run)) return PersonalNumber::kIdentityNumber;
    if (run.size() == 17 && x_follows && IsIdentityNumber(std::string_view(text).substr(i, 18))) {
      return PersonalNumber::kIdentityNumber;
    }
    if (IsMobileNumber(run)) return PersonalNumber::kMobileNumber;
    // 138 1234 5678 and 138-1234-5678, also behind a 86.
    if (run.size() == 3 || (run.size() == 5 && run.starts_with("86"))) {
      std::string joined(run);
      size_t at = end;
      for (int group = 0; group < 2; ++group) {
        if (at + 5 > text.size() || (text[at] != ' ' && text[at] != '-')) break;
        size_t stop = at + 1;
        while (stop < text.size() && IsDigit(text[stop])) ++stop;
        if (stop - at - 1 != 4) break;
        joined += text.substr(at + 1, 4);
        at = stop;
      }
      if (IsMobileNumber(joined)) return PersonalNumber::kMobileNumber;
    }
    i = end;
  }
  return PersonalNumber::kNone;
}

}  // namespace yokoten::events

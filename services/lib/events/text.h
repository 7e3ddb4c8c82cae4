// What may stand in a string: UTF-8, length, control characters, and personal numbers that must not.
#pragma once

#include <cstddef>
#include <string_view>

namespace yokoten::events {

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(std::string_view text);
// Position of the first byte that breaks UTF-8; text.size() when there is none.
size_t FirstBrokenByte(std::string_view text);
// Number of code points of valid UTF-8.
size_t CodePoints(std::string_view utf8);
// True when the text holds a control character other than tab, line feed and carriage return.
bool HasControlCharacter(std::string_view utf8);

enum class PersonalNumber {
  kNone,
  kIdentityNumber,  // 18 characters of GB 11643 with a right check character
  kMobileNumber,    // 11 digits of a Chinese mobile number, also with +86 or grouped 3-4-4
};
// Looks for a personal number in free text. Full-width digits count as digits.
PersonalNumber FindPersonalNumber(std::string_view utf8);

}  // namespace yokoten::events

// Bytes of a record in an answer: what it says of itself may be anything, a proto string must be UTF-8.
#pragma once

#include <string>

#include "events/text.h"

namespace yokoten::audit {

// The text; where it is no UTF-8, every byte above 127 is a '?'.
inline std::string Readable(std::string text) {
  if (events::IsUtf8(text)) return text;
  for (char& c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return text;
}

}  // namespace yokoten::audit

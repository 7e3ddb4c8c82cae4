// How strings are written: the formats of yokoten.options.v1.Format.
#pragma once

#include <optional>
#include <string_view>

#include "yokoten/options/v1/options.pb.h"

namespace yokoten::events {

// Decimal text as a whole number of millionths: "-12.5" is -12500000. Nothing for text that is no decimal
// number of at most 32 digits before and 6 after the point.
std::optional<__int128> ParseDecimal(std::string_view text);

// Whether the text is written as the format says. `star` allows "*" as a plant.
bool FitsFormat(options::v1::Format format, std::string_view text, bool star);

// How the format is written, for an error's text: what a sender should send instead.
std::string_view FormatHelpEn(options::v1::Format format);
std::string_view FormatHelpZh(options::v1::Format format);

}  // namespace yokoten::events

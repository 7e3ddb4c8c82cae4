// Tab-separated values as ClickHouse reads them, in data (FORMAT TSV) and in query parameters.
#pragma once

#include <string>
#include <string_view>

namespace yokoten {

// Text as one cell: tabs, line ends, backslashes and zero bytes are escaped.
std::string TsvText(std::string_view text);

}  // namespace yokoten

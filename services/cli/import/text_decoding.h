// Files as other systems write them -> UTF-8.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "yokoten/importing/v1/mapping.pb.h"

namespace yokoten::cli {

// The text in UTF-8 without byte order mark. A byte order mark wins over `encoding`. InvalidArgument names
// the byte at which the text stops being what the mapping says.
Result<std::string> DecodeText(std::string bytes, importing::v1::Encoding encoding);

// Reads a whole file. NotFound says which one.
Result<std::string> ReadFile(const std::string& path);

// Position of the first byte that is no UTF-8; npos when all of it is.
size_t FindBrokenUtf8(std::string_view text);

}  // namespace yokoten::cli

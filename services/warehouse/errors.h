// ClickHouse's error codes as its HTTP interface shows them.
#pragma once

#include <string>
#include <string_view>

#include "warehouse/engine.h"

namespace yokoten::warehouse {

// The codes the warehouse itself raises.
namespace code {
inline constexpr int kBadArguments = 36;
inline constexpr int kChecksumDoesntMatch = 40;
inline constexpr int kNotImplemented = 48;
inline constexpr int kSyntaxError = 62;
inline constexpr int kReadonly = 164;
inline constexpr int kRequiredPassword = 194;
inline constexpr int kTooManySimultaneousQueries = 202;
inline constexpr int kSocketTimeout = 209;
inline constexpr int kNetworkError = 210;
inline constexpr int kQueryWithSameIdIsAlreadyRunning = 216;
inline constexpr int kQueryIsTooLarge = 229;
inline constexpr int kCannotDecompress = 271;
inline constexpr int kIntoOutfileNotAllowed = 358;
inline constexpr int kSessionNotFound = 372;
inline constexpr int kSessionIsLocked = 373;
inline constexpr int kInvalidSessionTimeout = 374;
inline constexpr int kHttpLengthRequired = 381;
inline constexpr int kQueryWasCancelled = 394;
inline constexpr int kAccessDenied = 497;
inline constexpr int kUnknownRole = 511;
inline constexpr int kAuthenticationFailed = 516;
}  // namespace code

// "Code: 62. DB::Exception: <message>. (SYNTAX_ERROR)" for one of the codes above.
EngineError MakeError(int error_code, std::string_view message);

// The status ClickHouse's own HTTP handler gives an error code; 500 for all it does not list.
int HttpStatus(int error_code);

}  // namespace yokoten::warehouse

// Names of the codes we raise and the HTTP status of every code ClickHouse treats specially.
#include "warehouse/errors.h"

#include <algorithm>
#include <array>

namespace yokoten::warehouse {
namespace {

std::string_view Name(int error_code) {
  switch (error_code) {
    case code::kBadArguments:
      return "BAD_ARGUMENTS";
    case code::kQueryIsTooLarge:
      return "QUERY_IS_TOO_LARGE";
    case code::kChecksumDoesntMatch:
      return "CHECKSUM_DOESNT_MATCH";
    case code::kNotImplemented:
      return "NOT_IMPLEMENTED";
    case code::kSyntaxError:
      return "SYNTAX_ERROR";
    case code::kReadonly:
      return "READONLY";
    case code::kRequiredPassword:
      return "REQUIRED_PASSWORD";
    case code::kTooManySimultaneousQueries:
      return "TOO_MANY_SIMULTANEOUS_QUERIES";
    case code::kSocketTimeout:
      return "SOCKET_TIMEOUT";
    case code::kNetworkError:
      return "NETWORK_ERROR";
    case code::kQueryWithSameIdIsAlreadyRunning:
      return "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING";
    case code::kCannotDecompress:
      return "CANNOT_DECOMPRESS";
    case code::kSessionNotFound:
      return "SESSION_NOT_FOUND";
    case code::kSessionIsLocked:
      return "SESSION_IS_LOCKED";
    case code::kInvalidSessionTimeout:
      return "INVALID_SESSION_TIMEOUT";
    case code::kHttpLengthRequired:
      return "HTTP_LENGTH_REQUIRED";
    case code::kIntoOutfileNotAllowed:
      return "INTO_OUTFILE_NOT_ALLOWED";
    case code::kQueryWasCancelled:
      return "QUERY_WAS_CANCELLED";
    case code::kAccessDenied:
      return "ACCESS_DENIED";
    case code::kUnknownRole:
      return "UNKNOWN_ROLE";
    case code::kAuthenticationFailed:
      return "AUTHENTICATION_FAILED";
    default:
      return "UNKNOWN_EXCEPTION";
  }
}

template <size_t N>
bool Contains(const std::array<int, N>& codes, int error_code) {
  return std::find(codes.begin(), codes.end(), error_code) != codes.end();
}

}  // namespace

EngineError MakeError(int error_code, std::string_view message) {
  std::string text = "Code: " + std::to_string(error_code) + ". DB::Exception: ";
  text.append(message);
  if (!text.ends_with('.')) text.push_back('.');
  text.append(" (").append(Name(error_code)).append(")");
  return {error_code, std::move(text)};
}

int HttpStatus(int error_code) {
  // UNKNOWN_USER, WRONG_PASSWORD, AUTHENTICATION_FAILED, SET_NON_GRANTED_ROLE, ACCESS_DENIED
  static constexpr std::array kForbidden = {192, 193, 516, 512, 497};
  // What the client wrote wrongly: arguments, literals, names of columns, syntax.
  static constexpr std::array kBadRequest = {6,  8,   15,  25,  26,  27,  36,  37,  38,  41,  44,  53, 62,
                                             72, 117, 123, 167, 168, 223, 321, 376, 427, 441, 675, 676};
  // UNKNOWN_TABLE, _FUNCTION, _IDENTIFIER, _TYPE, _STORAGE, _DATABASE, _SETTING, _DIRECTION_OF_SORTING,
  // _AGGREGATE_FUNCTION, _FORMAT, _DATABASE_ENGINE, _TYPE_OF_QUERY, _ROLE
  static constexpr std::array kNotFound = {60, 46, 47, 50, 56, 81, 115, 152, 63, 73, 336, 78, 511};
  if (error_code == code::kRequiredPassword) return 401;
  if (Contains(kForbidden, error_code)) return 403;
  if (Contains(kBadRequest, error_code)) return 400;
  if (Contains(kNotFound, error_code)) return 404;
  switch (error_code) {
    case 229:
      return 413;  // QUERY_IS_TOO_LARGE
    case 48:
      return 501;  // NOT_IMPLEMENTED
    case 209:      // SOCKET_TIMEOUT
    case 76:       // CANNOT_OPEN_FILE
    case 439:      // CANNOT_SCHEDULE_TASK
      return 503;
    case 381:
      return 411;  // HTTP_LENGTH_REQUIRED
    case 159:
      return 408;  // TIMEOUT_EXCEEDED
    default:
      return 500;
  }
}

}  // namespace yokoten::warehouse

// The plain-value parts of an HTTP message: headers, query parameters, percent-coding and status reasons.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace yokoten::http {

// An ordered list of headers. Names compare without regard to case and may occur more than once.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  // Appends, keeping earlier fields of the same name.
  void Add(std::string_view name, std::string_view value);
  // Replaces every field of that name by one.
  void Set(std::string_view name, std::string_view value);
  void Remove(std::string_view name);
  bool Has(std::string_view name) const { return Find(name) != nullptr; }
  // Value of the first field of that name, or `otherwise`. The view lives as long as this object is
  // unchanged.
  std::string_view Get(std::string_view name, std::string_view otherwise = {}) const;
  // Whether one of the comma-separated tokens of the fields of that name equals `token`, without regard to
  // case.
  bool HasToken(std::string_view name, std::string_view token) const;

  const std::vector<Field>& fields() const { return fields_; }

 private:
  const std::string* Find(std::string_view name) const;
  std::vector<Field> fields_;
};

// Decoded parameters of a query string (or of an application/x-www-form-urlencoded body), in their order.
class QueryParams {
 public:
  using Param = std::pair<std::string, std::string>;

  QueryParams() = default;
  // Splits at '&' and '=', decodes '+' to a blank and %XX to a byte. Bad escapes stay as they are.
  static QueryParams Parse(std::string_view query);

  bool Has(std::string_view name) const { return Find(name).has_value(); }
  // First value of that name. Names compare exactly.
  std::optional<std::string_view> Find(std::string_view name) const;
  std::string_view Get(std::string_view name, std::string_view otherwise = {}) const {
    return Find(name).value_or(otherwise);
  }
  const std::vector<Param>& all() const { return params_; }

 private:
  std::vector<Param> params_;
};

// %XX to bytes; `plus_is_blank` also turns '+' into ' '. Bad escapes stay as they are.
std::string PercentDecode(std::string_view text, bool plus_is_blank = false);
// Everything but RFC 3986 unreserved characters becomes %XX.
std::string PercentEncode(std::string_view text);
// RFC 4648 standard base64, padding optional. Nothing if it is not base64.
std::optional<std::string> Base64Decode(std::string_view text);

bool EqualsIgnoreCase(std::string_view a, std::string_view b);
// "Not Found" for 404; "Unknown" for a code without a name.
std::string_view ReasonPhrase(int status);

}  // namespace yokoten::http

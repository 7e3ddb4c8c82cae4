#include "cli/output.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include <google/protobuf/util/json_util.h>

namespace yokoten::cli {

namespace {

// Length of the UTF-8 sequence at `at` and its code point; broken bytes are themselves.
uint32_t CodePoint(std::string_view text, size_t& at) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(i < text.size() ? text[i] : 0); };
  unsigned char c = byte(at);
  if (c >= 0xf0) {
    uint32_t code =
        (c & 7u) << 18 | (byte(at + 1) & 63u) << 12 | (byte(at + 2) & 63u) << 6 | (byte(at + 3) & 63u);
    at += 4;
    return code;
  }
  if (c >= 0xe0) {
    uint32_t code = (c & 15u) << 12 | (byte(at + 1) & 63u) << 6 | (byte(at + 2) & 63u);
    at += 3;
    return code;
  }
  if (c >= 0xc0) {
    uint32_t code = (c & 31u) << 6 | (byte(at + 1) & 63u);
    at += 2;
    return code;
  }
  ++at;
  return c;
}

bool IsWide(uint32_t c) {
  return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
         (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
         (c >= 0x20000 && c <= 0x3fffd);
}

bool LooksNumeric(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.,+-% ") == std::string_view::npos &&
         text.find_first_of("0123456789") != std::string_view::npos;
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size();) width += IsWide(CodePoint(text, at)) ? 2 : 1;
  return width;
}

Table::Table(std::vector<std::string> header) : header_(std::move(header)) {}

void Table::Add(std::vector<std::string> row) {
  row.resize(header_.size());
  rows_.push_back(std::move(row));
}

std::string Table::ToText() const {
  std::vector<size_t> width(header_.size());
  std::vector<bool> right(header_.size(), !rows_.empty());
  for (size_t i = 0; i < header_.size(); ++i) {
    width[i] = DisplayWidth(header_[i]);
    for (const auto& row : rows_) {
      width[i] = std::max(width[i], DisplayWidth(row[i]));
      if (!row[i].empty() && row[i] != "-" && !LooksNumeric(row[i])) right[i] = false;
    }
  }
  std::string text;
  auto line = [&](const std::vector<std::string>& cells) {
    std::string out;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) out += "  ";
      std::string pad(width[i] - DisplayWidth(cells[i]), ' ');
      out += right[i] ? pad + cells[i] : cells[i] + pad;
    }
    out.erase(out.find_last_not_of(' ') + 1);
    text += out + "\n";
  };
  line(header_);
  std::vector<std::string> rule;
  for (size_t w : width) rule.emplace_back(w, '-');
  line(rule);
  for (const auto& row : rows_) line(row);
  return text;
}

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char buffer[8];
      std::snprintf(buffer, sizeof buffer, "\\u%04x", c);
      out += buffer;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string JsonNumber(double number) {
  char buffer[32];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  return std::string(buffer, end);
}

std::string JsonObject(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out = "{";
  for (const auto& [key, value] : members) {
    if (out.size() > 1) out += ", ";
    out += JsonString(key) + ": " + value;
  }
  return out + "}";
}

std::string JsonOf(const google::protobuf::Message& message, bool pretty) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = pretty;
  options.preserve_proto_field_names = true;
  std::string text;
  (void)google::protobuf::util::MessageToJsonString(message, &text, options);
  return text;
}

int Fail(const Status& status) {
  std::fprintf(stderr, "yokoten: %s\n", Message(status).c_str());
  switch (status.code()) {
    case StatusCode::kInvalidArgument:
    case StatusCode::kNotFound:
      return 2;
    case StatusCode::kUnavailable:
    case StatusCode::kDeadlineExceeded:
      return 3;
    default:
      return 1;
  }
}

}  // namespace yokoten::cli

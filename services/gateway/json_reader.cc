// The reader is a cursor with one bit of state besides the depth: whether a comma is due. See json_reader.h.
#include "gateway/json_reader.h"

#include <cstdint>

namespace yokoten::gateway {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsContinuation(unsigned char c) { return (c & 0xC0) == 0x80; }

void AppendUtf8(uint32_t point, std::string* out) {
  if (point < 0x80) {
    out->push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    out->push_back(static_cast<char>(0xC0 | (point >> 6)));
    out->push_back(static_cast<char>(0x80 | (point & 0x3F)));
  } else if (point < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | (point >> 12)));
    out->push_back(static_cast<char>(0x80 | ((point >> 6) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (point & 0x3F)));
  } else {
    out->push_back(static_cast<char>(0xF0 | (point >> 18)));
    out->push_back(static_cast<char>(0x80 | ((point >> 12) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | ((point >> 6) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (point & 0x3F)));
  }
}

}  // namespace

size_t Utf8SequenceLength(std::string_view text) {
  if (text.empty()) return 0;
  const auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return text.size() >= 2 && IsContinuation(at(1)) ? 2 : 0;
  if ((lead & 0xF0) == 0xE0) {
    if (text.size() < 3 || !IsContinuation(at(1)) || !IsContinuation(at(2))) return 0;
    if (lead == 0xE0 && at(1) < 0xA0) return 0;
    if (lead == 0xED && at(1) > 0x9F) return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (text.size() < 4 || !IsContinuation(at(1)) || !IsContinuation(at(2)) || !IsContinuation(at(3)))
      return 0;
    if (lead == 0xF0 && at(1) < 0x90) return 0;
    if (lead == 0xF4 && at(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = Utf8SequenceLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool JsonReader::Fail(const char* why) {
  if (error_ == nullptr) error_ = why;
  return false;
}

void JsonReader::SkipBlanks() {
  while (position_ < text_.size()) {
    const char c = text_[position_];
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return;
    ++position_;
  }
}

JsonReader::Kind JsonReader::Peek() {
  if (!ok()) return Kind::kInvalid;
  SkipBlanks();
  if (position_ >= text_.size()) return Kind::kEnd;
  switch (const char c = text_[position_]) {
    case '{':
      return Kind::kObject;
    case '[':
      return Kind::kArray;
    case '"':
      return Kind::kString;
    case 't':
    case 'f':
      return Kind::kBool;
    case 'n':
      return Kind::kNull;
    default:
      return c == '-' || IsDigit(c) ? Kind::kNumber : Kind::kInvalid;
  }
}

bool JsonReader::Open(char bracket) {
  if (!ok()) return false;
  SkipBlanks();
  if (position_ >= text_.size()) return Fail("the text ends too early");
  if (text_[position_] != bracket)
    return Fail(bracket == '{' ? "an object { } is expected" : "a list [ ] is expected");
  if (++depth_ > kMaxDepth) return Fail("values are nested too deeply");
  ++position_;
  first_ = true;
  return true;
}

bool JsonReader::BeginObject() { return Open('{'); }
bool JsonReader::BeginArray() { return Open('['); }

bool JsonReader::NextItem(char close) {
  if (!ok()) return false;
  SkipBlanks();
  if (position_ >= text_.size()) return Fail("the text ends too early");
  if (text_[position_] == close) {
    ++position_;
    --depth_;
    first_ = false;
    return false;
  }
  if (first_) {
    first_ = false;
    return true;
  }
  if (text_[position_] != ',')
    return Fail(close == '}' ? "a comma or } is missing" : "a comma or ] is missing");
  ++position_;
  SkipBlanks();
  if (position_ < text_.size() && text_[position_] == close)
    return Fail("a comma stands before the closing bracket");
  return true;
}

bool JsonReader::NextMember(std::string* name) {
  if (!NextItem('}')) return false;
  if (Peek() != Kind::kString) return Fail("a field name in double quotes is expected");
  if (!ReadString(name)) return false;
  SkipBlanks();
  if (position_ >= text_.size() || text_[position_] != ':')
    return Fail("a colon is missing after a field name");
  ++position_;
  return true;
}

bool JsonReader::NextElement() { return NextItem(']'); }

bool JsonReader::ReadHex4(unsigned* out) {
  *out = 0;
  for (int i = 0; i < 4; ++i, ++position_) {
    if (position_ >= text_.size()) return Fail("the text ends within a string");
    const char c = text_[position_];
    unsigned digit = 0;
    if (IsDigit(c)) {
      digit = static_cast<unsigned>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<unsigned>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<unsigned>(c - 'A' + 10);
    } else {
      return Fail("\\u needs four hexadecimal digits");
    }
    *out = *out * 16 + digit;
  }
  return true;
}

bool JsonReader::ReadEscape(std::string* out) {
  if (position_ >= text_.size()) return Fail("the text ends within a string");
  switch (const char c = text_[position_++]) {
    case '"':
    case '\\':
    case '/':
      out->push_back(c);
      return true;
    case 'b':
      out->push_back('\b');
      return true;
    case 'f':
      out->push_back('\f');
      return true;
    case 'n':
      out->push_back('\n');
      return true;
    case 'r':
      out->push_back('\r');
      return true;
    case 't':
      out->push_back('\t');
      return true;
    case 'u': {
      unsigned unit = 0;
      if (!ReadHex4(&unit)) return false;
      uint32_t point = unit;
      if (unit >= 0xDC00 && unit <= 0xDFFF) return Fail("a \\u surrogate stands alone");
      if (unit >= 0xD800 && unit <= 0xDBFF) {
        unsigned low = 0;
        if (text_.substr(position_, 2) != "\\u") return Fail("a \\u surrogate stands alone");
        position_ += 2;
        if (!ReadHex4(&low)) return false;
        if (low < 0xDC00 || low > 0xDFFF) return Fail("a \\u surrogate stands alone");
        point = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
      }
      AppendUtf8(point, out);
      return true;
    }
    default:
      --position_;
      return Fail("a backslash stands before a character that has no escape");
  }
}

bool JsonReader::ReadString(std::string* out) {
  out->clear();
  if (Peek() != Kind::kString) return Fail("text in double quotes is expected");
  ++position_;
  while (true) {
    size_t end = position_;
    while (end < text_.size()) {
      const unsigned char c = static_cast<unsigned char>(text_[end]);
      if (c == '"' || c == '\\' || c < 0x20) break;
      if (c < 0x80) {
        ++end;
        continue;
      }
      const size_t length = Utf8SequenceLength(text_.substr(end));
      if (length == 0) {
        position_ = end;
        utf8_error_ = ok();
        return Fail("the bytes are not UTF-8");
      }
      end += length;
    }
    out->append(text_, position_, end - position_);
    position_ = end;
    if (position_ >= text_.size()) return Fail("the text ends within a string");
    const char c = text_[position_];
    if (c == '"') {
      ++position_;
      return true;
    }
    if (c != '\\') return Fail("a control character stands unescaped in a string");
    ++position_;
    if (!ReadEscape(out)) return false;
  }
}

bool JsonReader::ReadNumber(std::string_view* literal) {
  if (Peek() != Kind::kNumber) return Fail("a number is expected");
  const size_t begin = position_;
  const auto digits = [&] {
    const size_t from = position_;
    while (position_ < text_.size() && IsDigit(text_[position_])) ++position_;
    return position_ > from;
  };
  if (text_[position_] == '-') ++position_;
  if (position_ < text_.size() && text_[position_] == '0') {
    ++position_;
  } else if (!digits()) {
    return Fail("a number is not written as JSON wants it");
  }
  if (position_ < text_.size() && text_[position_] == '.') {
    ++position_;
    if (!digits()) return Fail("a number is not written as JSON wants it");
  }
  if (position_ < text_.size() && (text_[position_] == 'e' || text_[position_] == 'E')) {
    ++position_;
    if (position_ < text_.size() && (text_[position_] == '+' || text_[position_] == '-')) ++position_;
    if (!digits()) return Fail("a number is not written as JSON wants it");
  }
  if (position_ < text_.size() && (IsDigit(text_[position_]) || text_[position_] == '.')) {
    return Fail("a number is not written as JSON wants it");
  }
  *literal = text_.substr(begin, position_ - begin);
  return true;
}

bool JsonReader::Literal(std::string_view word) {
  if (text_.substr(position_, word.size()) != word) return Fail("a value is not written as JSON wants it");
  position_ += word.size();
  return true;
}

bool JsonReader::ReadBool(bool* out) {
  if (Peek() != Kind::kBool) return Fail("true or false is expected");
  *out = text_[position_] == 't';
  return Literal(*out ? "true" : "false");
}

bool JsonReader::ReadNull() {
  if (Peek() != Kind::kNull) return Fail("null is expected");
  return Literal("null");
}

bool JsonReader::SkipValue(std::string_view* raw) {
  SkipBlanks();
  const size_t begin = position_;
  std::string closers;
  std::string text;
  std::string_view number;
  bool flag = false;
  do {
    bool read = false;
    switch (Peek()) {
      case Kind::kObject:
        read = BeginObject();
        closers.push_back('}');
        break;
      case Kind::kArray:
        read = BeginArray();
        closers.push_back(']');
        break;
      case Kind::kString:
        read = ReadString(&text);
        break;
      case Kind::kNumber:
        read = ReadNumber(&number);
        break;
      case Kind::kBool:
        read = ReadBool(&flag);
        break;
      case Kind::kNull:
        read = ReadNull();
        break;
      case Kind::kEnd:
        return Fail("the text ends too early");
      case Kind::kInvalid:
        return Fail("a value is expected");
    }
    if (!read) return false;
    while (!closers.empty()) {
      if (closers.back() == '}' ? NextMember(&text) : NextElement()) break;
      if (!ok()) return false;
      closers.pop_back();
    }
  } while (!closers.empty());
  if (raw != nullptr) *raw = text_.substr(begin, position_ - begin);
  return true;
}

bool JsonReader::SliceValue(std::string_view* raw) {
  if (!ok()) return false;
  SkipBlanks();
  const size_t begin = position_;
  std::string closers;
  for (; position_ < text_.size(); ++position_) {
    const char c = text_[position_];
    if (c == '"') {
      for (++position_; position_ < text_.size() && text_[position_] != '"'; ++position_) {
        if (text_[position_] == '\\') ++position_;
      }
      if (position_ >= text_.size()) return Fail("the text ends within a string");
    } else if (c == '{' || c == '[') {
      closers.push_back(c == '{' ? '}' : ']');
    } else if (c == '}' || c == ']') {
      if (closers.empty()) break;  // of the container around
      if (closers.back() != c) return Fail("brackets do not match");
      closers.pop_back();
    } else if (c == ',' && closers.empty()) {
      break;
    }
  }
  if (!closers.empty()) return Fail("the text ends too early");
  size_t end = position_;
  while (end > begin && (text_[end - 1] == ' ' || text_[end - 1] == '\t' || text_[end - 1] == '\n' ||
                         text_[end - 1] == '\r')) {
    --end;
  }
  if (end == begin) return Fail("a value is expected");
  *raw = text_.substr(begin, end - begin);
  return true;
}

}  // namespace yokoten::gateway

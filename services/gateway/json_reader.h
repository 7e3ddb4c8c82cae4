// A strict pull reader of one JSON text (RFC 8259, UTF-8), made for untrusted input: no recursion of its own,
// no copies but of strings, every error with its place.
//
// Not thread-safe; the text must outlive the reader. After the first error every call returns false.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace yokoten::gateway {

class JsonReader {
 public:
  enum class Kind { kObject, kArray, kString, kNumber, kBool, kNull, kEnd, kInvalid };

  // Values nested deeper than this are refused.
  static constexpr int kMaxDepth = 64;

  explicit JsonReader(std::string_view text) : text_(text) {}

  // What comes next, blanks skipped; kEnd at the end of the text.
  Kind Peek();

  // Opens the object or array that comes next. False (with an error) if something else comes.
  bool BeginObject();
  bool BeginArray();
  // Steps to the next member: true with its name read and its value next; false at the closing brace (now
  // read) or on an error.
  bool NextMember(std::string* name);
  // Steps to the next element: true with it next; false at the closing bracket (now read) or on an error.
  bool NextElement();

  // Reads a string with its escapes resolved; the result is valid UTF-8.
  bool ReadString(std::string* out);
  // Reads a number as it is written.
  bool ReadNumber(std::string_view* literal);
  bool ReadBool(bool* out);
  bool ReadNull();

  // Reads any value, checking it wholly, and gives its text.
  bool SkipValue(std::string_view* raw = nullptr);
  // Finds only where the next value ends, by quotes and brackets: what stands inside may still be wrong. This
  // is what keeps one broken event from breaking its batch.
  bool SliceValue(std::string_view* raw);
  // True if nothing but blanks is left.
  bool AtEnd() { return Peek() == Kind::kEnd; }

  bool ok() const { return error_ == nullptr; }
  // Why reading stopped: a clause such as "a comma or } is missing"; empty while ok.
  std::string_view error() const { return error_ == nullptr ? std::string_view() : error_; }
  // True if the error is bytes that are no UTF-8.
  bool error_is_utf8() const { return utf8_error_; }
  // Byte offset where reading stands, or stopped.
  size_t offset() const { return position_; }

 private:
  bool Fail(const char* why);
  void SkipBlanks();
  bool Literal(std::string_view word);
  bool ReadEscape(std::string* out);
  bool ReadHex4(unsigned* out);
  bool Open(char bracket);
  // Between values of the container just entered or left.
  bool NextItem(char close);

  std::string_view text_;
  size_t position_ = 0;
  int depth_ = 0;
  bool first_ = false;  // nothing of the innermost container was read yet
  const char* error_ = nullptr;
  bool utf8_error_ = false;
};

// Length of the UTF-8 sequence `text` begins with, 1 to 4; 0 if it begins with none (overlong and surrogates
// included).
size_t Utf8SequenceLength(std::string_view text);
// Whether all of it is UTF-8.
bool IsUtf8(std::string_view text);

}  // namespace yokoten::gateway

#include "kpi/mutants.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace yokoten::test {
namespace {

struct Token {
  enum class Kind { kWord, kNumber, kString, kMacro, kSymbol };
  Kind kind;
  size_t begin, end;
  std::string text;
  int depth = 0;  // of parentheses and brackets around it
};

bool IsWordLetter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The query's tokens; comments (the header with them) are none.
std::vector<Token> Tokens(const std::string& text) {
  std::vector<Token> tokens;
  int depth = 0;
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    size_t end = at + 1;
    Token::Kind kind = Token::Kind::kSymbol;
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      at = end;
      continue;
    }
    if (text.compare(at, 2, "--") == 0) {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    if (c == '\'') {
      kind = Token::Kind::kString;
      end = text.find('\'', at + 1) + 1;
    } else if (c == '{') {
      kind = Token::Kind::kMacro;
      end = text.find('}', at) + 1;
    } else if (IsWordLetter(c)) {
      kind = std::isdigit(static_cast<unsigned char>(c)) != 0 ? Token::Kind::kNumber : Token::Kind::kWord;
      while (end < text.size() && IsWordLetter(text[end])) ++end;
    } else {
      static const std::set<std::string> kPairs{"<=", ">=", "!=", "<>", "->", "::", "||", "=="};
      if (kPairs.contains(text.substr(at, 2))) end = at + 2;
    }
    if (c == ')' || c == ']') --depth;
    tokens.push_back({kind, at, end, text.substr(at, end - at), depth});
    if (c == '(' || c == '[') ++depth;
    at = end;
  }
  return tokens;
}

class Mutator {
 public:
  Mutator(const std::string& name, const std::string& text)
      : name_(name), text_(text), tokens_(Tokens(text)) {}

  std::vector<Mutant> All() {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      Comparison(i);
      Logic(i);
      Condition(i);
      Join(i);
      Function(i);
      Constant(i);
      Order(i);
    }
    Sides();
    Header();
    return std::move(mutants_);
  }

 private:
  const std::string& Text(size_t i) const {
    static const std::string kNone;
    return i < tokens_.size() ? tokens_[i].text : kNone;
  }

  // The words around, on one line.
  std::string Around(size_t begin, size_t end) const {
    constexpr size_t kReach = 34;
    const size_t from = begin < kReach ? 0 : begin - kReach, to = std::min(text_.size(), end + kReach);
    const std::string raw = text_.substr(from, begin - from) + "«" + text_.substr(begin, end - begin) + "»" +
                            text_.substr(end, to - end);
    std::string line;
    for (const char c : raw) {
      const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
      if (!blank || (!line.empty() && line.back() != ' ')) line += blank ? ' ' : c;
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    // Letters of more than one byte are left whole.
    size_t first = 0;
    while (first < line.size() && (static_cast<unsigned char>(line[first]) & 0xC0) == 0x80) ++first;
    return line.substr(first);
  }

  void Add(size_t begin, size_t end, const std::string& now, const std::string& what) {
    const std::string was = text_.substr(begin, end - begin);
    std::string id = name_ + ": " + (what.empty() ? was + " to " + now : what) + ": " + Around(begin, end);
    mutants_.push_back({std::move(id), text_.substr(0, begin) + now + text_.substr(end)});
  }
  void Replace(size_t i, const std::string& now, const std::string& what = "") {
    Add(tokens_[i].begin, tokens_[i].end, now, what);
  }

  void Comparison(size_t i) {
    static const std::map<std::string, std::vector<std::string>> kOther{
        {"<", {"<=", ">="}}, {"<=", {"<", ">"}}, {">", {">=", "<="}},
        {">=", {">", "<"}},  {"=", {"!="}},      {"!=", {"="}}};
    const auto other = kOther.find(Text(i));
    if (other == kOther.end() || tokens_[i].kind != Token::Kind::kSymbol) return;
    for (const std::string& now : other->second) Replace(i, now);
  }

  bool EndsCondition(size_t i) const {
    static const std::set<std::string> kEnds{"GROUP",  "ORDER", "LIMIT", "HAVING", "UNION",    "WHERE",
                                             "WINDOW", "LEFT",  "INNER", "ASOF",   "SETTINGS", "JOIN"};
    return i >= tokens_.size() || kEnds.contains(Text(i));
  }

  // Whether an AND at `i` is the one of BETWEEN.
  bool IsOfBetween(size_t i) const {
    for (size_t j = i; j-- > 0 && tokens_[j].depth >= tokens_[i].depth;) {
      if (tokens_[j].depth > tokens_[i].depth) continue;
      if (Text(j) == "BETWEEN") return true;
      if (Text(j) == "AND" || Text(j) == "OR" || Text(j) == "WHERE" || Text(j) == ",") return false;
    }
    return false;
  }

  void Logic(size_t i) {
    if (Text(i) == "OR") Replace(i, "AND");
    if (Text(i) == "AND" && !IsOfBetween(i)) Replace(i, "OR");
  }

  // A condition begins here: it is left out.
  void Condition(size_t i) {
    if (i == 0) return;
    const std::string& before = Text(i - 1);
    const bool starts =
        before == "WHERE" || before == "HAVING" || before == "OR" || (before == "AND" && !IsOfBetween(i - 1));
    if (!starts) return;
    bool is_or = before == "OR";
    size_t end = i;
    const int depth = tokens_[i].depth;
    for (; end < tokens_.size() && tokens_[end].depth >= depth; ++end) {
      if (tokens_[end].depth > depth) continue;
      if (Text(end) == "," || EndsCondition(end) || Text(end) == "OR" || Text(end) == "AS") break;
      if (Text(end) == "AND" && !IsOfBetween(end)) break;
    }
    if (!is_or && end < tokens_.size() && Text(end) == "OR" && before != "AND") is_or = true;
    Add(tokens_[i].begin, tokens_[end - 1].end, is_or ? "(1 = 0)" : "(1 = 1)", "left out");
  }

  void Join(size_t i) {
    if (Text(i + 1) != "JOIN") return;
    if (Text(i) == "LEFT") Replace(i, "INNER");
    if (Text(i) == "INNER") Replace(i, "LEFT");
  }

  void Function(size_t i) {
    static const std::map<std::string, std::string> kOther{{"sum", "max"},
                                                           {"sumIf", "maxIf"},
                                                           {"max", "min"},
                                                           {"min", "max"},
                                                           {"maxIf", "minIf"},
                                                           {"minIf", "maxIf"},
                                                           {"argMax", "argMin"},
                                                           {"argMin", "argMax"},
                                                           {"countIf", "count"},
                                                           {"greatest", "least"},
                                                           {"least", "greatest"},
                                                           {"uniqExact", "count"},
                                                           {"arrayExists", "arrayAll"},
                                                           {"arrayAll", "arrayExists"},
                                                           {"arrayMin", "arrayMax"},
                                                           {"arrayMax", "arrayMin"},
                                                           {"arraySum", "arrayMax"},
                                                           {"arrayFirst", "arrayLast"},
                                                           {"arrayLast", "arrayFirst"},
                                                           {"has", "NOT has"}};
    if (Text(i + 1) != "(") return;
    if (Text(i) == "count" && Text(i + 2) == ")") {
      Add(tokens_[i].begin, tokens_[i + 2].end, "max(1)", "");
      return;
    }
    const auto other = kOther.find(Text(i));
    if (other != kOther.end()) Replace(i, other->second);
  }

  // Digits after the point, precisions and the like are no figures: toDecimal128(x, 6), pair.1, LIMIT 1 BY.
  bool IsFigure(size_t i) const {
    if (i > 0 && (Text(i - 1) == "." || Text(i - 1) == "LIMIT")) return false;
    if (Text(i + 1) != ")") return true;
    size_t j = i;
    while (j > 0 && tokens_[j].depth >= tokens_[i].depth) --j;
    const std::string& call = j > 0 ? Text(j - 1) : Text(i + 2);
    return call.find("Decimal") == std::string::npos && call.find("DateTime64") == std::string::npos;
  }

  void Constant(size_t i) {
    const Token& token = tokens_[i];
    if (token.kind == Token::Kind::kNumber && IsFigure(i)) {
      const long long number = std::stoll(token.text);
      if (number > 1) Replace(i, std::to_string(number + 1));
      Replace(i, std::to_string(number == 0 ? 1 : number - 1));
    }
    // Names and codes; dates that stand for "never" are none.
    const bool is_code = token.kind == Token::Kind::kString && token.text.size() > 2 &&
                         std::isalpha(static_cast<unsigned char>(token.text[1])) != 0;
    if (is_code) Replace(i, "'mutant'");
  }

  void Order(size_t i) {
    if (Text(i) == "DESC") Replace(i, "ASC");
    if (Text(i) == "SELECT" && Text(i + 1) == "DISTINCT")
      Add(tokens_[i + 1].begin, tokens_[i + 1].end, "", "left out");
    if (Text(i) == "LIMIT" && Text(i + 2) == "BY") Replace(i + 1, "1000", "limit left out");
  }

  // "x AS numerator, y AS denominator": the names exchanged.
  void Sides() {
    for (size_t i = 1; i < tokens_.size(); ++i) {
      if (Text(i) != "numerator" || Text(i - 1) != "AS") continue;
      for (size_t j = i + 1; j < tokens_.size() && tokens_[j].depth >= tokens_[i].depth; ++j) {
        if (Text(j) != "denominator" || Text(j - 1) != "AS" || tokens_[j].depth != tokens_[i].depth) continue;
        const std::string between = text_.substr(tokens_[i].end, tokens_[j].begin - tokens_[i].end);
        Add(tokens_[i].begin, tokens_[j].end, "denominator" + between + "numerator", "sides exchanged");
        break;
      }
    }
  }

  void HeaderWord(const std::string& key, const std::map<std::string, std::string>& other) {
    const size_t end = text_.find("\n\n");
    for (const auto& [was, now] : other) {
      const size_t at = text_.find(key + was, 0);
      if (at < end) Add(at + key.size(), at + key.size() + was.size(), now, "");
    }
  }

  void Header() {
    HeaderWord("factor: ", {{"\"1\"", "\"2\""},
                            {"\"100\"", "\"101\""},
                            {"\"1000\"", "\"1001\""},
                            {"\"200000\"", "\"200001\""},
                            {"\"1000000\"", "\"1000001\""}});
    HeaderWord("quantile: ", {{"\"0.5\"", "\"0.9\""}, {"\"0.9\"", "\"0.5\""}});
    HeaderWord("finest_level: LEVEL_", {{"PLANT", "LINE"}, {"WORKSHOP", "PLANT"}, {"LINE", "WORKSHOP"}});
    // What is a quantile of values has no denominator.
    const bool values = text_.find("AGGREGATION_VALUES") < text_.find("\n\n");
    for (const char* side : {" numerator: AGGREGATION_", " denominator: AGGREGATION_"}) {
      if (!values)
        HeaderWord(side, {{"SUM", "LAST"}, {"LAST", "SUM"}, {"MEAN_OF_DAYS", "SUM"}, {"ONE", "SUM"}});
    }
    HeaderWord("no_total: ", {{"true", "false"}});
    const size_t end = text_.find("\n\n");
    for (size_t at = text_.find("target: \""); at < end; at = text_.find("target: \"", at + 1)) {
      const size_t begin = at + 9, close = text_.find('"', begin);
      Add(begin, close, std::to_string(std::stoi(text_.substr(begin, close - begin)) + 1), "");
    }
  }

  const std::string name_, &text_;
  const std::vector<Token> tokens_;
  std::vector<Mutant> mutants_;
};

}  // namespace

std::vector<Mutant> MutantsOf(const std::string& name, const std::string& text) {
  return Mutator(name, text).All();
}

}  // namespace yokoten::test

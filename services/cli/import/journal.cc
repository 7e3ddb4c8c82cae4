#include "cli/import/journal.h"

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <openssl/sha.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli/import/text_decoding.h"

namespace yokoten::cli {

namespace {

constexpr std::string_view kMagic = "yokoten-import 1\n";

std::string ToHex(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (unsigned char c : bytes) {
    out += kHex[c >> 4];
    out += kHex[c & 15];
  }
  return out;
}

std::string FromHex(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    out.push_back(static_cast<char>(value));
  }
  return out;
}

std::string HeaderOf(const ImportJournal::Identity& identity) {
  return std::string(kMagic) + "mapping " + identity.mapping_hash + "\nfile " + identity.file_hash +
         "\nserver " + identity.server + "\n";
}

}  // namespace

std::string HashText(std::string_view text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return ToHex({reinterpret_cast<char*>(digest), sizeof digest});
}

std::string ImportJournal::DefaultPath(std::string_view source) {
  const char* home = std::getenv("YOKOTEN_HOME");
  std::string base;
  if (home != nullptr && *home != '\0') {
    base = home;
  } else {
    const char* user = std::getenv("HOME");
    base = std::string(user == nullptr ? "." : user) + "/.yokoten";
  }
  return base + "/imports/" + HashText(source).substr(0, 24) + ".journal";
}

Status ImportJournal::Open(const std::string& path, const Identity& identity, WallTime now) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  file_ = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file_ < 0) {
    return FailedPrecondition("cannot write the journal " + path + ": " + std::strerror(errno) +
                              "; name another place with --journal");
  }
  if (flock(file_, LOCK_EX | LOCK_NB) != 0) {
    return FailedPrecondition("another import of this source is running (journal " + path +
                              "); wait for its end");
  }
  YK_ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  const std::string header = HeaderOf(identity);
  bool finished = false;
  started_ = now;
  bool same = text.starts_with(header);
  // A torn last line is what a kill leaves; it is no line.
  text.erase(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
  if (ftruncate(file_, static_cast<off_t>(text.size())) != 0)
    return DataLoss("cannot mend the journal " + path);
  for (size_t at = 0; at < text.size();) {
    size_t end = text.find('\n', at);
    std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    if (line.starts_with("ack ")) done_.emplace(line.substr(4));
    if (line.starts_with("token ")) token_.ParseFromString(FromHex(line.substr(6)));
    if (line == "done") finished = true;
    if (same && line.starts_with("started ")) {
      int64_t micros = 0;
      std::from_chars(line.data() + 8, line.data() + line.size(), micros);
      started_ = FromMicros(micros);
    }
  }
  resumed_ = same && !finished && !done_.empty();
  if (same && !finished && text.size() > header.size()) return OkStatus();
  after_broken_ = !finished && !text.empty();
  started_ = now;
  done_.clear();
  if (ftruncate(file_, 0) != 0) return DataLoss("cannot empty the journal " + path);
  std::string start = header + "started " + std::to_string(ToMicros(now)) + "\n";
  if (token_.positions_size() > 0) start += "token " + ToHex(token_.SerializeAsString()) + "\n";
  return Append(start);
}

ImportJournal::~ImportJournal() {
  if (file_ >= 0) close(file_);
}

Status ImportJournal::Append(const std::string& text) {
  if (write(file_, text.data(), text.size()) == static_cast<ssize_t>(text.size())) return OkStatus();
  return DataLoss(std::string("writing the journal failed: ") + std::strerror(errno) +
                  "; make room and start again");
}

void ImportJournal::Acknowledged(std::string_view root_id) {
  // A line that cannot be written costs a second sending, no more.
  (void)Append("ack " + std::string(root_id) + "\n");
}

Status ImportJournal::Finish(const event::v1::ConsistencyToken& token) {
  std::string text;
  if (token.positions_size() > 0) text = "token " + ToHex(token.SerializeAsString()) + "\n";
  return Append(text + "done\n");
}

}  // namespace yokoten::cli

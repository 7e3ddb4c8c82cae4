#include "cli/import/person_refs.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/import/text_decoding.h"

namespace yokoten::cli {

namespace {
constexpr size_t kKeyBytesMin = 16;
constexpr int kRefBytes = 10;
}  // namespace

std::string PersonKey::DefaultPath() {
  if (const char* home = std::getenv("YOKOTEN_HOME"); home != nullptr && *home != '\0') {
    return std::string(home) + "/person.key";
  }
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr ? "." : home) + "/.yokoten/person.key";
}

Result<PersonKey> PersonKey::Load(const std::string& path) {
  auto key = ReadFile(path);
  if (!key.ok()) {
    return NotFound(
        "there is no person key " + path +
        "; give the company's with --person-key, or make one for the first time with --new-person-key");
  }
  if (key->size() < kKeyBytesMin) {
    return InvalidArgument("the person key " + path + " is shorter than 16 bytes; it would be guessed");
  }
  return PersonKey(*std::move(key));
}

Result<PersonKey> PersonKey::Create(const std::string& path) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    return FailedPrecondition("cannot make the person key " + path + ": " + std::strerror(errno) +
                              (errno == EEXIST ? "; it is used without --new-person-key" : ""));
  }
  unsigned char bytes[32];
  bool ok = RAND_bytes(bytes, sizeof bytes) == 1;
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (unsigned char b : bytes) {
    text += kHex[b >> 4];
    text += kHex[b & 15];
  }
  ok = ok && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
  close(file);
  if (!ok) return DataLoss("writing the person key " + path + " failed; remove it and try again");
  return PersonKey(text);
}

std::string PersonKey::RefOf(std::string_view number) const {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(number.data()), number.size(), digest, &length);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string ref = "p-";
  for (int i = 0; i < kRefBytes; ++i) {
    ref += kHex[digest[i] >> 4];
    ref += kHex[digest[i] & 15];
  }
  return ref;
}

}  // namespace yokoten::cli

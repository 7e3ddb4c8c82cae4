// The checksum by which a record is known again.
#include <cstring>

#include "kafka/consumer.h"

namespace yokoten::kafka {
namespace {

// Multiply-xor over eight bytes at a time (the mix of splitmix64); length is part of it, so pieces cannot run
// together.
class Mixer {
 public:
  void Number(uint64_t value) {
    hash_ ^= value;
    hash_ = (hash_ ^ (hash_ >> 30)) * 0xbf58476d1ce4e5b9;
    hash_ = (hash_ ^ (hash_ >> 27)) * 0x94d049bb133111eb;
    hash_ ^= hash_ >> 31;
  }
  void Bytes(std::string_view bytes) {
    Number(bytes.size() + 0x9e3779b97f4a7c15);
    uint64_t word = 0;
    while (bytes.size() >= sizeof(word)) {
      std::memcpy(&word, bytes.data(), sizeof(word));
      Number(word);
      bytes.remove_prefix(sizeof(word));
    }
    if (!bytes.empty()) {
      word = 0;
      std::memcpy(&word, bytes.data(), bytes.size());
      Number(word);
    }
  }
  uint64_t value() const { return hash_; }

 private:
  uint64_t hash_ = 0x9e3779b97f4a7c15;
};

}  // namespace

uint64_t RecordChecksum(int64_t timestamp_ms, std::string_view key, const HeaderViews& headers,
                        std::string_view value) {
  Mixer mixer;
  mixer.Number(static_cast<uint64_t>(timestamp_ms));
  mixer.Bytes(key);
  for (const auto& [name, header] : headers) {
    mixer.Bytes(name);
    mixer.Bytes(header);
  }
  mixer.Bytes(value);
  return mixer.value();
}

}  // namespace yokoten::kafka

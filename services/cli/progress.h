// Progress of a long verb: a bar on a terminal, a plain line every few seconds elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace yokoten::cli {

// Writes to standard error. Thread-safe.
class Progress {
 public:
  // `what` opens each line ("simulate", "import incidents.csv").
  explicit Progress(std::string what);
  ~Progress();

  // `share` 0 to 1; `detail` follows the bar ("120,000 events, 9,300/s").
  void Show(double share, std::string_view detail);
  // Ends the bar; the line that was shown last stays.
  void End();

 private:
  void Draw(double share, std::string_view detail);

  std::mutex mutex_;
  std::string what_;
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_;
};

// "1,234,567".
std::string Grouped(int64_t number);

}  // namespace yokoten::cli

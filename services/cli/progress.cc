#include "cli/progress.h"

#include <algorithm>
#include <cstdio>

#include <unistd.h>

namespace yokoten::cli {

using std::chrono::steady_clock;

Progress::Progress(std::string what) : what_(std::move(what)), terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() { End(); }

void Progress::Show(double share, std::string_view detail) {
  std::lock_guard lock(mutex_);
  auto now = steady_clock::now();
  if (shown_ && now < next_ && share < 1.0) return;
  next_ = now + (terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(5000));
  Draw(std::clamp(share, 0.0, 1.0), detail);
}

void Progress::Draw(double share, std::string_view detail) {
  constexpr int kWidth = 30;
  int full = static_cast<int>(share * kWidth);
  std::string bar(static_cast<size_t>(full), '#');
  bar.resize(kWidth, '.');
  std::fprintf(stderr, "%s%s [%s] %3.0f %%  %.*s%s", terminal_ ? "\r" : "", what_.c_str(), bar.c_str(),
               share * 100, static_cast<int>(detail.size()), detail.data(), terminal_ ? "\033[K" : "\n");
  std::fflush(stderr);
  shown_ = true;
}

void Progress::End() {
  std::lock_guard lock(mutex_);
  if (terminal_ && shown_) std::fputs("\n", stderr);
  shown_ = false;
}

std::string Grouped(int64_t number) {
  std::string digits = std::to_string(number < 0 ? -number : number);
  for (int64_t i = static_cast<int64_t>(digits.size()) - 3; i > 0; i -= 3)
    digits.insert(static_cast<size_t>(i), 1, ',');
  return number < 0 ? "-" + digits : digits;
}

}  // namespace yokoten::cli

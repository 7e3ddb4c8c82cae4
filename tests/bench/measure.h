// What every measuring program needs: time, processor time, a line of figures for tests/bench/run.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <prometheus/registry.h>
#include <unistd.h>

#include "base/status.h"

namespace yokoten::test {

// Ends the measurement; thrown so that children end with the objects that hold them.
[[noreturn]] inline void Fail(const std::string& what) { throw std::runtime_error(what); }

inline void Require(const Status& status) {
  if (!status.ok()) Fail(Message(status));
}

template <typename T>
T Require(Result<T> result) {
  if (!result.ok()) Fail(Message(result.status()));
  return *std::move(result);
}

inline double Seconds(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

// CPU seconds of this program and of its children (Kafka, the engine): what something costs when others
// compute on the machine too.
inline double CpuSeconds() {
  int64_t ticks = 0;
  std::vector<std::string> processes = {"self"};
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream children(task.path() / "children");
    for (std::string pid; children >> pid;) processes.push_back(pid);
  }
  for (const std::string& process : processes) {
    std::ifstream file("/proc/" + process + "/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    std::istringstream fields(text.substr(text.rfind(')') + 1));
    std::string field;
    for (int i = 3; i <= 15 && fields >> field; ++i) {
      if (i >= 14) ticks += std::atoll(field.c_str());  // user and system time
    }
  }
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Records an aggregator with these metrics has stored and committed.
inline uint64_t Stored(prometheus::Registry& registry) {
  for (const auto& family : registry.Collect()) {
    if (family.name == "yokoten_aggregator_records_total")
      return static_cast<uint64_t>(family.metric.front().counter.value);
  }
  return 0;
}

// One measurement as a line of JSON on standard output. Names and texts are our own: nothing is escaped.
class Line {
 public:
  Line& Text(const char* name, const std::string& value) { return Put(name, '"' + value + '"'); }
  Line& Number(const char* name, double value) {
    char text[40];
    std::snprintf(text, sizeof text, "%.6g", value);
    return Put(name, text);
  }
  Line& Count(const char* name, uint64_t value) { return Put(name, std::to_string(value)); }
  void Print() const {
    std::printf("{%s}\n", text_.c_str());
    std::fflush(stdout);
  }

 private:
  Line& Put(const char* name, const std::string& value) {
    text_ += (text_.empty() ? "\"" : ", \"") + std::string(name) + "\": " + value;
    return *this;
  }
  std::string text_;
};

// Makes a world, says so, and measures what each line of standard input names until it ends: one line of
// JSON each. Returns the program's exit status.
template <typename World>
int Serve(const std::function<std::unique_ptr<World>()>& make) {
  try {
    // Not for the children: the engine takes what comes in there for data of an INSERT.
    std::ifstream asked("/proc/self/fd/" + std::to_string(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)));
    if (std::freopen("/dev/null", "r", stdin) == nullptr) Fail("/dev/null cannot be read");
    const auto world = make();
    for (std::string wanted; std::getline(asked, wanted);) world->Measure(wanted);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "the measurement cannot run: %s\n", error.what());
    return 1;
  }
}

// Value of "--name VALUE" among a program's arguments, else `otherwise`.
inline std::string Option(int argc, char** argv, const std::string& name, const std::string& otherwise) {
  for (int i = 1; i + 1 < argc; ++i) {
    if ("--" + name == argv[i]) return argv[i + 1];
  }
  return otherwise;
}

}  // namespace yokoten::test

// A child process of a test: started, waited for, killed.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/status.h"

namespace yokoten::test {

// Ends the child with SIGKILL when destroyed. Not thread-safe.
class Process {
 public:
  // Starts `argv` with extra environment; standard output goes to a pipe, standard error to `log_file`
  // (empty: ours).
  static Result<std::unique_ptr<Process>> Start(const std::vector<std::string>& argv,
                                                const std::map<std::string, std::string>& environment = {},
                                                const std::string& log_file = {});
  ~Process();

  // Next line of its standard output, without the line end. DeadlineExceeded or, at the end of output,
  // Unavailable.
  Result<std::string> ReadLine(std::chrono::milliseconds timeout);

  void Signal(int signal);
  // Kills with SIGKILL and reaps.
  void Kill();
  // Sends SIGTERM and waits; kills after the timeout. The exit code, or minus the signal that ended it.
  int Stop(std::chrono::milliseconds timeout);
  // Waits for it to end by itself. DeadlineExceeded leaves it running.
  Result<int> Wait(std::chrono::milliseconds timeout);
  bool Running();
  pid_t pid() const { return pid_; }

 private:
  Process(pid_t pid, int out) : pid_(pid), out_(out) {}
  bool Reap(bool block);

  pid_t pid_;
  int out_;
  bool ended_ = false;
  int exit_code_ = 0;
  std::string buffer_;
};

// A new empty folder that is removed, with what is in it, when the object goes.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The pause of a poll: for loops that wait for a condition of another process until a deadline.
void PollPause(std::chrono::milliseconds pause);

// A port nobody listens on now. Used where a program cannot be told to take a free one itself.
int FreePort();

// Value of an environment variable; `otherwise` when it is not set.
std::string Environment(const char* name, const std::string& otherwise);
// $YOKOTEN_HOME/tools, or ~/.yokoten/tools.
std::string ToolsFolder();

}  // namespace yokoten::test

#include "support/process.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace yokoten::test {
namespace {

using Clock = std::chrono::steady_clock;

int MillisecondsLeft(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return left < 0 ? 0 : static_cast<int>(left);
}

}  // namespace

Result<std::unique_ptr<Process>> Process::Start(const std::vector<std::string>& argv,
                                                const std::map<std::string, std::string>& environment,
                                                const std::string& log_file) {
  int out[2];
  if (pipe2(out, O_CLOEXEC) != 0) return Internal(std::string("pipe: ") + std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  if (!log_file.empty()) {
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log_file.c_str(), O_CREAT | O_WRONLY | O_APPEND,
                                     0644);
  }
  std::vector<char*> arguments;
  for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    if (!environment.contains(text.substr(0, text.find('=')))) variables.push_back(text);
  }
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  std::vector<char*> envp;
  for (auto& variable : variables) envp.push_back(variable.data());
  envp.push_back(nullptr);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  if (error != 0) {
    close(out[0]);
    return NotFound(argv[0] + " cannot be started: " + std::strerror(error));
  }
  return std::unique_ptr<Process>(new Process(pid, out[0]));
}

Process::~Process() {
  Kill();
  close(out_);
}

Result<std::string> Process::ReadLine(std::chrono::milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  while (true) {
    if (const size_t end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    pollfd waiting{out_, POLLIN, 0};
    const int ready = poll(&waiting, 1, MillisecondsLeft(deadline));
    if (ready == 0) return DeadlineExceeded("the process printed no line in time");
    if (ready < 0 && errno == EINTR) continue;
    char bytes[4096];
    const ssize_t n = read(out_, bytes, sizeof bytes);
    if (n <= 0) return Unavailable("the process ended its output");
    buffer_.append(bytes, static_cast<size_t>(n));
  }
}

void Process::Signal(int signal) {
  if (!ended_) kill(pid_, signal);
}

bool Process::Reap(bool block) {
  if (ended_) return true;
  int status = 0;
  if (waitpid(pid_, &status, block ? 0 : WNOHANG) != pid_) return false;
  ended_ = true;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return true;
}

void Process::Kill() {
  Signal(SIGKILL);
  Reap(true);
}

Result<int> Process::Wait(std::chrono::milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  // A child that is not ours to poll on: its output pipe tells when it ended, a short poll bounds the rest.
  while (!Reap(false)) {
    const int left = MillisecondsLeft(deadline);
    if (left == 0) return DeadlineExceeded("the process has not ended in time");
    poll(nullptr, 0, left < 10 ? left : 10);
  }
  return exit_code_;
}

int Process::Stop(std::chrono::milliseconds timeout) {
  Signal(SIGTERM);
  if (const auto code = Wait(timeout); code.ok()) return *code;
  Kill();
  return exit_code_;
}

bool Process::Running() { return !Reap(false); }

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "yokoten-test-XXXXXX").string();
  if (mkdtemp(name.data()) != nullptr) path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

void PollPause(std::chrono::milliseconds pause) { poll(nullptr, 0, static_cast<int>(pause.count())); }

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

std::string Environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

std::string ToolsFolder() {
  return Environment("YOKOTEN_HOME", Environment("HOME", "/") + "/.yokoten") + "/tools";
}

}  // namespace yokoten::test

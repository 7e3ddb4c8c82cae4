// A warehouse as a process of its own, for tests that kill it and for foreign clients:
//   warehouse_process --library libchdb.so --data DIR [--port N] [--user NAME --password WORD]
// Prints its URL on the first line and stops on SIGTERM or SIGINT.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "warehouse/warehouse.h"

int main(int argc, char** argv) {
  yokoten::warehouse::Options options;
  if (const char* library = std::getenv("YOKOTEN_LIBCHDB")) options.engine.library_path = library;
  yokoten::warehouse::User user{"default", "", false, {}, true};
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const std::string value = argv[i + 1];
    if (name == "--library") options.engine.library_path = value;
    if (name == "--data") options.engine.data_path = value;
    if (name == "--port") options.port = static_cast<uint16_t>(std::atoi(value.c_str()));
    if (name == "--user") user.name = value;
    if (name == "--password") user.password = value;
    if (name == "--backups") options.engine.backup_path = value;
    if (name == "--memory") options.engine.memory_limit_bytes = std::strtoull(value.c_str(), nullptr, 10);
  }
  options.users.push_back(user);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  auto server = yokoten::warehouse::Server::Start(options);
  if (!server.ok()) {
    std::fprintf(stderr, "%s\n", yokoten::Message(server.status()).c_str());
    return 1;
  }
  std::printf("%s\n", (*server)->Url().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  (*server)->Stop(std::chrono::seconds(10));
  return 0;
}

// A real Kafka broker for a test: one KRaft node on a free port and a folder of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "support/process.h"

namespace yokoten::test {

// One per test program; starting it costs two to three seconds. Not thread-safe.
class Kafka {
 public:
  // `settings` are further lines of server.properties. The status says what is missing and how to get it.
  static Result<std::unique_ptr<Kafka>> Start(std::vector<std::string> settings = {});
  ~Kafka();

  // "127.0.0.1:PORT".
  const std::string& address() const { return address_; }
  // kill -9, then the same folder and port again.
  Status KillAndRestart();
  // Runs Kafka's own topic command ("--delete --topic x").
  Status Topics(const std::vector<std::string>& arguments);
  // The same with its consumer group command.
  Status Groups(const std::vector<std::string>& arguments);

 private:
  Status Run();
  Status Tool(const char* verb, const std::vector<std::string>& arguments);

  TempDir data_;
  std::vector<std::string> settings_;
  std::string port_ = "0";
  std::string address_;
  std::unique_ptr<Process> process_;
};

}  // namespace yokoten::test

#include "support/kafka.h"

namespace yokoten::test {
namespace {

constexpr char kScript[] = YOKOTEN_SOURCE_FOLDER "/deploy/kafka/kafka";
constexpr std::chrono::seconds kStartTimeout{60};

}  // namespace

Result<std::unique_ptr<Kafka>> Kafka::Start(std::vector<std::string> settings) {
  auto kafka = std::make_unique<Kafka>();
  kafka->settings_ = std::move(settings);
  YK_RETURN_IF_ERROR(kafka->Run());
  return kafka;
}

Kafka::~Kafka() {
  if (process_ != nullptr) process_->Kill();
}

Status Kafka::Run() {
  std::vector<std::string> argv = {kScript, "run", "--dir", data_.path(), "--port", port_, "--heap", "256m"};
  for (const auto& setting : settings_) {
    argv.push_back("--set");
    argv.push_back(setting);
  }
  const std::string jvm = Environment("KAFKA_JVM_OPTS", "-XX:TieredStopAtLevel=1");
  YK_ASSIGN_OR_RETURN(process_, Process::Start(argv, {{"KAFKA_JVM_OPTS", jvm}}, data_.path() + "/test.log"));
  YK_ASSIGN_OR_RETURN(auto wait, Process::Start({kScript, "wait", "--dir", data_.path(), "--wait", "60"}));
  auto line = wait->ReadLine(kStartTimeout);
  if (!line.ok())
    return Unavailable("Kafka did not start: " + Message(line.status()) + "; see " + data_.path());
  address_ = *line;
  port_ = address_.substr(address_.rfind(':') + 1);
  return OkStatus();
}

Status Kafka::KillAndRestart() {
  process_->Kill();
  return Run();
}

Status Kafka::Topics(const std::vector<std::string>& arguments) { return Tool("topics", arguments); }
Status Kafka::Groups(const std::vector<std::string>& arguments) { return Tool("groups", arguments); }

Status Kafka::Tool(const char* verb, const std::vector<std::string>& arguments) {
  std::vector<std::string> argv = {kScript, verb};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  YK_ASSIGN_OR_RETURN(auto process, Process::Start(argv, {{"YOKOTEN_KAFKA_DIR", data_.path()}}));
  YK_ASSIGN_OR_RETURN(const int code, process->Wait(kStartTimeout));
  return code == 0 ? OkStatus() : Internal(std::string("Kafka's ") + verb + " command failed");
}

}  // namespace yokoten::test

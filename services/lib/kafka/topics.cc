#include "kafka/topics.h"

#include "events/registry.h"

namespace yokoten::kafka {

std::vector<std::string> DomainTopics(std::string_view prefix) {
  std::vector<std::string> topics;
  for (const auto& domain : events::Registry::Linked().domains())
    topics.push_back(std::string(prefix) + domain.topic);
  return topics;
}

std::vector<std::string> AllTopics(std::string_view prefix) {
  auto topics = DomainTopics(prefix);
  for (const auto name : {kDirtyTopic, kDeadLetterTopic, kKpiChangedTopic, kDerivedTopic}) {
    topics.push_back(std::string(prefix) + std::string(name));
  }
  return topics;
}

}  // namespace yokoten::kafka

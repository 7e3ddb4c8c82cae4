// For the tests of the domains' rules.
#pragma once

#include <string>
#include <vector>

#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "events/registry.h"
#include "events/validator.h"

namespace yokoten::ingest {

// "field rule" of each rule that the event, given in the protos' text format, breaks. Each must have a text
// in both languages.
template <typename Event>
std::vector<std::string> BrokenRules(void (*check)(const events::EventType&, const google::protobuf::Message&,
                                                   std::vector<events::Violation>&),
                                     const std::string& text) {
  Event event;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &event)) << text;
  std::vector<events::Violation> violations;
  check(*events::Registry::Linked().Find(Event::descriptor()), event, violations);
  std::vector<std::string> out;
  for (const auto& violation : violations) {
    EXPECT_FALSE(violation.message_en.empty() || violation.message_zh.empty());
    out.push_back(violation.field + " " + violation.rule);
  }
  return out;
}

}  // namespace yokoten::ingest

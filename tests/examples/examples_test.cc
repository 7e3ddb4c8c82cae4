// Every event type has an example, and every example is accepted as it stands.
#include "examples/examples.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "events/envelope.h"
#include "events/identity.h"
#include "events/validator.h"
#include "examples/domain_rules.h"

namespace yokoten::test {
namespace {

const std::vector<Example>& Examples() {
  static const auto* examples = new Result<std::vector<Example>>(LoadExamples());
  if (!examples->ok()) ADD_FAILURE() << examples->status();
  static const std::vector<Example> kNone;
  return examples->ok() ? **examples : kNone;
}

TEST(ExamplesTest, EveryEventTypeHasOne) {
  EXPECT_EQ(Examples().size(), events::Registry::Linked().types().size());
}

TEST(ExamplesTest, EveryDomainsRulesAreKnownHere) {
  for (const auto& domain : events::Registry::Linked().domains())
    EXPECT_TRUE(DomainRules().contains(domain.name)) << domain.name;
}

TEST(ExamplesTest, EachIsValidByItsProtoAndByItsDomainsRules) {
  events::ValidateOptions options;
  options.now = SystemClock().Now();
  for (const Example& example : Examples()) {
    auto violations = events::Validate(*example.type, *example.event, options);
    if (!example.type->is_void())
      DomainRules().at(example.type->domain)(*example.type, *example.event, violations);
    for (const auto& v : violations)
      ADD_FAILURE() << example.type->short_name << ": " << v.field << " " << v.message_en;
  }
}

TEST(ExamplesTest, EachSurvivesTheWayThroughARecord) {
  for (const Example& example : Examples()) {
    const events::Record record = events::Encode(*example.type, *example.event);
    events::HeaderViews headers(record.headers.begin(), record.headers.end());
    const auto decoded = events::Decode(headers, record.value);
    ASSERT_TRUE(decoded.ok()) << example.type->short_name << ": " << decoded.status();
    EXPECT_EQ(decoded->type, example.type);
    EXPECT_EQ(events::ContentHash(*decoded->event), events::ContentHash(*example.event));
    EXPECT_EQ(record.key, events::PartitionKeyOf(*example.type, *example.event));
    EXPECT_EQ(record.key.find('{'), std::string::npos);
  }
}

TEST(ExamplesTest, NoTwoShareAnIdOrABusinessKey) {
  std::set<events::Uuid> facts, keys;
  for (const Example& example : Examples()) {
    const auto& context = events::ContextOf(*example.type, *example.event);
    EXPECT_TRUE(facts.insert(events::FactKey(context.source(), context.id())).second)
        << example.type->short_name;
    if (const auto key = events::BusinessKeyOf(*example.type, *example.event)) {
      EXPECT_TRUE(keys.insert(*key).second) << example.type->short_name;
    }
  }
}

}  // namespace
}  // namespace yokoten::test

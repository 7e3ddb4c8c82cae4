// The registry mirrors the protos: names, topics, tables, entities.
#include "events/registry.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "yokoten/operations/v1/events.pb.h"
#include "yokoten/safety/v1/events.pb.h"

namespace yokoten::events {
namespace {

const Registry& registry() { return Registry::Linked(); }

TEST(RegistryTest, FindsATypeByEitherName) {
  const EventType* type = registry().Find("operations.ShiftOutputReported");
  ASSERT_NE(type, nullptr);
  EXPECT_EQ(type->full_name, "yokoten.operations.v1.ShiftOutputReported");
  EXPECT_EQ(registry().Find(type->full_name), type);
  EXPECT_EQ(registry().Find(operations::v1::ShiftOutputReported::descriptor()), type);
  EXPECT_EQ(type->topic, "yokoten.operations.v1");
  EXPECT_EQ(type->target, "operations");
  EXPECT_EQ(type->table, "operations_shift_output_reported");
  EXPECT_EQ(registry().Find("operations.Nothing"), nullptr);
}

TEST(RegistryTest, DomainNameAndTargetMayDiffer) {
  const EventType* type = registry().Find("standard_work.RevisionReleased");
  ASSERT_NE(type, nullptr);
  EXPECT_EQ(type->target, "standard-work");
  EXPECT_EQ(type->topic, "yokoten.standard-work.v1");
  const Domain* domain = registry().FindDomainByTarget("standard-work");
  ASSERT_NE(domain, nullptr);
  EXPECT_EQ(domain->name, "standard_work");
  EXPECT_EQ(registry().FindDomainByTopic(type->topic), domain);
  EXPECT_EQ(registry().DomainOf(*type), domain);
  EXPECT_EQ(domain->wrapper->name(), "StandardWorkEvent");
  EXPECT_EQ(domain->service->name(), "StandardWorkIngestService");
}

TEST(RegistryTest, EveryDomainTakesVoidedAndEachOfItsTypes) {
  std::set<const EventType*> taken;
  for (const Domain& domain : registry().domains()) {
    EXPECT_NE(domain.FieldOf(registry().Voided()), nullptr) << domain.name;
    EXPECT_EQ(domain.by_wrapper_field.size(), domain.types.size() + 1);
    for (const EventType* type : domain.types) {
      EXPECT_EQ(type->topic, domain.topic);
      EXPECT_TRUE(taken.insert(type).second);
    }
  }
  EXPECT_EQ(taken.size() + 1, registry().types().size());
  EXPECT_EQ(&registry().types().back(), &registry().Voided());
}

TEST(RegistryTest, TablesAndShortNamesAreUnique) {
  std::set<std::string> tables, names;
  for (const EventType& type : registry().types()) {
    EXPECT_TRUE(tables.insert(type.table).second) << type.table;
    EXPECT_TRUE(names.insert(type.short_name).second) << type.short_name;
  }
}

TEST(RegistryTest, PlacesOfAKeyComeFromTheContextUnlessTheMessageHasThem) {
  const EventType* output = registry().Find("operations.ShiftOutputReported");
  EXPECT_EQ(output->business_key[0].text, "line_id");
  EXPECT_EQ(output->business_key[0].steps.size(), 2u);
  const EventType* mode = registry().Find("operations.ReportingModeSet");
  EXPECT_EQ(mode->business_key[1].text, "line_id");
  EXPECT_EQ(mode->business_key[1].steps.size(), 1u);
}

TEST(RegistryTest, EnumTextIsLowerCaseWithoutPrefix) {
  EXPECT_EQ(EnumText(*safety::v1::IncidentKind_descriptor(), safety::v1::INCIDENT_KIND_NEAR_MISS),
            "near_miss");
  EXPECT_EQ(EnumText(*safety::v1::IncidentKind_descriptor(), 0), "");
  EXPECT_EQ(EnumText(*safety::v1::IncidentKind_descriptor(), 77), "");
}

TEST(RegistryTest, SnakeCase) { EXPECT_EQ(SnakeCase("ShiftOutputReported"), "shift_output_reported"); }

}  // namespace
}  // namespace yokoten::events

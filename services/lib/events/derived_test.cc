// Derived events go through the binding and have ids that say what they are about.
#include "events/derived.h"

#include <gtest/gtest.h>

namespace yokoten::events {
namespace {

TEST(DerivedTest, ARecordReadsBackAsWhatWasWritten) {
  derived::v1::AuditMissed event;
  event.mutable_context()->set_id(DerivedId("audit_missed", "PL1", "audit/A1", 5'000'000));
  event.mutable_context()->set_plant_id("PL1");
  event.mutable_context()->set_entity("audit/A1");
  event.mutable_context()->mutable_due_at()->set_seconds(5);
  event.set_audit_id("A1");
  const Record record = EncodeDerived(event);
  EXPECT_EQ(record.key, "audit/A1");
  HeaderViews headers(record.headers.begin(), record.headers.end());
  const auto decoded = DecodeDerived(headers, record.value);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->id, event.context().id());
  EXPECT_EQ(decoded->type, "yokoten.derived.v1.AuditMissed");
  EXPECT_EQ(decoded->plant, "PL1");
  ASSERT_NE(decoded->event, nullptr);
  EXPECT_EQ(decoded->event->SerializeAsString(), event.SerializeAsString());
}

TEST(DerivedTest, TheIdIsThatOfRulePlantEntityAndInstant) {
  const std::string id = DerivedId("r", "P", "e", 1);
  EXPECT_EQ(id, DerivedId("r", "P", "e", 1));
  EXPECT_NE(id, DerivedId("s", "P", "e", 1));
  EXPECT_NE(id, DerivedId("r", "Q", "e", 1));
  EXPECT_NE(id, DerivedId("r", "P", "f", 1));
  EXPECT_NE(id, DerivedId("r", "P", "e", 2));
  EXPECT_EQ(id, "b327414e-414b-5480-8ee0-bde507c8b653");
}

TEST(DerivedTest, ATypeOfALaterVersionIsKeptWithoutItsBody) {
  const HeaderViews headers{
      {"ce_specversion", "1.0"}, {"ce_id", "x"}, {"ce_type", "yokoten.derived.v1.Later"}};
  const auto decoded = DecodeDerived(headers, "?");
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->event, nullptr);
  EXPECT_FALSE(DecodeDerived({}, "").ok());
}

}  // namespace
}  // namespace yokoten::events

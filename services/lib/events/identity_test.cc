// Keys and hashes are what facts are stored under for ever: their values are pinned here.
#include "events/identity.h"

#include <gtest/gtest.h>

#include "yokoten/operations/v1/events.pb.h"
#include "yokoten/standard_work/v1/events.pb.h"

namespace yokoten::events {
namespace {

const EventType& TypeOf(const google::protobuf::Message& event) {
  return *Registry::Linked().Find(event.GetDescriptor());
}

operations::v1::ShiftOutputReported Output() {
  operations::v1::ShiftOutputReported event;
  auto& context = *event.mutable_context();
  context.set_source("/plants/PL1/mes");
  context.set_id("1");
  context.set_plant_id("PL1");
  context.set_line_id("L4");
  context.set_occurred_on("2026-03-02");
  event.set_product("P-1");
  event.set_production_day("2026-03-02");
  event.set_shift_code("N");
  event.set_snapshot_version(1);
  return event;
}

TEST(IdentityTest, UuidV5FollowsRfc4122) {
  // Python: uuid.uuid5(uuid.NAMESPACE_DNS, "www.example.org")
  const auto dns = ParseUuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  ASSERT_TRUE(dns);
  EXPECT_EQ(FormatUuid(UuidV5(*dns, "www.example.org")), "74738ff5-5367-5958-9aee-98fffdcd1876");
}

TEST(IdentityTest, UuidTextRoundTripsAndRefusesOtherText) {
  const std::string text = "74738ff5-5367-5958-9aee-98fffdcd1876";
  EXPECT_EQ(FormatUuid(*ParseUuid(text)), text);
  EXPECT_FALSE(ParseUuid("74738ff5-5367-5958-9aee-98fffdcd187"));
  EXPECT_FALSE(ParseUuid("74738ff5x5367-5958-9aee-98fffdcd1876"));
  EXPECT_FALSE(ParseUuid("74738ff5-5367-5958-9aee-98fffdcd187g"));
}

TEST(IdentityTest, FactKeysAndDerivedIdsNeverChange) {
  EXPECT_EQ(FormatUuid(FactKey("/plants/PL1/mes", "1")), "f784b9da-8cc6-5c2c-a3b0-fb44794dbe0b");
  EXPECT_EQ(DeriveId("/plants/PL1/mes", "row 1"), "753f7dee-5d7b-5674-8e75-55c078d283a0");
  EXPECT_NE(FactKey("a", "b"), FactKey("a\nb", ""));
}

TEST(IdentityTest, EntityComesFromTheTemplate) {
  EXPECT_EQ(EntityOf(TypeOf(Output()), Output()), "line/L4");
  operations::v1::ReportingModeSet mode;
  mode.set_feed(operations::v1::REPORTING_FEED_ERRORS);
  EXPECT_EQ(EntityOf(TypeOf(mode), mode), "reporting-mode/errors");
}

TEST(IdentityTest, CorrectionsAndVoidsGoToTheirTargetsPartition) {
  auto output = Output();
  output.mutable_context()->mutable_corrects()->set_entity("line/L9");
  EXPECT_EQ(PartitionKeyOf(TypeOf(output), output), "line/L9");
  event::v1::Voided voided;
  voided.mutable_voids()->set_entity("job/J-1");
  EXPECT_EQ(PartitionKeyOf(TypeOf(voided), voided), "job/J-1");
}

TEST(IdentityTest, BusinessKeyIsPerPlantAndKeyFields) {
  const auto key = BusinessKeyOf(TypeOf(Output()), Output());
  ASSERT_TRUE(key);
  EXPECT_EQ(FormatUuid(*key), "06a1a664-d5c9-584d-b68d-04dbf150e634");
  auto other = Output();
  other.mutable_context()->set_id("2");
  other.set_produced_qty(5);
  EXPECT_EQ(BusinessKeyOf(TypeOf(other), other), key);
  other.mutable_context()->set_plant_id("PL2");
  EXPECT_NE(BusinessKeyOf(TypeOf(other), other), key);
  other = Output();
  other.set_snapshot_version(2);
  EXPECT_NE(BusinessKeyOf(TypeOf(other), other), key);
  standard_work::v1::JobChanged changed;
  EXPECT_FALSE(BusinessKeyOf(TypeOf(changed), changed));
}

TEST(IdentityTest, ContentHashIgnoresIdentityButNothingElse) {
  const auto hash = ContentHash(Output());
  auto same = Output();
  same.mutable_context()->set_id("2");
  same.mutable_context()->set_source_key("k");
  same.mutable_context()->mutable_corrects()->set_id("1");
  same.mutable_context()->set_reason_code(event::v1::CORRECTION_REASON_DATA_ENTRY);
  same.mutable_context()->set_traceparent("t");
  same.mutable_context()->set_causation_id("c");
  EXPECT_EQ(ContentHash(same), hash);
  auto other = Output();
  other.set_produced_qty(0);
  EXPECT_NE(ContentHash(other), hash);
  other = Output();
  other.mutable_context()->set_actor("p1");
  EXPECT_NE(ContentHash(other), hash);
}

TEST(IdentityTest, TimesBeforeTheEpochKeepTheirMicroseconds) {
  const WallTime time = FromMicros(-1);
  EXPECT_EQ(FromTimestamp(ToTimestamp(time)), time);
  EXPECT_EQ(ToTimestamp(time).nanos(), 999'999'000);
}

TEST(IdentityTest, EffectiveTimeIsADateOrAnInstant) {
  standard_work::v1::RevisionReleased released;
  EXPECT_FALSE(EffectiveOf(TypeOf(released), released).at);
  *released.mutable_effective_from() = ToTimestamp(FromMicros(1'000'000));
  EXPECT_EQ(EffectiveOf(TypeOf(released), released).micros(), 1'000'000);
  operations::v1::OrgUnitOpened opened;
  opened.set_effective_on("1970-01-02");
  EXPECT_EQ(EffectiveOf(TypeOf(opened), opened).on, Day{1});
}

}  // namespace
}  // namespace yokoten::events

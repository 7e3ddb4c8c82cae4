#include "cli/import/row_mapper.h"

#include <gmock/gmock.h>

#include "events/identity.h"
#include "yokoten/operations/v1/events.pb.h"
#include "yokoten/safety/v1/events.pb.h"

namespace yokoten::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Mapped {
  std::unique_ptr<LoadedMapping> mapping;  // the events point into it
  std::vector<MappedEvent> events;
  std::vector<RowError> errors;
  std::vector<NamedPerson> persons;
};

const WallTime kNow = FromMicros(1'800'000'000'000'000);  // 2027-01-15

Mapped MapText(const std::string& mapping_text, std::string_view csv) {
  Mapped out;
  auto mapping = LoadedMapping::Parse(mapping_text, "test.map");
  EXPECT_TRUE(mapping.ok()) << mapping.status();
  if (!mapping.ok()) return out;
  out.mapping = *std::move(mapping);
  auto reader = CsvReader::Open(csv, out.mapping->delimiter(), out.mapping->proto().file().skip_lines());
  PersonKey key("0123456789abcdef");
  auto mapper = RowMapper::Bind(*out.mapping, *reader, &key, kNow);
  EXPECT_TRUE(mapper.ok()) << mapper.status();
  if (!mapper.ok()) return out;
  CsvRow row;
  while (reader->Next(row).value()) (*mapper)->Map(row, out.events, out.errors);
  (*mapper)->Finish(out.events, out.errors);
  out.persons = (*mapper)->TakePersons();
  return out;
}

constexpr char kIncidents[] = R"(
  source: "/test/incidents" key_columns: "no"
  tables { name: "worker" entries { from: "Employee" to: "employee" } otherwise: "contractor" }
  events {
    type: "safety.IncidentReported"
    fields { field: "context.plant_id" template: "{site}" transform: TRANSFORM_UPPER }
    fields { field: "context.occurred_on" column: "date" }
    fields { field: "context.reported_at" template: "{date}T00:00:00Z" }
    fields { field: "incident_id" template: "INC-{no}" }
    fields { field: "kind" constant: "injury" }
    fields { field: "worker_type" column: "worker" table: "worker" }
    fields { field: "persons_injured" constant: "1" }
  }
  events {
    type: "safety.IncidentClassified"
    when { column: "level" in: "V" }
    fields { field: "context.plant_id" template: "{site}" transform: TRANSFORM_UPPER }
    fields { field: "context.occurred_on" column: "date" }
    fields { field: "context.reported_at" template: "{date}T00:00:00Z" }
    fields { field: "incident_id" template: "INC-{no}" }
    fields { field: "case_no" constant: "1" }
    fields { field: "work_related" constant: "true" }
    fields { field: "osha_outcome" constant: "dafw" }
    fields { field: "gb_severity" constant: "serious" }
    fields { field: "gb_edition" constant: "1986" }
    fields { field: "dafw_days" constant: "1" }
    fields { field: "worker_type" column: "worker" table: "worker" }
  })";

TEST(RowMapperTest, OneRowMakesSeveralEventsAsItsValuesSay) {
  Mapped mapped = MapText(
      kIncidents, "no,date,site,level,worker\n7,2016-01-02,pl_1,V,Employee\n8,2016-01-03,pl_1,I,Other\n");
  EXPECT_THAT(mapped.errors, IsEmpty());
  ASSERT_THAT(mapped.events, SizeIs(3));
  const auto& incident = static_cast<const safety::v1::IncidentReported&>(*mapped.events[0].event);
  EXPECT_EQ(incident.context().plant_id(), "PL_1");
  EXPECT_EQ(incident.context().occurred_on(), "2016-01-02");
  EXPECT_EQ(incident.kind(), safety::v1::INCIDENT_KIND_INJURY);
  EXPECT_EQ(incident.worker_type(), safety::v1::WORKER_TYPE_EMPLOYEE);
  EXPECT_EQ(mapped.events[1].rule->type->short_name, "safety.IncidentClassified");
  EXPECT_EQ(static_cast<const safety::v1::IncidentReported&>(*mapped.events[2].event).worker_type(),
            safety::v1::WORKER_TYPE_CONTRACTOR);
}

TEST(RowMapperTest, IdsComeFromSourceTypeAndKeyAndNeverFromContent) {
  Mapped one = MapText(kIncidents, "no,date,site,level,worker\n7,2016-01-02,pl_1,I,Employee\n");
  Mapped other = MapText(kIncidents, "no,date,site,level,worker\n7,2016-05-05,pl_2,I,Other\n");
  EXPECT_EQ(one.events[0].id, other.events[0].id);
  EXPECT_EQ(one.events[0].id, events::DeriveId("/test/incidents", "safety.IncidentReported:7"));
}

TEST(RowMapperTest, ErrorsNameRowColumnFieldAndWhatToDo) {
  Mapped mapped = MapText(kIncidents, "no,date,site,level,worker\n7,02.01.2016,pl_1,I,Employee\n");
  EXPECT_THAT(mapped.events, IsEmpty());
  ASSERT_FALSE(mapped.errors.empty());
  EXPECT_THAT(mapped.errors[0].ToText(), AllOf(HasSubstr("row 1 (line 2)"), HasSubstr("column date"),
                                               HasSubstr("context.occurred_on"), HasSubstr("file.dates")));
}

TEST(RowMapperTest, ServersRulesAreCheckedBeforeAnythingIsSent) {
  Mapped mapped = MapText(kIncidents, "no,date,site,level,worker\n7,2016-01-02,plant one,I,Employee\n");
  ASSERT_FALSE(mapped.errors.empty());
  EXPECT_EQ(mapped.errors[0].field, "context.plant_id");
}

TEST(RowMapperTest, SecondRowOfOneKeyIsAnError) {
  Mapped mapped = MapText(kIncidents, "no,date,site,level,worker\n7,2016-01-02,A,I,x\n7,2016-01-02,A,I,x\n");
  EXPECT_THAT(mapped.events, SizeIs(1));
  ASSERT_THAT(mapped.errors, SizeIs(1));
  EXPECT_THAT(mapped.errors[0].message, HasSubstr("row 1"));
}

TEST(RowMapperTest, ColumnsTheFileLacksAreListedAtOnce) {
  auto mapping = LoadedMapping::Parse(kIncidents, "test.map");
  auto reader = CsvReader::Open("no,date\n", ',', 0);
  auto mapper = RowMapper::Bind(**mapping, *reader, nullptr, kNow);
  EXPECT_THAT(Message(mapper.status()),
              AllOf(HasSubstr("site"), HasSubstr("worker"), HasSubstr("the file has: no, date")));
}

constexpr char kRoster[] = R"(
  source: "/test/roster" file { delimiter: ";" dates: DATE_FORMAT_DOTTED }
  persons { number_column: "PERNR" name_column: "NAME" plant: "PL1" }
  events {
    type: "operations.RosterPublished" group_by: "BEGDA" rows_field: "rows" chunk_rows: 2
    fields { field: "context.plant_id" constant: "PL1" }
    fields { field: "context.occurred_on" column: "BEGDA" }
    fields { field: "as_of_date" column: "BEGDA" }
    fields { field: "snapshot_version" constant: "1" }
    fields { field: "rows.person_ref" column: "PERNR" transform: TRANSFORM_PERSON_REF }
    fields { field: "rows.role" constant: "operator" }
    fields { field: "rows.worker_type" constant: "employee" }
    fields { field: "rows.status" constant: "active" }
    fields { field: "rows.assignments.job_id" column: "JOBS" split: "," }
    fields { field: "rows.assignments.from_date" column: "BEGDA" when { column: "JOBS" empty: false } }
  })";

TEST(RowMapperTest, RowsOfAGroupBecomeOneEventInChunks) {
  Mapped mapped = MapText(
      kRoster, "PERNR;NAME;BEGDA;JOBS\n00042;A;01.03.2026;J-1, J-2\n42;B;01.03.2026;\n7;C;01.03.2026;J-1\n");
  EXPECT_THAT(mapped.errors, IsEmpty());
  ASSERT_THAT(mapped.events, SizeIs(2));
  const auto& first = static_cast<const operations::v1::RosterPublished&>(*mapped.events[0].event);
  const auto& second = static_cast<const operations::v1::RosterPublished&>(*mapped.events[1].event);
  EXPECT_EQ(first.chunk(), 1);
  EXPECT_EQ(first.chunks(), 2);
  EXPECT_EQ(first.row_count(), 2);
  EXPECT_EQ(second.row_count(), 1);
  ASSERT_EQ(first.rows(0).assignments_size(), 2);
  EXPECT_EQ(first.rows(0).assignments(1).job_id(), "J-2");
  EXPECT_EQ(first.rows(0).assignments(1).from_date(), "2026-03-01");
}

TEST(RowMapperTest, PersonnelNumbersNeverEnterAnEventAndLeadingZerosTellPersonsApart) {
  Mapped mapped = MapText(kRoster, "PERNR;NAME;BEGDA;JOBS\n00042;A;01.03.2026;J-1\n42;B;01.03.2026;J-1\n");
  const auto& roster = static_cast<const operations::v1::RosterPublished&>(*mapped.events[0].event);
  EXPECT_NE(roster.rows(0).person_ref(), roster.rows(1).person_ref());
  EXPECT_THAT(roster.rows(0).person_ref(), ::testing::StartsWith("p-"));
  EXPECT_EQ(roster.SerializeAsString().find("00042"), std::string::npos);
  ASSERT_THAT(mapped.persons, SizeIs(2));
  EXPECT_THAT((std::vector<std::string>{mapped.persons[0].display_name, mapped.persons[1].display_name}),
              ::testing::UnorderedElementsAre("A", "B"));
}

TEST(RowMapperTest, ABrokenRowSpoilsItsGroupOnly) {
  Mapped mapped = MapText(kRoster, "PERNR;NAME;BEGDA;JOBS\n1;A;01.03.2026;J 1\n2;B;02.03.2026;J-1\n");
  EXPECT_FALSE(mapped.errors.empty());
  ASSERT_THAT(mapped.events, SizeIs(1));
  EXPECT_EQ(static_cast<const operations::v1::RosterPublished&>(*mapped.events[0].event).as_of_date(),
            "2026-03-02");
}

TEST(MappingTest, ErrorsSayFileLineAndColumn) {
  auto mapping = LoadedMapping::Parse(
      "source: \"/x\"\nkey_columns: \"no\"\nevents {\n  type: \"safety.IncidentReport\"\n}\n", "bad.map");
  EXPECT_THAT(Message(mapping.status()), HasSubstr("bad.map:4:3: there is no event type"));
  auto field = LoadedMapping::Parse(
      "source: \"/x\"\nkey_columns: \"no\"\nevents {\n  type: \"safety.IncidentClosed\"\n"
      "  fields { field: \"incidentid\" column: \"no\" }\n}\n",
      "bad.map");
  EXPECT_THAT(
      Message(field.status()),
      AllOf(HasSubstr("bad.map:5:12"), HasSubstr("has no field \"incidentid\""), HasSubstr("incident_id")));
  auto syntax = LoadedMapping::Parse("source \"/x\"", "bad.map");
  EXPECT_THAT(Message(syntax.status()), HasSubstr("bad.map:1:8"));
}

TEST(MappingTest, TwoRulesOfOneTypeNeedSuffixes) {
  auto mapping = LoadedMapping::Parse(
      "source: \"/x\" key_columns: \"no\" events { type: \"safety.IncidentClosed\" } "
      "events { type: \"safety.IncidentClosed\" }",
      "bad.map");
  EXPECT_THAT(Message(mapping.status()), HasSubstr("key_suffix"));
}

}  // namespace
}  // namespace yokoten::cli

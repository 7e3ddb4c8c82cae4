#include "gate/loader.h"

#include "asks/round.h"

namespace yokoten::gate {
namespace {

const std::map<std::string, kpi::Question>& Questions() {
  static const auto* questions = [] {
    auto* made = new std::map<std::string, kpi::Question>;
    for (kpi::Question& question : asks::Linked(kpi::Catalogue::Linked(), QuestionTexts())) {
      const std::string name = question.name();
      made->emplace(name, std::move(question));
    }
    return made;
  }();
  return *questions;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  if (text.empty()) return lines;
  size_t at = 0;
  for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', at)) {
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  lines.push_back(text.substr(at));
  return lines;
}

// One row of one question.
class Row {
 public:
  Row(const clickhouse::Rows& rows, size_t row) : rows_(rows), row_(row) {}
  const std::string& Text(const char* name) const { return rows_.Text(row_, name); }
  int64_t Int(const char* name) const { return rows_.Int(row_, name); }
  Day DayOf(const char* name) const { return Day{static_cast<int32_t>(Int(name))}; }
  Source Event(std::string type) const { return {std::move(type), Text("source"), Text("event_id")}; }

 private:
  const clickhouse::Rows& rows_;
  const size_t row_;
};

void Fill(const std::string& question, const Row& row, Book* book) {
  if (question == "jobs") {
    book->jobs[row.Text("job_id")].push_back(
        {row.DayOf("from_day"), row.DayOf("until_day"), row.Int("requires_sw") == 1,
         static_cast<int>(row.Int("required_level")), Lines(row.Text("stations"))});
  } else if (question == "people") {
    Person person{row.DayOf("from_day"),
                  row.DayOf("until_day"),
                  row.Text("status") == "leave",
                  row.DayOf("leave_from"),
                  {}};
    const std::vector<std::string> parts = Lines(row.Text("jobs"));
    for (size_t i = 0; i + 2 < parts.size(); i += 3) {
      person.assignments.push_back({parts[i], Day{std::stoi(parts[i + 1])}, Day{std::stoi(parts[i + 2])}});
    }
    book->people[row.Text("person_ref")].push_back(std::move(person));
  } else if (question == "revisions") {
    book->revisions[row.Text("job_id")].push_back(
        {static_cast<int>(row.Int("revision_no")), static_cast<int>(row.Int("base_no")),
         row.Int("effective_us"), row.DayOf("withdrawn_day"), row.Event("standard_work.RevisionReleased")});
  } else if (question == "shifts") {
    book->stretches.push_back({row.Int("start_us"), row.Int("end_us"), row.DayOf("day")});
  } else if (question == "skills") {
    book->skills[{row.Text("person_ref"), row.Text("job_id")}].push_back(
        {static_cast<int>(row.Int("level")), row.DayOf("from_day"), row.DayOf("until_day"),
         row.Event("training.SkillLevelAssessed")});
  } else if (question == "trainings") {
    book->trainings[{row.Text("person_ref"), row.Text("job_id")}].push_back(
        {static_cast<int>(row.Int("revision_no")), row.DayOf("from_day"), row.DayOf("until_day"),
         row.Int("at_us"), row.Event(row.Text("event_type"))});
  }
}

}  // namespace

Result<Books> LoadBooks(clickhouse::Client& clickhouse, const kpi::Catalogue& catalogue, WallTime now,
                        const std::vector<std::string>& plants) {
  YK_ASSIGN_OR_RETURN(const std::vector<asks::PlantNow> at, asks::PlantsAt(clickhouse, now, plants));
  Books out;
  if (at.empty()) return out;
  std::map<std::string, std::shared_ptr<Book>> books;
  for (const asks::PlantNow& plant : at) {
    auto book = std::make_shared<Book>();
    book->day = plant.day;
    book->begins = plant.begins;
    books[plant.plant] = std::move(book);
  }
  std::vector<const kpi::Question*> questions;
  for (const auto& [name, question] : Questions()) questions.push_back(&question);
  YK_ASSIGN_OR_RETURN(const auto round, asks::Round::Open(clickhouse, catalogue, questions, at));
  for (size_t i = 0; i < questions.size(); ++i) {
    const std::string sql = round->Sql(i);
    if (sql.empty()) continue;
    YK_ASSIGN_OR_RETURN(const clickhouse::Rows rows, round->Select(sql));
    for (size_t row = 0; row < rows.size(); ++row) {
      const auto book = books.find(rows.Text(row, "plant"));
      if (book != books.end()) Fill(questions[i]->name(), Row(rows, row), book->second.get());
    }
  }
  for (auto& [plant, book] : books) out[plant] = std::move(book);
  return out;
}

std::set<std::string> EventsRead() {
  std::set<std::string> events{"operations.CalendarPublished", "operations.CalendarCorrected"};
  for (const auto& [name, question] : Questions()) {
    for (const auto& [event, columns] : question.query.all_facts) events.insert(event);
  }
  return events;
}

}  // namespace yokoten::gate

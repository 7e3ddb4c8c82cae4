#include "gate/book.h"

#include <algorithm>

namespace yokoten::gate {
namespace {

// Leave up to this long leaves a person in the required set (DOMAIN 2.5 B).
constexpr int kLeaveDays = 30;

struct Words {
  v1::GateReason reason;
  const char* zh;
  const char* en;
};

constexpr Words kWords[] = {
    {v1::GATE_REASON_ALLOWED, "可以作业", "may do the job"},
    {v1::GATE_REASON_UNKNOWN_JOB, "作业未登记或已停用", "the job is not registered, or is retired"},
    {v1::GATE_REASON_OTHER_STATION, "该作业不在此工位", "the job is not done at this station"},
    {v1::GATE_REASON_NOT_ON_ROSTER, "现行名册中此人不在岗",
     "the roster in force does not have the person at work"},
    {v1::GATE_REASON_NO_STANDARD, "该作业没有生效的标准作业版次",
     "no revision of the job's standard is in force"},
    {v1::GATE_REASON_NOT_TRAINED, "未按现行版次训练", "not trained on the revision in force"},
    {v1::GATE_REASON_NOT_QUALIFIED, "技能等级低于作业要求或已过期",
     "the skill level is below the one the job needs, or has expired"},
};

template <typename T>
bool Holds(const T& span, Day day) {
  return span.from <= day && day < span.until;
}

template <typename Map, typename Key>
auto Find(const Map& map, const Key& key) -> const typename Map::mapped_type* {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

void Add(const Source& source, v1::CanPerformResponse* response) {
  auto* evidence = response->add_evidence();
  evidence->set_event_type(source.type);
  evidence->set_source(source.source);
  evidence->set_id(source.id);
}

const Revision* InForce(const Book& book, const std::string& job_id, WallTime at, Day day) {
  const Revision* best = nullptr;
  if (const auto* revisions = Find(book.revisions, job_id)) {
    for (const Revision& revision : *revisions) {
      if (revision.effective_us > ToMicros(at) || day >= revision.withdrawn) continue;
      if (best == nullptr || revision.revision_no > best->revision_no) best = &revision;
    }
  }
  return best;
}

}  // namespace

Day Book::DayOf(WallTime at) const {
  const int64_t us = ToMicros(at);
  for (const Stretch& stretch : stretches) {
    if (stretch.start_us <= us && us < stretch.end_us) return stretch.day;
  }
  return Day{static_cast<int32_t>(us / 86'400'000'000)};
}

void Decide(const Book& book, const v1::CanPerformRequest& request, WallTime at,
            v1::CanPerformResponse* response) {
  const Day day = book.DayOf(at);
  response->set_production_day(FormatDay(day));
  const Job* job = nullptr;
  if (const auto* jobs = Find(book.jobs, request.job_id())) {
    for (const Job& candidate : *jobs) {
      if (Holds(candidate, day)) job = &candidate;
    }
  }
  const Person* person = nullptr;
  if (const auto* people = Find(book.people, request.person_ref())) {
    for (const Person& candidate : *people) {
      if (Holds(candidate, day)) person = &candidate;
    }
  }
  const bool at_work = person != nullptr && (!person->on_leave || person->leave_from.value == 0 ||
                                             person->leave_from.value + kLeaveDays >= day.value);
  if (at_work) {
    response->set_assigned(std::any_of(
        person->assignments.begin(), person->assignments.end(), [&](const Assignment& assignment) {
          return assignment.job_id == request.job_id() && assignment.first <= day && day <= assignment.last;
        }));
  }
  const Revision* revision = InForce(book, request.job_id(), at, day);
  if (revision != nullptr) {
    response->set_revision_no(revision->revision_no);
    Add(revision->release, response);
  }
  const PersonJob key(request.person_ref(), request.job_id());
  const Training* training = nullptr;
  if (const auto* trainings = Find(book.trainings, key); trainings != nullptr && revision != nullptr) {
    for (const Training& candidate : *trainings) {
      if (candidate.revision_no < revision->base_no || candidate.revision_no > revision->revision_no ||
          !Holds(candidate, day) || candidate.at_us > ToMicros(at)) {
        continue;
      }
      if (training == nullptr || candidate.at_us > training->at_us) training = &candidate;
    }
  }
  const Skill* skill = nullptr;
  if (const auto* skills = Find(book.skills, key)) {
    for (const Skill& candidate : *skills) {
      if (Holds(candidate, day) && (skill == nullptr || candidate.level > skill->level)) skill = &candidate;
    }
  }
  if (training != nullptr) Add(training->event, response);
  if (skill != nullptr && (training == nullptr || skill->event.id != training->event.id))
    Add(skill->event, response);
  if (skill != nullptr) response->set_level(skill->level);
  if (job != nullptr) response->set_required_level(job->required_level);

  v1::GateReason reason = v1::GATE_REASON_ALLOWED;
  if (job == nullptr) {
    reason = v1::GATE_REASON_UNKNOWN_JOB;
  } else if (!request.station_id().empty() && std::find(job->stations.begin(), job->stations.end(),
                                                        request.station_id()) == job->stations.end()) {
    reason = v1::GATE_REASON_OTHER_STATION;
  } else if (!at_work) {
    reason = v1::GATE_REASON_NOT_ON_ROSTER;
  } else if (job->requires_sw && revision == nullptr) {
    reason = v1::GATE_REASON_NO_STANDARD;
  } else if (job->requires_sw && training == nullptr) {
    reason = v1::GATE_REASON_NOT_TRAINED;
  } else if (response->level() < job->required_level) {
    reason = v1::GATE_REASON_NOT_QUALIFIED;
  }
  response->set_allowed(reason == v1::GATE_REASON_ALLOWED);
  response->set_reason(reason);
  for (const Words& words : kWords) {
    if (words.reason != reason) continue;
    response->set_reason_zh(words.zh);
    response->set_reason_en(words.en);
  }
}

}  // namespace yokoten::gate

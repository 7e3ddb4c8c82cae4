#include "cli/simulate/loop_truth.h"

#include <algorithm>

#include "cli/output.h"
#include "events/envelope.h"

namespace yokoten::cli {

void LoopTruth::Released(const std::string& job, int revision, Day effective, bool retraining) {
  revisions_[job][revision] = {effective, retraining};
}

void LoopTruth::Passed(const std::string& job, int revision, const std::string& person, WallTime at) {
  passes_[job].push_back({revision, person, at});
}

void LoopTruth::Unlearned(const std::string& job, const std::string& person, WallTime at, Day day) {
  losses_[job].push_back({person, at, day});
}

void LoopTruth::Erred(const std::string& job, Day day, int64_t errors, int64_t operations) {
  Told& told = told_[job][day];
  told.errors += errors;
  told.operations += operations;
}

void LoopTruth::Standardized(const std::string& proposal, const std::string& job, int revision) {
  turns_.push_back({proposal, job, revision});
}

LoopTruth::Told LoopTruth::Sum(const std::string& job, Day from, Day to) const {
  Told sum;
  const auto days = told_.find(job);
  if (days == told_.end()) return sum;
  for (auto it = days->second.lower_bound(from); it != days->second.end() && it->first <= to; ++it) {
    sum.errors += it->second.errors;
    sum.operations += it->second.operations;
  }
  return sum;
}

std::string LoopTruth::Json(Day until) const {
  std::string all;
  for (const Turn& turn : turns_) {
    const auto& revisions = revisions_.at(turn.job);
    const Day effective = revisions.at(turn.revision).effective;
    int base = turn.revision;
    for (auto it = revisions.find(turn.revision); !it->second.retraining && it != revisions.begin();) {
      base = (--it)->first;
    }
    std::map<std::string, WallTime> trained;
    if (const auto passes = passes_.find(turn.job); passes != passes_.end()) {
      for (const Pass& pass : passes->second) {
        if (pass.revision < base || pass.revision > turn.revision) continue;
        bool lost = false;
        if (const auto losses = losses_.find(turn.job); losses != losses_.end()) {
          lost = std::any_of(losses->second.begin(), losses->second.end(), [&](const Loss& loss) {
            return loss.person == pass.person && loss.at > pass.at && loss.day <= effective;
          });
        }
        if (lost) continue;
        const auto [entry, fresh] = trained.try_emplace(pass.person, pass.at);
        if (!fresh) entry->second = std::min(entry->second, pass.at);
      }
    }
    std::string persons;
    for (const auto& [person, at] : trained) {
      persons += (persons.empty() ? "" : ", ") +
                 JsonObject({{"person_ref", JsonString(person)}, {"at", JsonString(events::FormatTime(at))}});
    }
    const int gone = until < effective ? 0 : (until - effective.value).value + 1;
    const int window = gone == 0 ? kWindowDays : std::min(kWindowDays, gone);
    const Told before = Sum(turn.job, effective - window, effective - 1);
    const Told after = Sum(turn.job, effective, effective + (window - 1));
    all += (all.empty() ? "" : ", ") + JsonObject({{"proposal_id", JsonString(turn.proposal)},
                                                   {"job_id", JsonString(turn.job)},
                                                   {"revision_no", std::to_string(turn.revision)},
                                                   {"effective_on", JsonString(FormatDay(effective))},
                                                   {"trained", "[" + persons + "]"},
                                                   {"errors_before", std::to_string(before.errors)},
                                                   {"operations_before", std::to_string(before.operations)},
                                                   {"errors_after", std::to_string(after.errors)},
                                                   {"operations_after", std::to_string(after.operations)}});
  }
  return "[" + all + "]";
}

}  // namespace yokoten::cli

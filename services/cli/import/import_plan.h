// Compares what a file says with what is stored of its source: what is new, the same, changed, gone. A
// changed row becomes a correction, a row that is gone a void, a row that came back after a void a new event:
// never a second fact.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include <google/protobuf/message.h>

#include "base/clock.h"
#include "cli/import/row_mapper.h"
#include "yokoten/insight/v1/service.pb.h"

namespace yokoten::cli {

// What is stored of a source.
class StoredEvents {
 public:
  using Stored = insight::v1::LookupEventsResponse::StoredEvent;

  virtual ~StoredEvents() = default;
  // Those of `ids` that are stored, in any order.
  virtual Result<std::vector<Stored>> Find(const std::string& source,
                                           const std::vector<std::string>& ids) = 0;
  // All root events of the source; one may come twice where events arrive meanwhile.
  virtual Status ForEach(const std::string& source, const std::function<void(const Stored&)>& each) = 0;
};

// What an import does with one event.
enum class Change {
  kNew,       // never seen
  kSame,      // stored, and what counts says the same: nothing is sent
  kChanged,   // stored with other content: a correction
  kReissued,  // stored and voided: sent again under a new id
  kGone,      // stored, and its row is gone: a void
};

// One event to send; `event` is null for kSame.
struct PlannedEvent {
  Change change = Change::kNew;
  const events::EventType* type = nullptr;
  const events::Domain* domain = nullptr;
  std::unique_ptr<google::protobuf::Message> event;
  std::string root_id;  // of the fact that is new, corrected or voided
  int64_t row = 0;      // 0: no row
};

// One import's comparison. Not thread-safe.
class ImportPlan {
 public:
  // `started` is when the import began; a resumed one must give the same, so that its voids are the same
  // events.
  ImportPlan(const LoadedMapping& mapping, StoredEvents& stored, WallTime started);

  // Plans some events of the file. What was planned stays planned: each event of the file is given once.
  Status Compare(std::vector<MappedEvent> events, std::vector<PlannedEvent>& planned);
  // An event of the file that is known to be stored already (a resumed import's acknowledged ones).
  void AlreadyDone(const MappedEvent& event);
  // Plans voids for everything stored of the source that no row stands for. Call it after the last Compare.
  Status FindGone(std::vector<PlannedEvent>& planned);

 private:
  PlannedEvent Correct(MappedEvent event, const StoredEvents::Stored& stored) const;
  PlannedEvent Void(const StoredEvents::Stored& stored) const;

  const LoadedMapping& mapping_;
  StoredEvents& stored_;
  WallTime started_;
  std::unordered_set<std::string> present_;  // root ids the file stands for
};

}  // namespace yokoten::cli

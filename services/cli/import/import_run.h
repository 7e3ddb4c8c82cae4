// One import from file to acknowledgement: what `yokoten import` and `yokoten plant setup` do.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/connection.h"
#include "cli/domain_rules.h"
#include "cli/import/affected_figures.h"
#include "cli/import/import_plan.h"
#include "yokoten/event/v1/event.pb.h"

namespace yokoten::cli {

struct ImportRequest {
  std::string mapping_path;
  std::string file_path;
  bool dry_run = false;
  // Also void what is gone, as if the mapping said replaces: REPLACES_ALL_OF_SOURCE.
  bool void_missing = false;
  // What the services would refuse, checked by a dry run and before anything is sent with all_or_nothing.
  DomainRules rules;
  // Send nothing when any row has an error, also one that only the rules find.
  bool all_or_nothing = false;
  std::string journal_path;     // empty: the default one
  std::string person_key_path;  // empty: the default one
  bool new_person_key = false;
};

struct ImportSummary {
  int64_t rows = 0;
  std::map<Change, int64_t> events;
  int64_t resumed = 0;   // acknowledged by an earlier run
  int64_t rejected = 0;  // refused by the service
  int64_t persons = 0;   // names put into the directory
  std::vector<RowError> errors;
  std::vector<AffectedFigure> figures;  // dry run only
  event::v1::ConsistencyToken token;
  std::vector<std::string> plants;  // of all events of the file
};

// Runs it. An error means that it did not come to its end: starting it again goes on. Row errors are in the
// summary.
Result<ImportSummary> RunImport(std::shared_ptr<Connection> connection, const ImportRequest& request,
                                const Clock& clock);

// Stored events as the insight service tells them.
std::unique_ptr<StoredEvents> InsightStoredEvents(std::shared_ptr<Connection> connection,
                                                  event::v1::ConsistencyToken token);

// Waits until the figures include what the token says.
Status WaitForFigures(Connection& connection, const event::v1::ConsistencyToken& token,
                      std::chrono::milliseconds timeout);

}  // namespace yokoten::cli

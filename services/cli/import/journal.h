// What an import has done so far, so that a killed one goes on where it stopped. One per source; appended to
// as answers come in, so that it holds at any instant; whatever it misses is sent again under the same id and
// changes nothing.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

#include "base/clock.h"
#include "base/status.h"
#include "yokoten/event/v1/event.pb.h"

namespace yokoten::cli {

// Thread-safe, after Open.
class ImportJournal {
 public:
  // What makes two runs the same import.
  struct Identity {
    std::string mapping_hash, file_hash, server;
  };

  // $YOKOTEN_HOME/imports/<hash of the source>.journal.
  static std::string DefaultPath(std::string_view source);

  // Opens the journal and locks it against a second import of the source (FailedPrecondition). An unfinished
  // journal of the same identity is continued; any other is begun anew, but its token is kept: this import
  // must see what the last one wrote.
  Status Open(const std::string& path, const Identity& identity, WallTime now);
  ~ImportJournal();

  bool resumed() const { return resumed_; }
  // The last import of the source broke off and is not continued by this one: what it sent may still be on
  // its way, and no token says how far.
  bool after_broken() const { return after_broken_; }
  // When the import began; of the first run where this one is resumed.
  WallTime started() const { return started_; }
  bool Done(const std::string& root_id) const { return done_.contains(root_id); }
  size_t done_count() const { return done_.size(); }
  const event::v1::ConsistencyToken& token() const { return token_; }

  // The event of this root is acknowledged.
  void Acknowledged(std::string_view root_id);
  // Every event is; `token` is what the import wrote.
  Status Finish(const event::v1::ConsistencyToken& token);

 private:
  Status Append(const std::string& line);

  int file_ = -1;
  bool resumed_ = false;
  bool after_broken_ = false;
  WallTime started_;
  std::unordered_set<std::string> done_;
  event::v1::ConsistencyToken token_;
};

// SHA-256 in hexadecimal.
std::string HashText(std::string_view text);

}  // namespace yokoten::cli

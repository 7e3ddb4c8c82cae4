// What can go wrong at each place where a process waits for a neighbour, and how often it did.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace yokoten::simulation {

// Where a process waits for Kafka or ClickHouse.
enum class Site {
  kPrepare,     // epochs and topics at a start
  kFacts,       // facts and keys
  kLookUp,      // amendments that touch other places
  kTouch,       // a record into the dirty topic
  kDeadLetter,  // a record into the dead-letter topic
  kArchive,
  kCommitFacts,  // the aggregator's offsets
  kPosition,     // the archive's and the logs' ends, at an assignment
  kPoll,
  kRead,   // the rollup: plants, roots, versions
  kRound,  // the rollup: temporary tables and cells of a round
  kCells,  // the rollup: the round's cells into the stored ones
  kState,  // the rollup: how far plants are computed
  kAnnounce,
  kCommitDirty,  // the rollup's offsets
  kCount
};

enum class Fault {
  kCrashBefore,
  kCrashAfter,
  kStallBefore,  // the process stands still, mostly until its partitions are another's
  kStallAfter,
  kRefused,    // nothing was done, and the caller hears it
  kReplyLost,  // it was done, and the caller hears of a time-out
  kLate,       // the caller hears of a time-out, and it is done later
  kPartial,    // some of it was done
  kCount
};

// Rare ways through the product's code and through the neighbours, counted where they are seen.
enum class Branch {
  kRebalance,
  kPartitionsMoved,
  kZombieWrites,  // a statement of a process whose partitions are another's
  kZombieCommitRefused,
  kDuplicateDelivery,
  kArchiveAheadOfGroup,  // resumed behind what the group had committed
  kGroupForgot,          // the group's offsets expired
  kArchiveHole,
  kGap,
  kDeadLetter,
  kSentAgain,
  kRecordRefused,
  kHalt,
  kAmendmentBeforeRoot,
  kVoidedCorrection,
  kMovedPlant,
  kQueueFull,
  kSessionLost,
  kMemoryLimit,
  kFigureRefused,
  kCellsTakenAway,
  kOlderCellsLost,   // cells that came with an older version than those stored
  kMonthFromStored,  // a month made of the round's days and stored ones
  kSweepFilled,
  kMidnight,
  kCleanStop,
  kRestart,
  kCount
};

inline constexpr size_t kSites = static_cast<size_t>(Site::kCount);
inline constexpr size_t kFaults = static_cast<size_t>(Fault::kCount);
inline constexpr size_t kBranches = static_cast<size_t>(Branch::kCount);

// "archive reply-lost".
std::string NameOf(Site site, Fault fault);

struct Counts {
  std::array<std::array<uint64_t, kFaults>, kSites> faults{};
  std::array<uint64_t, kBranches> branches{};
  uint64_t seeds = 0;
  uint64_t records = 0;
  uint64_t waits = 0;

  void Add(const Counts& other);
  // Whether a fault can happen at a site at all.
  static bool Possible(Site site, Fault fault);
  // Name and count of everything that can happen.
  std::map<std::string, uint64_t> Named() const;
};

}  // namespace yokoten::simulation

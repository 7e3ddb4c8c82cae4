#include "faults.h"

namespace yokoten::simulation {
namespace {

constexpr std::array<const char*, kSites> kSiteNames = {
    "prepare", "facts", "look-up", "touch", "dead-letter", "archive",  "commit-facts", "position",
    "poll",    "read",  "round",   "cells", "state",       "announce", "commit-dirty"};
constexpr std::array<const char*, kFaults> kFaultNames = {
    "crash-before", "crash-after", "stall-before", "stall-after", "refused", "reply-lost", "late", "partial"};
constexpr std::array<const char*, kBranches> kBranchNames = {"rebalance",
                                                             "partitions-moved",
                                                             "zombie-writes",
                                                             "zombie-commit-refused",
                                                             "duplicate-delivery",
                                                             "archive-ahead-of-group",
                                                             "group-forgot",
                                                             "archive-hole",
                                                             "gap",
                                                             "dead-letter",
                                                             "sent-again",
                                                             "record-refused",
                                                             "halt",
                                                             "amendment-before-root",
                                                             "voided-correction",
                                                             "moved-plant",
                                                             "queue-full",
                                                             "session-lost",
                                                             "memory-limit",
                                                             "figure-refused",
                                                             "cells-taken-away",
                                                             "older-cells-lost",
                                                             "month-from-stored",
                                                             "sweep-filled",
                                                             "midnight",
                                                             "clean-stop",
                                                             "restart"};

}  // namespace

std::string NameOf(Site site, Fault fault) {
  return std::string(kSiteNames[static_cast<size_t>(site)]) + " " + kFaultNames[static_cast<size_t>(fault)];
}

bool Counts::Possible(Site site, Fault fault) {
  const bool sink = site == Site::kTouch || site == Site::kDeadLetter || site == Site::kAnnounce;
  switch (fault) {
    case Fault::kCrashBefore:
    case Fault::kCrashAfter:
    case Fault::kStallBefore:
    case Fault::kStallAfter:
      return !sink;  // queueing a record does not wait; what follows does
    case Fault::kRefused:
      return site != Site::kPoll;
    case Fault::kReplyLost:
      return site != Site::kPoll && site != Site::kPosition && site != Site::kRead && site != Site::kLookUp &&
             site != Site::kPrepare;
    case Fault::kLate:
      return site == Site::kFacts || site == Site::kArchive || site == Site::kCells || site == Site::kTouch ||
             site == Site::kState;
    case Fault::kPartial:
      return site == Site::kFacts || site == Site::kArchive || site == Site::kCells;
    case Fault::kCount:
      break;
  }
  return false;
}

void Counts::Add(const Counts& other) {
  for (size_t s = 0; s < kSites; ++s) {
    for (size_t f = 0; f < kFaults; ++f) faults[s][f] += other.faults[s][f];
  }
  for (size_t b = 0; b < kBranches; ++b) branches[b] += other.branches[b];
  seeds += other.seeds;
  records += other.records;
  waits += other.waits;
}

std::map<std::string, uint64_t> Counts::Named() const {
  std::map<std::string, uint64_t> named;
  for (size_t s = 0; s < kSites; ++s) {
    for (size_t f = 0; f < kFaults; ++f) {
      if (Possible(static_cast<Site>(s), static_cast<Fault>(f)))
        named[NameOf(static_cast<Site>(s), static_cast<Fault>(f))] = faults[s][f];
    }
  }
  for (size_t b = 0; b < kBranches; ++b) named[kBranchNames[b]] = branches[b];
  return named;
}

}  // namespace yokoten::simulation

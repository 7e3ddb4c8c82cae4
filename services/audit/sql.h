// What is asked of the archive and the fact tables.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "aggregator/batch.h"
#include "audit/ranges.h"

namespace yokoten::audit {

// Topics (without prefix) with their current epoch.
using Epochs = std::map<std::string, uint32_t>;

// "(topic, epoch) IN (...)".
std::string OfEpochsSql(const Epochs& epochs);

// The rank that a fact's row has, from the columns of its archive row.
extern const char kRankOfRecordSql[];

// Per partition: topic, partition, lowest, highest, offsets, dead, gaps, conflicting.
std::string PartitionsSql(const Epochs& epochs);

// Offsets between a partition's lowest and highest in the archive that it lacks: first, last; at most a
// million rows.
std::string HolesSql(const aggregator::Source& source, uint32_t epoch);

// What the archive has of a range: at, checksum. Without offsets that have no record.
std::string ChecksumsSql(const aggregator::Source& source, uint32_t epoch, const Range& range);

// Hours (since 1970) of recording in which archive and keys differ: `hour`. Sums of hashes, so that no set of
// all keys is held; a batch under way has keys before it has rows of the archive.
std::string HoursThatDifferSql();
// Records of these hours that the archive says became facts, without a key: topic, epoch, partition, offset;
// at most a million.
std::string LostKeysSql(const std::string& hours);

// Facts there must be, by event type and hour of the copy that counts: type, hour, n, hash.
std::string FactsPromisedSql();
// The same of the tables of these types.
std::string FactsStoredSql(const std::set<std::string>& types);
// Records of these hours whose fact of that type is in no table, though its key is: topic, epoch, partition,
// offset; at most a million.
std::string LostFactsSql(const std::string& type, const std::string& hours);

}  // namespace yokoten::audit

// What is asked of the archive and the fact tables.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace yokoten::audit {

// Topics (without prefix) with their current epoch.
using Epochs = std::map<std::string, uint32_t>;

// "(topic, epoch) IN (...)".
std::string OfEpochsSql(const Epochs& epochs);

// The rank that a fact's row has, from the columns of its archive row.
extern const char kRankOfRecordSql[];

// Per partition: topic, partition, lowest, highest, offsets, dead, gaps, conflicting.
std::string PartitionsSql(const Epochs& epochs);

// Offsets between the archive's lowest and highest that it lacks: topic, partition, first, last.
std::string HolesSql(const Epochs& epochs);

// Hours (since 1970) of recording in which archive and keys differ: `hour`. Sums of hashes, so that no set of
// all keys is held; a batch under way has keys before it has rows of the archive.
std::string HoursThatDifferSql();
// Records of these hours that the archive says became facts, without a key: topic, epoch, partition, offset.
std::string LostKeysSql(const std::string& hours);

// Facts there must be, by event type: type, n, hash.
std::string FactsPromisedSql();
// The same of the tables of these types.
std::string FactsStoredSql(const std::vector<std::string>& types);
// Records whose fact of that type is in no table, though its key is: topic, epoch, partition, offset.
std::string LostFactsSql(const std::string& type);

}  // namespace yokoten::audit

// What ingest figures send: numbered events, each as a request's bytes and as the Kafka record it has to
// become, and the comparison of what arrived with it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <grpcpp/support/byte_buffer.h>

#include "events/envelope.h"
#include "kafka/log_reader.h"

namespace yokoten::bench {

// Events of one side of a run. Ids are unlike those of any other load.
class Load {
 public:
  // `name` is part of every id.
  Load(const std::string& name, size_t events);

  size_t size() const { return records_.size(); }
  // What Kafka has to hold in the end; what the bare loop produces.
  const std::vector<events::Record>& records() const { return records_; }
  // Request of IngestEvents with the one event.
  grpc::ByteBuffer Single(size_t i) const;
  // Requests of StreamEvents with so many events each, numbered from 1.
  std::vector<grpc::ByteBuffer> Batches(size_t per_batch) const;
  // Mean size of a record's key, value and headers.
  double RecordBytes() const;

 private:
  std::vector<events::Record> records_;
  std::vector<std::string> wrapped_;  // element of a request's `events`, with tag and length
};

// The log's ends before a load, to tell afterwards what came.
class Arrivals {
 public:
  // Ends the program when Kafka does not answer.
  Arrivals(const std::string& bootstrap_servers, const std::string& topic);
  // Ends the program with a line unless what was appended since is exactly the load's first `events` records:
  // each once, with the same key, value and headers, and nothing else.
  void Check(const Load& load, size_t events);

 private:
  std::map<kafka::TopicPartition, kafka::LogRange> Ranges();

  std::unique_ptr<kafka::LogReader> reader_;
  std::string topic_;
  int32_t partitions_ = 0;
  std::map<kafka::TopicPartition, kafka::LogRange> before_;
};

}  // namespace yokoten::bench

// Senders of ingest figures: streams of batches, calls with so many under way, calls at given times. Requests
// are made beforehand; every answer is read, and one that does not accept every event ends the program.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <grpcpp/channel.h>
#include <grpcpp/support/byte_buffer.h>

#include "bench/load.h"

namespace yokoten::bench {

// Seconds from the first request to the last answer, over `streams` streams at once.
double SendStreams(const std::string& address, const std::vector<grpc::ByteBuffer>& batches, int streams);

// Unary calls of IngestEvents. Not thread-safe.
class Caller {
 public:
  // Connects; ends the program when nobody answers.
  explicit Caller(const std::string& address);

  // Seconds for the load's events `from` to `to`, one a call, with `concurrency` calls under way all the
  // time.
  double Closed(const Load& load, size_t from, size_t to, int concurrency);
  // Starts one call and returns; `answered` is called from another thread.
  void Start(const grpc::ByteBuffer& request, std::function<void()> answered);

 private:
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  size_t next_ = 0;
};

// A server whose IngestEvents answers at once that every event was accepted: what gRPC alone costs. Prints
// its address and runs until its standard input ends.
int RunEcho();

}  // namespace yokoten::bench

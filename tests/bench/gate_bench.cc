// What a machine waits for the answer to "may this person do this job now": calls one after the other on two
// connections, about the plants, persons and jobs that standard input names (three columns, TSV). Every
// answer about the same three has to be the same. Prints one JSON line.
//
//   gate_bench SERVER CALLS
#include <algorithm>
#include <atomic>
#include <cmath>
#include <iostream>
#include <thread>

#include <grpcpp/grpcpp.h>

#include "bench/measure.h"
#include "rpc/client.h"
#include "yokoten/gate/v1/service.grpc.pb.h"

namespace yokoten::test {
namespace {

constexpr size_t kConnections = 2;

class Bench {
 public:
  Bench(const std::string& server, std::istream& asked) {
    for (size_t i = 0; i < kConnections; ++i)
      stubs_.push_back(gate::v1::GateService::NewStub(rpc::MakeChannel(server)));
    for (std::string line; std::getline(asked, line);) {
      std::istringstream fields(line);
      gate::v1::CanPerformRequest& request = requests_.emplace_back();
      std::string plant, person, job;
      if (!std::getline(fields, plant, '\t') || !std::getline(fields, person, '\t') ||
          !std::getline(fields, job))
        Fail("'" + line + "' is no plant, person and job");
      request.set_plant_id(plant);
      request.set_person_ref(person);
      request.set_job_id(job);
    }
    if (requests_.empty()) Fail("nobody is asked about");
    for (size_t i = 0; i < requests_.size(); ++i) reasons_.push_back(Ask(0, i));
  }

  void Run(size_t calls) {
    std::vector<std::vector<double>> ms(kConnections);
    std::vector<std::string> wrong(kConnections);
    std::vector<std::thread> threads;
    const auto begun = std::chrono::steady_clock::now();
    for (size_t connection = 0; connection < kConnections; ++connection) {
      threads.emplace_back([&, connection] {
        try {
          for (size_t i = connection; i < calls; i += kConnections) {
            const size_t at = i % requests_.size();
            const auto asked = std::chrono::steady_clock::now();
            const gate::v1::GateReason reason = Ask(connection, at);
            ms[connection].push_back(Seconds(asked) * 1000);
            if (reason != reasons_[at])
              Fail("two answers about " + requests_[at].ShortDebugString() + " differ");
          }
        } catch (const std::exception& error) {
          wrong[connection] = error.what();
        }
      });
    }
    for (auto& thread : threads) thread.join();
    for (const std::string& what : wrong) {
      if (!what.empty()) Fail(what);
    }
    const double seconds = Seconds(begun);
    std::vector<double> all;
    for (const auto& own : ms) all.insert(all.end(), own.begin(), own.end());
    std::sort(all.begin(), all.end());
    const auto quantile = [&](double q) {
      return all[static_cast<size_t>(std::max(0.0, std::ceil(q * static_cast<double>(all.size())) - 1))];
    };
    Line()
        .Number("value", quantile(0.99))
        .Number("p50_ms", quantile(0.5))
        .Number("most_ms", all.back())
        .Number("calls_per_s", static_cast<double>(calls) / seconds)
        .Count("asked_about", requests_.size())
        .Count("allowed", static_cast<uint64_t>(
                              std::count(reasons_.begin(), reasons_.end(), gate::v1::GATE_REASON_ALLOWED)))
        .Print();
  }

 private:
  gate::v1::GateReason Ask(size_t connection, size_t at) {
    gate::v1::CanPerformResponse response;
    grpc::ClientContext context;
    const grpc::Status status = stubs_[connection]->CanPerform(&context, requests_[at], &response);
    if (!status.ok())
      Fail("no answer about " + requests_[at].ShortDebugString() + ": " + status.error_message());
    return response.reason();
  }

  std::vector<std::unique_ptr<gate::v1::GateService::Stub>> stubs_;
  std::vector<gate::v1::CanPerformRequest> requests_;
  std::vector<gate::v1::GateReason> reasons_;
};

}  // namespace
}  // namespace yokoten::test

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: gate_bench SERVER CALLS < plants, persons and jobs\n");
    return 2;
  }
  try {
    yokoten::test::Bench(argv[1], std::cin).Run(std::strtoull(argv[2], nullptr, 10));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

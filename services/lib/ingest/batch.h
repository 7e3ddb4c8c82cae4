// One request on its way: what became of each event, and who is waiting for the answer.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ingest/machine.h"
#include "yokoten/event/v1/event.pb.h"

namespace yokoten::ingest {

// Lives until Kafka has reported on each of its records, also when its caller was answered, or left, before.
// Its share of the budget is given back only then.
class Batch : public std::enable_shared_from_this<Batch> {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  Batch(std::shared_ptr<Machine> machine, RequestBytes request, Machine::Mode mode, SteadyTime expires,
        std::function<void()> queued, std::function<void(Answer)> answered);
  ~Batch();
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  const Machine& machine() const { return *machine_; }
  std::string_view bytes() const { return request_.bytes; }
  Machine::Mode mode() const { return mode_; }
  SteadyTime expires() const { return expires_; }
  bool answered() const { return answered_done_; }

  // The request's bytes are counted in the budget from here to the end.
  void HoldsBudget() { budget_bytes_ = request_.bytes.size(); }

  // Called by the thread that takes the request apart, before anything is produced.
  void Begin(size_t events, uint64_t sequence);
  event::v1::EventResult& result(uint32_t index) { return results_[index]; }
  void SetPlant(uint32_t index, std::string plant) { plants_[index] = std::move(plant); }
  // One more record is being produced; each must end in Delivered.
  void Expect() { remaining_.fetch_add(1, std::memory_order_relaxed); }
  // The record was not taken after all; there will be no report.
  void Unexpect() { remaining_.fetch_sub(1, std::memory_order_relaxed); }
  // A delivery report; any thread.
  void Delivered(uint32_t index, const kafka::Delivery& delivery);
  // All records are handed in: the batch answers when the last report is there.
  void Queued();

  // Answers now with a failed call. Whoever answers first wins.
  void Fail(google::rpc::Status failure);
  // The deadline has come.
  void Expire();

 private:
  void ReportsComplete();
  bool MayAnswer() { return !answered_done_.exchange(true); }
  void AnswerNow(Answer answer, std::string_view outcome);
  void CountEvents() const;
  std::string Serialize() const;

  const std::shared_ptr<Machine> machine_;
  RequestBytes request_;
  const Machine::Mode mode_;
  const SteadyTime begun_;
  const SteadyTime expires_;
  std::function<void()> queued_;
  std::function<void(Answer)> answered_;
  std::atomic<bool> answered_done_{false};
  size_t budget_bytes_ = 0;

  struct Position {
    int32_t partition = -1;
    int64_t offset = -1;
  };
  std::vector<event::v1::EventResult> results_;
  std::vector<std::string> plants_;
  std::vector<Position> positions_;
  uint64_t sequence_ = 0;
  std::atomic<size_t> remaining_{1};  // one for the thread that hands records in
};

}  // namespace yokoten::ingest

#include "cli/import/import_run.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>

#include <grpcpp/grpcpp.h>

#include "cli/event_sender.h"
#include "cli/import/csv_reader.h"
#include "cli/import/journal.h"
#include "cli/import/text_decoding.h"
#include "cli/progress.h"
#include "events/identity.h"
#include "yokoten/admin/v1/service.grpc.pb.h"
#include "yokoten/insight/v1/service.grpc.pb.h"

namespace yokoten::cli {

namespace {

constexpr size_t kEventsPerLookup = 1000;
constexpr size_t kErrorsMax = 100'000;
constexpr int kPersonsPerCall = 2000;
constexpr auto kCallTimeout = std::chrono::seconds(60);
constexpr auto kTokenPatience = std::chrono::minutes(5);

class InsightLookup final : public StoredEvents {
 public:
  InsightLookup(std::shared_ptr<Connection> connection, event::v1::ConsistencyToken token)
      : connection_(std::move(connection)),
        stub_(insight::v1::InsightService::NewStub(connection_->For("insight"))),
        token_(std::move(token)) {}

  Result<std::vector<Stored>> Find(const std::string& source, const std::vector<std::string>& ids) override {
    std::vector<Stored> found;
    for (size_t at = 0; at < ids.size(); at += kEventsPerLookup) {
      insight::v1::LookupEventsRequest request;
      request.set_source(source);
      for (size_t i = at; i < std::min(ids.size(), at + kEventsPerLookup); ++i) request.add_ids(ids[i]);
      insight::v1::LookupEventsResponse response;
      YK_RETURN_IF_ERROR(Call(request, response));
      for (Stored& stored : *response.mutable_events()) found.push_back(std::move(stored));
    }
    return found;
  }

  Status ForEach(const std::string& source, const std::function<void(const Stored&)>& each) override {
    insight::v1::LookupEventsRequest request;
    request.set_source(source);
    request.set_page_size(5000);
    while (true) {
      insight::v1::LookupEventsResponse response;
      YK_RETURN_IF_ERROR(Call(request, response));
      for (const Stored& stored : response.events()) each(stored);
      if (response.next_page_token().empty()) return OkStatus();
      request.set_page_token(response.next_page_token());
    }
  }

 private:
  Status Call(insight::v1::LookupEventsRequest& request, insight::v1::LookupEventsResponse& response) {
    // The first answer proves that what the last import wrote is there; later ones need not wait again.
    if (token_.positions_size() > 0) *request.mutable_token() = token_;
    // After a large import the answer may take longer than one call may wait.
    const MonotonicTime until = SystemClock().Monotonic() + kTokenPatience;
    grpc::Status status;
    bool again = true;
    while (again) {
      grpc::ClientContext context;
      SetDeadline(context, kCallTimeout);
      status = stub_->LookupEvents(&context, request, &response);
      // The log that the last import wrote to is gone: of that, what is stored now is all there will be.
      const bool lost = status.error_code() == grpc::StatusCode::FAILED_PRECONDITION && request.has_token();
      if (lost) request.clear_token();
      again = lost || (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED &&
                       SystemClock().Monotonic() < until);
    }
    YK_RETURN_IF_ERROR(FromGrpc(status, "asking what is stored", connection_->AddressOf("insight")));
    token_.Clear();
    request.clear_token();
    return OkStatus();
  }

  std::shared_ptr<Connection> connection_;
  std::unique_ptr<insight::v1::InsightService::Stub> stub_;
  event::v1::ConsistencyToken token_;
};

Status PutPersons(Connection& connection, const std::vector<NamedPerson>& persons, int64_t& written) {
  auto stub = admin::v1::AdminService::NewStub(connection.For("admin"));
  for (size_t at = 0; at < persons.size();) {
    admin::v1::PutPersonsRequest request;
    request.set_plant_id(persons[at].plant_id);
    for (; at < persons.size() && persons[at].plant_id == request.plant_id() &&
           request.persons_size() < kPersonsPerCall;
         ++at) {
      admin::v1::Person* person = request.add_persons();
      person->set_person_ref(persons[at].person_ref);
      person->set_display_name(persons[at].display_name);
    }
    admin::v1::PutPersonsResponse response;
    grpc::ClientContext context;
    SetDeadline(context, kCallTimeout);
    YK_RETURN_IF_ERROR(FromGrpc(stub->PutPersons(&context, request, &response),
                                "filling the person directory", connection.AddressOf("admin")));
    written += response.written();
  }
  return OkStatus();
}

Result<std::vector<kpi::v1::KpiDefinition>> Catalogue(Connection& connection) {
  auto stub = insight::v1::InsightService::NewStub(connection.For("insight"));
  insight::v1::ListKpisResponse response;
  grpc::ClientContext context;
  SetDeadline(context, kCallTimeout);
  YK_RETURN_IF_ERROR(FromGrpc(stub->ListKpis(&context, {}, &response), "reading the KPI catalogue",
                              connection.AddressOf("insight")));
  return std::vector<kpi::v1::KpiDefinition>(response.kpis().begin(), response.kpis().end());
}

// One import at work.
class Run {
 public:
  Run(std::shared_ptr<Connection> connection, const ImportRequest& request, const Clock& clock)
      : connection_(std::move(connection)), request_(request), clock_(clock) {}

  Result<ImportSummary> Execute() {
    YK_ASSIGN_OR_RETURN(std::string mapping_text, ReadFile(request_.mapping_path));
    YK_ASSIGN_OR_RETURN(mapping_, LoadedMapping::Parse(mapping_text, request_.mapping_path));
    YK_ASSIGN_OR_RETURN(std::string bytes, ReadFile(request_.file_path));
    const std::string file_hash = HashText(bytes);
    YK_ASSIGN_OR_RETURN(text_, DecodeText(std::move(bytes), mapping_->proto().file().encoding()));
    YK_RETURN_IF_ERROR(LoadKey());
    // Every error of the file is known before anything is sent.
    YK_RETURN_IF_ERROR(Walk(Pass::kRead));
    if (!summary_.errors.empty() && request_.all_or_nothing) return std::move(summary_);
    if (!request_.dry_run) {
      std::string path = request_.journal_path.empty()
                             ? ImportJournal::DefaultPath(mapping_->proto().source())
                             : request_.journal_path;
      YK_RETURN_IF_ERROR(
          journal_.Open(path, {HashText(mapping_text), file_hash, connection_->Describe()}, clock_.Now()));
      token_before_ = journal_.token();
      if (journal_.after_broken()) YK_RETURN_IF_ERROR(WaitStored());
    }
    lookup_ = InsightStoredEvents(connection_, token_before_);
    if (request_.all_or_nothing && !request_.dry_run) {
      // What a rule says may depend on whether the event is new or a correction: compared first, sent after.
      MakePlan();
      YK_RETURN_IF_ERROR(Walk(Pass::kCheck));
      if (!rejected_.empty()) {
        summary_.errors = std::move(rejected_);
        if (journal_.done_count() == 0) YK_RETURN_IF_ERROR(journal_.Finish(token_before_));
        return std::move(summary_);
      }
    }
    MakePlan();
    if (!request_.dry_run) {
      sender_ = std::make_unique<EventSender>(
          connection_, EventSender::Options(),
          [this](uint64_t tag, const event::v1::EventResult& result) { OnResult(tag, result); });
    }
    YK_RETURN_IF_ERROR(Walk(Pass::kSend));
    YK_RETURN_IF_ERROR(VoidGone());
    if (request_.dry_run) {
      YK_ASSIGN_OR_RETURN(auto catalogue, Catalogue(*connection_));
      Day today{static_cast<int32_t>(ToMicros(clock_.Now()) / 86'400'000'000)};
      summary_.figures = figures_.List(catalogue, today);
    } else {
      YK_RETURN_IF_ERROR(sender_->Flush());
      summary_.token = sender_->token();
      YK_RETURN_IF_ERROR(PutPersons(*connection_, persons_, summary_.persons));
      YK_RETURN_IF_ERROR(journal_.Finish(summary_.token));
    }
    for (RowError& error : rejected_) summary_.errors.push_back(std::move(error));
    summary_.plants.assign(plants_.begin(), plants_.end());
    return std::move(summary_);
  }

 private:
  enum class Pass {
    kRead,   // finds the errors of the file
    kCheck,  // compares, and finds what the services would refuse
    kSend,   // compares and sends; a dry run compares, checks and counts
  };

  void MakePlan() {
    plan_ = std::make_unique<ImportPlan>(*mapping_, *lookup_,
                                         request_.dry_run ? clock_.Now() : journal_.started());
  }

  Status LoadKey() {
    if (!mapping_->needs_person_key()) return OkStatus();
    const std::string path =
        request_.person_key_path.empty() ? PersonKey::DefaultPath() : request_.person_key_path;
    auto key = request_.new_person_key ? PersonKey::Create(path) : PersonKey::Load(path);
    if (!key.ok()) return key.status();
    key_ = std::make_unique<PersonKey>(*std::move(key));
    return OkStatus();
  }

  // Goes through the file once.
  Status Walk(Pass pass) {
    YK_ASSIGN_OR_RETURN(CsvReader reader,
                        CsvReader::Open(text_, mapping_->delimiter(), mapping_->proto().file().skip_lines()));
    YK_ASSIGN_OR_RETURN(auto mapper, RowMapper::Bind(*mapping_, reader, key_.get(), clock_.Now()));
    const char* doing = pass == Pass::kRead                        ? "read "
                        : pass == Pass::kCheck || request_.dry_run ? "compare "
                                                                   : "import ";
    Progress progress(doing + request_.file_path);
    std::vector<RowError> errors;
    std::vector<MappedEvent> events;
    CsvRow row;
    int64_t rows = 0;
    while (true) {
      auto more = reader.Next(row);
      if (more.ok() && !*more) break;
      ++rows;
      if (!more.ok()) {
        errors.push_back({row.number, row.line, "", "", Message(more.status())});
        continue;
      }
      mapper->Map(row, events, errors);
      if (events.size() >= kEventsPerLookup) YK_RETURN_IF_ERROR(Take(events, pass));
      if (errors.size() > kErrorsMax) {
        return InvalidArgument("more than 100,000 errors; the mapping does not fit the file. The first: " +
                               errors.front().ToText());
      }
      progress.Show(reader.progress(),
                    Grouped(rows) + " rows, " + Grouped(static_cast<int64_t>(errors.size())) + " errors");
    }
    mapper->Finish(events, errors);
    YK_RETURN_IF_ERROR(Take(events, pass));
    if (pass == Pass::kSend) {
      persons_ = mapper->TakePersons();
    } else if (pass == Pass::kRead) {
      summary_.rows = rows;
      summary_.errors = std::move(errors);
    }
    return OkStatus();
  }

  Status Take(std::vector<MappedEvent>& events, Pass pass) {
    std::vector<MappedEvent> batch = std::move(events);
    events.clear();
    if (pass == Pass::kRead) {
      for (const MappedEvent& event : batch) plants_.insert(events::ContextOf(*event.event).plant_id());
      return OkStatus();
    }
    std::erase_if(batch, [&](const MappedEvent& event) {
      if (request_.dry_run || !journal_.Done(event.id)) return false;
      plan_->AlreadyDone(event);
      summary_.resumed += pass == Pass::kSend;
      return true;
    });
    std::vector<PlannedEvent> planned;
    YK_RETURN_IF_ERROR(plan_->Compare(std::move(batch), planned));
    if (pass == Pass::kSend) return SendAll(planned);
    for (const PlannedEvent& event : planned) Check(event);
    return OkStatus();
  }

  // What the service would refuse becomes an error of the row.
  void Check(const PlannedEvent& event) {
    if (event.event == nullptr || event.type->is_void()) return;
    const auto rules = request_.rules.find(event.domain->name);
    if (rules == request_.rules.end()) return;
    std::vector<events::Violation> violations;
    rules->second(*event.type, *event.event, violations);
    for (const events::Violation& violation : violations) {
      rejected_.push_back({event.row, 0, mapping_->ColumnOf(*event.type, violation.field), violation.field,
                           violation.message_en});
    }
  }

  Status SendAll(std::vector<PlannedEvent>& planned) {
    for (PlannedEvent& event : planned) {
      ++summary_.events[event.change];
      if (event.change == Change::kSame) continue;
      if (request_.dry_run) {
        Check(event);
        figures_.Add(event);
        continue;
      }
      uint64_t tag;
      {
        std::lock_guard lock(sent_mutex_);
        tag = sent_.size();
        sent_.push_back({event.row, event.root_id});
      }
      YK_RETURN_IF_ERROR(sender_->Send(*event.domain, *event.type, *event.event, tag));
    }
    return OkStatus();
  }

  // Everything sent before now is stored: only then does a look-up show what a broken import has sent.
  Status WaitStored() {
    auto stub = insight::v1::InsightService::NewStub(connection_->For("insight"));
    const WallTime begun = clock_.Now();
    const MonotonicTime until = clock_.Monotonic() + kTokenPatience;
    std::mutex mutex;
    std::condition_variable nobody;
    while (true) {
      grpc::ClientContext context;
      SetDeadline(context, kCallTimeout);
      insight::v1::GetFreshnessResponse response;
      YK_RETURN_IF_ERROR(FromGrpc(stub->GetFreshness(&context, {}, &response),
                                  "asking what is stored of the import that broke off",
                                  connection_->AddressOf("insight")));
      const auto& freshness = response.freshness();
      if (freshness.has_complete_until() && events::FromTimestamp(freshness.complete_until()) >= begun) {
        return OkStatus();
      }
      if (clock_.Monotonic() >= until) {
        return DeadlineExceeded(
            "what the import that broke off has sent is not stored yet; import again later");
      }
      std::unique_lock lock(mutex);
      nobody.wait_for(lock, std::chrono::milliseconds(200));
    }
  }

  Status VoidGone() {
    if (!request_.void_missing && mapping_->proto().replaces() != importing::v1::REPLACES_ALL_OF_SOURCE) {
      return OkStatus();
    }
    if (!summary_.errors.empty()) {
      summary_.errors.push_back(
          {0, 0, "", "",
           "rows that are gone were not voided, because rows with errors would look gone too; "
           "mend them and import again"});
      return OkStatus();
    }
    std::vector<PlannedEvent> gone;
    YK_RETURN_IF_ERROR(plan_->FindGone(gone));
    return SendAll(gone);
  }

  void OnResult(uint64_t tag, const event::v1::EventResult& result) {
    Sent sent;
    {
      std::lock_guard lock(sent_mutex_);
      sent = std::move(sent_[tag]);
    }
    if (result.status() == event::v1::EVENT_STATUS_ACCEPTED) return journal_.Acknowledged(sent.root_id);
    rejected_.push_back({sent.row, 0, "", "", "refused by the service: " + result.error().message()});
    ++summary_.rejected;
  }

  struct Sent {
    int64_t row = 0;
    std::string root_id;
  };

  std::shared_ptr<Connection> connection_;
  const ImportRequest& request_;
  const Clock& clock_;
  std::unique_ptr<LoadedMapping> mapping_;
  std::string text_;
  std::unique_ptr<PersonKey> key_;
  ImportJournal journal_;
  event::v1::ConsistencyToken token_before_;
  std::unique_ptr<StoredEvents> lookup_;
  std::unique_ptr<ImportPlan> plan_;
  AffectedFigures figures_;
  ImportSummary summary_;
  std::set<std::string> plants_;
  std::vector<NamedPerson> persons_;
  std::mutex sent_mutex_;
  std::deque<Sent> sent_;
  std::vector<RowError> rejected_;       // by checks, then by results; read after the flush
  std::unique_ptr<EventSender> sender_;  // last: its results use the rest
};

}  // namespace

std::unique_ptr<StoredEvents> InsightStoredEvents(std::shared_ptr<Connection> connection,
                                                  event::v1::ConsistencyToken token) {
  return std::make_unique<InsightLookup>(std::move(connection), std::move(token));
}

Status WaitForFigures(Connection& connection, const event::v1::ConsistencyToken& token,
                      std::chrono::milliseconds timeout) {
  if (token.positions_size() == 0) return OkStatus();
  auto stub = insight::v1::InsightService::NewStub(connection.For("insight"));
  insight::v1::GetFreshnessRequest request;
  *request.mutable_token() = token;
  insight::v1::GetFreshnessResponse response;
  auto until = SystemClock().Monotonic() + timeout;
  while (true) {
    grpc::ClientContext context;
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - SystemClock().Monotonic());
    SetDeadline(context, std::min<std::chrono::milliseconds>(left, std::chrono::seconds(25)));
    grpc::Status status = stub->GetFreshness(&context, request, &response);
    if (status.ok()) return OkStatus();
    if (status.error_code() != grpc::StatusCode::DEADLINE_EXCEEDED || SystemClock().Monotonic() >= until) {
      return FromGrpc(status, "waiting for the figures", connection.AddressOf("insight"));
    }
  }
}

Result<ImportSummary> RunImport(std::shared_ptr<Connection> connection, const ImportRequest& request,
                                const Clock& clock) {
  return Run(std::move(connection), request, clock).Execute();
}

}  // namespace yokoten::cli

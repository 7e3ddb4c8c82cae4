// Running a statement: data in through a pipe, results out through a pipe, both with back-pressure, and
// cancelled when the client leaves.
//
// The engine runs a statement on a thread of its own, because it blocks until the statement is done; the
// request's thread moves the bytes and watches the client.
#include <cerrno>
#include <future>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "warehouse/errors.h"
#include "warehouse/exchange.h"

namespace yokoten::warehouse {
namespace {

constexpr int kPipeBytes = 1 << 20;
constexpr int kWatchMs = 50;  // how often the client's presence is looked at while nothing moves

class Pipe {
 public:
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == 0) {
      read_ = ends[0];
      write_ = ends[1];
      fcntl(write_, F_SETPIPE_SZ, kPipeBytes);  // a wish: the system's limit may be lower
    }
  }
  ~Pipe() {
    CloseRead();
    CloseWrite();
  }
  bool ok() const { return read_ >= 0; }
  int read_fd() const { return read_; }
  int write_fd() const { return write_; }
  void CloseRead() {
    if (read_ >= 0) close(std::exchange(read_, -1));
  }
  void CloseWrite() {
    if (write_ >= 0) close(std::exchange(write_, -1));
  }

 private:
  int read_ = -1;
  int write_ = -1;
};

std::string FdPath(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

std::string_view ContentType(std::string_view format) {
  if (format == "JSONEachRow" || format == "JSONCompactEachRow" || format == "JSONStringsEachRow" ||
      format == "NDJSON" || format == "JSONLines" || format.find("EachRow") != std::string_view::npos) {
    return "application/x-ndjson; charset=UTF-8";
  }
  if (format.starts_with("JSON")) return "application/json; charset=UTF-8";
  if (format.starts_with("TabSeparated") || format.starts_with("TSV"))
    return "text/tab-separated-values; charset=UTF-8";
  if (format == "CSV") return "text/csv; charset=UTF-8; header=absent";
  if (format.starts_with("CSVWithNames")) return "text/csv; charset=UTF-8; header=present";
  if (format == "XML") return "application/xml; charset=UTF-8";
  if (format == "Native" || format.starts_with("RowBinary") || format == "Parquet" || format == "Arrow" ||
      format == "ArrowStream" || format == "ORC" || format == "Avro" || format == "MsgPack" ||
      format == "Npy" || format == "BSONEachRow" || format == "CapnProto" || format == "RawBLOB" ||
      format.starts_with("Protobuf")) {
    return "application/octet-stream";
  }
  return "text/plain; charset=UTF-8";
}

EngineError NoPipe() {
  return MakeError(code::kNetworkError, std::string("Cannot make a pipe: ") + std::strerror(errno));
}

}  // namespace

std::string Exchange::Summary(const QueryStats& stats) const {
  const auto number = [](uint64_t value) { return "\"" + std::to_string(value) + "\""; };
  return "{\"read_rows\":" + number(stats.read_rows) + ",\"read_bytes\":" + number(stats.read_bytes) +
         ",\"written_rows\":" + number(stats.written_rows) +
         ",\"written_bytes\":" + number(stats.written_bytes) +
         ",\"total_rows_to_read\":" + number(stats.read_rows) + ",\"result_rows\":" +
         number(statement_.kind == StatementKind::kInsertWithData ? stats.written_rows : stats.result_rows) +
         ",\"result_bytes\":" +
         number(statement_.kind == StatementKind::kInsertWithData ? stats.written_bytes
                                                                  : stats.result_bytes) +
         ",\"elapsed_ns\":" + number(static_cast<uint64_t>(stats.elapsed_seconds * 1e9)) + "}";
}

EngineError Exchange::Execute(QueryStats* stats) {
  Output::Settings settings;
  settings.hold_back_bytes = shared_.options.response_buffer_bytes;
  if (params_.Has("buffer_size")) {
    const uint64_t wanted = std::strtoull(std::string(Parameter("buffer_size")).c_str(), nullptr, 10);
    settings.hold_back_bytes = std::clamp<uint64_t>(wanted, settings.hold_back_bytes, 64 << 20);
  }
  settings.hold_back_all = Flag("wait_end_of_query") || Flag("http_wait_end_of_query");
  settings.spill_directory = shared_.spill_directory;
  settings.native = Flag("compress");
  if (Flag("enable_http_compression")) {
    settings.coding = http::ChooseCoding(request_.headers.Get("Accept-Encoding"));
    if (settings.coding == http::Coding::kGzip || settings.coding == http::Coding::kDeflate) {
      settings.level = std::atoi(std::string(Parameter("http_zlib_compression_level", "3")).c_str());
    }
  }
  if (statement_.kind != StatementKind::kInsertWithData) {
    const std::string format = statement_.format.empty() ? format_ : statement_.format;
    headers_.Set("X-ClickHouse-Format", format);
    headers_.Set("Content-Type", ContentType(format));
  } else {
    headers_.Set("Content-Type", "text/plain; charset=UTF-8");
  }
  output_ = std::make_unique<Output>(response_, std::move(settings), headers_);
  switch (statement_.kind) {
    case StatementKind::kInsertWithData:
      return ExecuteInsert(stats);
    case StatementKind::kSelect:
      return ExecuteSelect(stats);
    default:
      return ExecuteWhole(stats);
  }
}

// The client did not write the mark and should not read it.
EngineError Exchange::WithoutMark(EngineError error) const {
  for (const std::string& mark : {"\n" + mark_, " " + mark_, mark_}) {
    for (size_t at = error.text.find(mark); at != std::string::npos; at = error.text.find(mark)) {
      error.text.erase(at, mark.size());
    }
  }
  return error;
}

EngineError Exchange::ExecuteSelect(QueryStats* stats) {
  Pipe pipe;
  if (!pipe.ok()) return NoPipe();
  const std::string sql = BuildSelect(text_, statement_, FdPath(pipe.write_fd()), format_, mark_);
  QueryOutcome outcome;
  std::thread runner([&] {
    outcome = connection_->Query(sql);
    pipe.CloseWrite();
  });
  EngineError failure;
  bool killed = false;
  std::string buffer(1 << 18, '\0');
  for (;;) {
    pollfd wait{pipe.read_fd(), POLLIN, 0};
    const int ready = poll(&wait, 1, kWatchMs);
    if (ready < 0 && errno != EINTR) break;
    if (!killed && (response_->client_gone() || failure.code != 0)) {
      // Tried again until the engine knows the statement: it may not have begun.
      killed = shared_.engine->Kill(mark_);
    }
    if (ready <= 0) continue;
    const ssize_t count = read(pipe.read_fd(), buffer.data(), buffer.size());
    if (count == 0) break;
    if (count < 0 && errno != EINTR && errno != EAGAIN) break;
    if (count <= 0 || failure.code != 0) continue;
    if (const Status status = output_->Write({buffer.data(), static_cast<size_t>(count)}); !status.ok()) {
      failure = MakeError(status.code() == StatusCode::kResourceExhausted ? code::kTooManySimultaneousQueries
                                                                          : code::kQueryWasCancelled,
                          Message(status));
    }
  }
  runner.join();
  if (failure.code != 0) return failure;
  if (!outcome.ok()) return WithoutMark(outcome.error);
  *stats = outcome.stats;
  return {};
}

EngineError Exchange::ExecuteWhole(QueryStats* stats) {
  std::string sql = statement_.kind == StatementKind::kKill ? RewriteKill() : text_;
  // Blanks, a semicolon or a comment without line end may stand at the end.
  while (!sql.empty() && (std::isspace(static_cast<unsigned char>(sql.back())) || sql.back() == ';'))
    sql.pop_back();
  sql += "\n" + mark_;
  const bool cancellable =
      statement_.kind == StatementKind::kReadOther || statement_.kind == StatementKind::kInsertSelect;
  std::promise<QueryOutcome> promise;
  std::future<QueryOutcome> future = promise.get_future();
  std::thread runner([&] { promise.set_value(connection_->Query(sql, format_)); });
  bool killed = false;
  while (future.wait_for(std::chrono::milliseconds(kWatchMs)) != std::future_status::ready) {
    // A stop breaks the connections of what does not finish in time.
    if ((cancellable || shared_.stopping) && !killed && response_->client_gone())
      killed = shared_.engine->Kill(mark_);
  }
  runner.join();
  const QueryOutcome outcome = future.get();
  if (!outcome.ok()) return WithoutMark(outcome.error);
  if (const Status status = output_->Write(outcome.data); !status.ok()) {
    return MakeError(code::kNetworkError, Message(status));
  }
  *stats = outcome.stats;
  return {};
}

// The engine gives statements ids of its own; clients know theirs.
std::string Exchange::RewriteKill() const {
  std::string sql;
  size_t copied = 0;
  for (const Token& token : Tokenize(text_)) {
    if (token.kind != TokenKind::kString) continue;
    const std::string mark =
        shared_.running.MarkOf(Unquote(std::string_view(text_).substr(token.begin, token.end - token.begin)));
    if (mark.empty()) continue;
    const std::string id = shared_.engine->FindQueryId(mark);
    if (id.empty()) continue;
    sql.append(text_, copied, token.begin - copied);
    sql.append(QuoteString(id));
    copied = token.end;
  }
  sql.append(text_, copied, std::string::npos);
  return sql;
}

EngineError Exchange::ExecuteInsert(QueryStats* stats) {
  Pipe pipe;
  if (!pipe.ok()) return NoPipe();
  const std::string sql = BuildInsert(text_, statement_, FdPath(pipe.read_fd()), mark_);
  QueryOutcome outcome;
  std::promise<void> promise;
  const std::future<void> done = promise.get_future();
  std::atomic<bool> finished = false;
  std::thread runner([&] {
    outcome = connection_->Query(sql);
    finished = true;
    promise.set_value();
  });
  fcntl(pipe.write_fd(), F_SETFL, O_NONBLOCK);

  EngineError failure;
  std::string data = text_.substr(statement_.data_begin);
  text_.clear();
  while (!finished && failure.code == 0) {
    std::string_view rest = data;
    while (!rest.empty() && !finished) {
      const ssize_t count = write(pipe.write_fd(), rest.data(), rest.size());
      if (count > 0) {
        rest.remove_prefix(static_cast<size_t>(count));
      } else if (errno == EAGAIN) {
        pollfd wait{pipe.write_fd(), POLLOUT, 0};
        (void)poll(&wait, 1, kWatchMs);
      } else if (errno != EINTR) {
        break;
      }
    }
    data.clear();
    if (finished) break;
    const auto more = body_->Read(&data);
    if (!more.ok()) {
      failure = BodyError(more.status());
    } else if (!*more) {
      break;
    }
  }
  if (failure.code != 0) {
    // The end of the pipe would pass for the end of the data, and half a body would be inserted as a whole:
    // so the statement must be cancelled before the pipe ends.
    while (!finished && !shared_.engine->Kill(mark_)) {
      (void)done.wait_for(std::chrono::milliseconds(2));
    }
  }
  pipe.CloseWrite();
  while (done.wait_for(std::chrono::milliseconds(kWatchMs)) != std::future_status::ready) {
    if (shared_.stopping && response_->client_gone()) (void)shared_.engine->Kill(mark_);
  }
  runner.join();
  if (failure.code != 0) return failure;
  if (!outcome.ok()) return WithoutMark(outcome.error);
  *stats = outcome.stats;
  return {};
}

}  // namespace yokoten::warehouse

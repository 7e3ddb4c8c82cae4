// dlopen of libchdb, its configuration, and connections.
#include "warehouse/engine.h"

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <vector>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "warehouse/sql.h"

namespace yokoten::warehouse {

// The part of libchdb's C interface that is used. Results and connections are opaque.
struct ChdbApi {
  void** (*connect)(int argc, char** argv) = nullptr;
  void (*close)(void** connection) = nullptr;
  void* (*query)(void* connection, const char* sql, size_t sql_size, const char* format,
                 size_t format_size) = nullptr;
  void (*destroy_result)(void* result) = nullptr;
  char* (*buffer)(void* result) = nullptr;
  size_t (*length)(void* result) = nullptr;
  double (*elapsed)(void* result) = nullptr;
  uint64_t (*rows)(void* result) = nullptr;
  uint64_t (*bytes)(void* result) = nullptr;
  uint64_t (*rows_written)(void* result) = nullptr;
  uint64_t (*bytes_written)(void* result) = nullptr;
  uint64_t (*storage_rows)(void* result) = nullptr;
  uint64_t (*storage_bytes)(void* result) = nullptr;
  const char* (*error)(void* result) = nullptr;
  void (*set_signal_handlers)(int enabled) = nullptr;
};

namespace {

template <typename F>
Status Bind(void* library, const char* name, F* function) {
  *function = reinterpret_cast<F>(dlsym(library, name));
  if (*function != nullptr) return OkStatus();
  return FailedPrecondition(std::string("libchdb has no ") + name +
                            "; install the version this release was made for (see docs/warehouse.md).");
}

Result<std::shared_ptr<const ChdbApi>> Load(const std::string& path) {
  if (path.empty()) {
    return FailedPrecondition(
        "The path of libchdb.so is not set; run deploy/install-deps, or set libchdb_path.");
  }
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = dlerror();
    return FailedPrecondition("Cannot load the ClickHouse engine from '" + path +
                              "': " + (reason != nullptr ? reason : "unknown reason") +
                              ". Run deploy/install-deps, or set the path of libchdb.so.");
  }
  auto api = std::make_shared<ChdbApi>();
  YK_RETURN_IF_ERROR(Bind(library, "chdb_connect", &api->connect));
  YK_RETURN_IF_ERROR(Bind(library, "chdb_close_conn", &api->close));
  YK_RETURN_IF_ERROR(Bind(library, "chdb_query_n", &api->query));
  YK_RETURN_IF_ERROR(Bind(library, "chdb_destroy_query_result", &api->destroy_result));
  YK_RETURN_IF_ERROR(Bind(library, "chdb_result_buffer", &api->buffer));
  YK_RETURN_IF_ERROR(Bind(library, "chdb_result_length", &api->length));
  YK_RETURN_IF_ERROR(Bind(library, "chdb_result_elapsed", &api->elapsed));
  YK_RETURN_IF_ERROR(Bind(library, "chdb_result_rows_read", &api->rows));
  YK_RETURN_IF_ERROR(Bind(library, "chdb_result_bytes_read", &api->bytes));
  YK_RETURN_IF_ERROR(Bind(library, "chdb_result_rows_written", &api->rows_written));
  YK_RETURN_IF_ERROR(Bind(library, "chdb_result_bytes_written", &api->bytes_written));
  YK_RETURN_IF_ERROR(Bind(library, "chdb_result_storage_rows_read", &api->storage_rows));
  YK_RETURN_IF_ERROR(Bind(library, "chdb_result_storage_bytes_read", &api->storage_bytes));
  YK_RETURN_IF_ERROR(Bind(library, "chdb_result_error", &api->error));
  YK_RETURN_IF_ERROR(Bind(library, "chdb_set_signal_handlers_enabled", &api->set_signal_handlers));
  return std::shared_ptr<const ChdbApi>(std::move(api));
}

std::string XmlEscape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

// What keeps an idle engine small: few pool threads, small caches. Pools of the replicated and distributed
// engines, which the library does not have, are at their minimum.
std::string ConfigXml(const EngineOptions& options) {
  std::string xml = "<clickhouse>\n";
  const auto put = [&xml](std::string_view name, std::string_view value) {
    xml += "  <" + std::string(name) + ">" + XmlEscape(value) + "</" + std::string(name) + ">\n";
  };
  if (options.memory_limit_bytes > 0)
    put("max_server_memory_usage", std::to_string(options.memory_limit_bytes));
  put("mark_cache_size", std::to_string(options.mark_cache_bytes));
  put("uncompressed_cache_size", std::to_string(options.uncompressed_cache_bytes));
  put("index_mark_cache_size", "8388608");
  put("index_uncompressed_cache_size", "0");
  put("mmap_cache_size", "100");
  put("compiled_expression_cache_size", "16777216");
  put("query_cache.max_size_in_bytes", "0");
  put("background_pool_size", std::to_string(options.merge_threads));
  put("background_merges_mutations_concurrency_ratio", "2");
  put("background_common_pool_size", "2");
  put("background_move_pool_size", "1");
  put("background_fetches_pool_size", "1");
  put("background_schedule_pool_size", "4");
  put("background_buffer_flush_schedule_pool_size", "1");
  put("background_message_broker_schedule_pool_size", "1");
  put("background_distributed_schedule_pool_size", "1");
  put("tables_loader_foreground_pool_size", "2");
  put("tables_loader_background_pool_size", "2");
  put("max_thread_pool_free_size", "16");
  xml += "  <storage_configuration><disks><default><keep_free_space_bytes>" +
         std::to_string(options.keep_free_bytes) +
         "</keep_free_space_bytes></default></disks></storage_configuration>\n";
  if (!options.backup_path.empty())
    xml += "  <backups><allowed_path>" + XmlEscape(options.backup_path) + "</allowed_path></backups>\n";
  // A merge tree's own log of background work would otherwise keep megabytes of history.
  xml +=
      "  "
      "<merge_tree><number_of_free_entries_in_pool_to_lower_max_size_of_merge>1</"
      "number_of_free_entries_in_pool_to_lower_max_size_of_merge>"
      "<number_of_free_entries_in_pool_to_execute_mutation>1</"
      "number_of_free_entries_in_pool_to_execute_mutation>"
      "<number_of_free_entries_in_pool_to_execute_optimize_entire_partition>1</"
      "number_of_free_entries_in_pool_to_execute_optimize_entire_partition>"
      "</merge_tree>\n";
  xml += "</clickhouse>\n";
  return xml;
}

// "Code: 60. DB::Exception: text (NAME)". The library wraps some errors two or three times over; once is
// enough.
EngineError ParseError(std::string text) {
  EngineError error;
  static constexpr std::string_view kPrefix = "Code: ";
  static constexpr std::string_view kMarker = ". DB::Exception: ";
  for (;;) {
    const size_t marker = text.find(kMarker);
    if (text.compare(0, kPrefix.size(), kPrefix) != 0 || marker == std::string::npos || marker > 16) break;
    error.code = std::atoi(text.c_str() + kPrefix.size());
    const std::string head = text.substr(0, marker + kMarker.size());
    if (text.compare(head.size(), head.size(), head) != 0) break;
    // Unwrap: drop one head, and the outer " (version ..). (NAME)" at the end.
    text.erase(0, head.size());
    const size_t version = text.rfind(" (version ");
    if (version != std::string::npos) {
      size_t close = text.find(')', version);
      if (close != std::string::npos) {
        std::string tail = text.substr(close + 1);
        const size_t name = tail.find(" (");
        text.erase(version);
        // The inner error's name may stand before a remark of the outer one: "(NAME): While executing X."
        if (text.empty() || text.back() != ')') {
          if (name != std::string::npos) text += tail.substr(name);
        }
      }
    }
  }
  if (error.code == 0)
    error.code = 1001;  // STD_EXCEPTION: the engine always gives a code; this is from below it
  error.text = std::move(text);
  return error;
}

}  // namespace

struct Engine::Impl {
  std::shared_ptr<const ChdbApi> api;
  EngineOptions options;
  std::string config_file;
  int lock_fd = -1;
  std::string version;
  std::string timezone;
  std::mutex admin_mutex;
  std::unique_ptr<Connection> admin;  // guarded by admin_mutex
};

Connection::~Connection() { api_->close(handle_); }

QueryOutcome Connection::Query(std::string_view sql, std::string_view format) {
  QueryOutcome outcome;
  void* result = api_->query(*handle_, sql.data(), sql.size(), format.data(), format.size());
  if (result == nullptr) {
    outcome.error = {1001, "Code: 1001. DB::Exception: The engine gave no result. (STD_EXCEPTION)"};
    return outcome;
  }
  if (const char* error = api_->error(result)) {
    // The counters of a failed statement are not initialised.
    outcome.error = ParseError(error);
  } else {
    outcome.data.assign(api_->buffer(result) != nullptr ? api_->buffer(result) : "", api_->length(result));
    outcome.stats.elapsed_seconds = api_->elapsed(result);
    outcome.stats.result_rows = api_->rows(result);
    outcome.stats.result_bytes = api_->bytes(result);
    outcome.stats.written_rows = api_->rows_written(result);
    outcome.stats.written_bytes = api_->bytes_written(result);
    outcome.stats.read_rows = api_->storage_rows(result);
    outcome.stats.read_bytes = api_->storage_bytes(result);
  }
  api_->destroy_result(result);
  return outcome;
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Engine::~Engine() {
  impl_->admin.reset();  // the last connection: leaving with one open crashes the process
  if (impl_->lock_fd >= 0) close(impl_->lock_fd);
}

Result<std::unique_ptr<Engine>> Engine::Open(const EngineOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  YK_ASSIGN_OR_RETURN(impl->api, Load(options.library_path));

  std::error_code ec;
  std::filesystem::create_directories(options.data_path, ec);
  if (ec) {
    return FailedPrecondition("Cannot make the warehouse's data directory '" + options.data_path +
                              "': " + ec.message() + ". Choose a directory this user may write.");
  }
  const std::string lock_path = options.data_path + "/warehouse.lock";
  impl->lock_fd = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (impl->lock_fd < 0 || flock(impl->lock_fd, LOCK_EX | LOCK_NB) != 0) {
    const int reason = errno;
    if (impl->lock_fd >= 0) close(std::exchange(impl->lock_fd, -1));
    return FailedPrecondition("Cannot lock '" + lock_path + "': " + std::strerror(reason) +
                              ". Another warehouse process may be using this data directory; stop it first.");
  }
  impl->config_file = options.data_path + "/engine.xml";
  {
    std::ofstream config(impl->config_file, std::ios::trunc);
    config << ConfigXml(options);
    if (!config.flush()) {
      close(std::exchange(impl->lock_fd, -1));
      return FailedPrecondition("Cannot write '" + impl->config_file +
                                "'; check the disk and its permissions.");
    }
  }
  // Broken pipes are ordinary here: clients and statements end early.
  std::signal(SIGPIPE, SIG_IGN);
  impl->api->set_signal_handlers(0);

  auto engine = std::unique_ptr<Engine>(new Engine(std::move(impl)));
  YK_ASSIGN_OR_RETURN(auto admin, engine->Connect());
  const QueryOutcome about = admin->Query("SELECT version(), timezone()");
  if (!about.ok()) {
    return Internal("The ClickHouse engine did not answer its first query: " + about.error.text);
  }
  const size_t tab = about.data.find('\t');
  engine->impl_->version = about.data.substr(0, tab);
  engine->impl_->timezone = about.data.substr(tab + 1, about.data.size() - tab - 2);
  engine->impl_->admin = std::move(admin);
  return engine;
}

Result<std::unique_ptr<Connection>> Engine::Connect() {
  std::vector<std::string> args = {"clickhouse", "--path=" + impl_->options.data_path,
                                   "--config-file=" + impl_->config_file};
  std::vector<char*> argv;
  for (std::string& arg : args) argv.push_back(arg.data());
  void** handle = impl_->api->connect(static_cast<int>(argv.size()), argv.data());
  if (handle == nullptr || *handle == nullptr) {
    return Internal("The ClickHouse engine cannot open '" + impl_->options.data_path +
                    "'; see its files there, and whether another process uses them.");
  }
  return std::unique_ptr<Connection>(new Connection(impl_->api, handle));
}

namespace {
// Written so that the statement that asks does not contain the mark itself.
std::string ContainsMark(std::string_view mark) {
  const size_t half = mark.size() / 2;
  return "position(query, concat(" + QuoteString(mark.substr(0, half)) + ", " +
         QuoteString(mark.substr(half)) + ")) > 0";
}
}  // namespace

bool Engine::Kill(std::string_view mark) {
  std::lock_guard lock(impl_->admin_mutex);
  const QueryOutcome outcome = impl_->admin->Query("KILL QUERY WHERE " + ContainsMark(mark) + " ASYNC");
  return outcome.ok() && !outcome.data.empty();
}

std::string Engine::FindQueryId(std::string_view mark) {
  std::lock_guard lock(impl_->admin_mutex);
  const QueryOutcome outcome =
      impl_->admin->Query("SELECT query_id FROM system.processes WHERE " + ContainsMark(mark));
  const size_t end = outcome.data.find('\n');
  return end == std::string::npos ? std::string() : outcome.data.substr(0, end);
}

void Engine::ReleaseMemory() {
  std::lock_guard lock(impl_->admin_mutex);
  (void)impl_->admin->Query("SYSTEM JEMALLOC PURGE");
}

const std::string& Engine::version() const { return impl_->version; }
const std::string& Engine::timezone() const { return impl_->timezone; }

}  // namespace yokoten::warehouse

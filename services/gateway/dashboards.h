// The built dashboards as static files: only what was in the folder at the start is served, from memory, so
// no request's path ever reaches the file system.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "http/server.h"

namespace yokoten::gateway {

// Immutable; any thread.
class Dashboards {
 public:
  // Reads the folder. An empty path gives a page that says where the API is. NotFound: no folder, or no
  // index.html in it. Files over 32 MiB are refused (FailedPrecondition).
  static Result<std::unique_ptr<Dashboards>> Load(const std::string& path);

  // GET and HEAD of a file; any other path without a dot in its last step gets index.html (the pages' own
  // routes).
  void Handle(const http::Request& request, const std::shared_ptr<http::Response>& response) const;

 private:
  struct File {
    std::string body;
    std::string gzip;    // empty: not worth it
    std::string brotli;  // only if a .br file lies beside it
    std::string content_type;
    std::string etag;
    bool immutable = false;  // its name carries a hash of its content
  };
  static File Make(std::string_view name, std::string body);
  void SendFile(const File& file, const http::Request& request,
                const std::shared_ptr<http::Response>& response) const;

  std::map<std::string, File, std::less<>> files_;  // by path from the root, "/assets/index-3f9a.js"
};

}  // namespace yokoten::gateway

// See dashboards.h.
#include "gateway/dashboards.h"

#include <array>
#include <fstream>
#include <iterator>
#include <system_error>

#include <openssl/sha.h>

#include "http/compression.h"

namespace yokoten::gateway {

namespace {

constexpr uintmax_t kFileBytesMax = 32u << 20;
constexpr size_t kCompressBytesMin = 1024;

// Everything from our own origin; styles inline because charts set them on elements.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";

struct Type {
  std::string_view extension;
  std::string_view content_type;
  bool text;
};

constexpr std::array<Type, 22> kTypes = {{
    {".html", "text/html; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".mjs", "text/javascript; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".json", "application/json", true},
    {".map", "application/json", true},
    {".webmanifest", "application/manifest+json", true},
    {".svg", "image/svg+xml", true},
    {".txt", "text/plain; charset=utf-8", true},
    {".xml", "application/xml", true},
    {".csv", "text/csv; charset=utf-8", true},
    {".md", "text/markdown; charset=utf-8", true},
    {".wasm", "application/wasm", true},
    {".png", "image/png", false},
    {".jpg", "image/jpeg", false},
    {".jpeg", "image/jpeg", false},
    {".gif", "image/gif", false},
    {".webp", "image/webp", false},
    {".avif", "image/avif", false},
    {".ico", "image/x-icon", false},
    {".woff2", "font/woff2", false},
    {".woff", "font/woff", false},
}};

constexpr std::string_view kNoDashboards = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Yokoten</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;color:#1b1f24;
background:#fff}code{background:#eef1f4;padding:.1em .3em;border-radius:3px}
@media(prefers-color-scheme:dark){body{color:#e6e8eb;background:#14171a}code{background:#252a30}a{color:#7db4ff}}
</style></head><body>
<h1>Yokoten 横展</h1>
<p>The gateway runs. The dashboards are not installed: set <code>gateway.dashboards_path</code> to the folder of the
built dashboards.</p>
<p lang="zh">网关正在运行，但未安装看板：请将 <code>gateway.dashboards_path</code> 设为已构建看板所在的目录。</p>
<ul><li><a href="/v1/openapi.json">/v1/openapi.json</a> describes the API</li>
<li><a href="/readyz">/readyz</a> says what is ready</li></ul>
</body></html>
)";

const Type* TypeOf(std::string_view name) {
  for (const Type& type : kTypes) {
    if (name.size() > type.extension.size() &&
        name.substr(name.size() - type.extension.size()) == type.extension) {
      return &type;
    }
  }
  return nullptr;
}

// Vite's names, "index-D3x9_a-c.js" in assets/: a dash and eight characters, which may be dashes too.
bool HasHash(std::string_view name) {
  constexpr size_t kHash = 8;
  if (name.find("/assets/") == std::string_view::npos) return false;
  const std::string_view file = name.substr(name.rfind('/') + 1);
  const size_t dot = file.find('.');
  return dot != std::string_view::npos && dot > kHash + 1 && file[dot - kHash - 1] == '-';
}

std::string Etag(std::string_view body) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest.data());
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (size_t i = 0; i < 12; ++i) {
    out.push_back(kHex[digest[i] >> 4]);
    out.push_back(kHex[digest[i] & 15]);
  }
  return out + '"';
}

// If-None-Match: a list of tags, perhaps weak, or *.
bool Matches(std::string_view wanted, std::string_view etag) {
  return !wanted.empty() && (wanted == "*" || wanted.find(etag) != std::string_view::npos);
}

Result<std::string> ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string body((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in.good() && !in.eof()) return Unavailable("Cannot read " + path.string() + ".");
  return body;
}

}  // namespace

Dashboards::File Dashboards::Make(std::string_view name, std::string body) {
  File file;
  const Type* type = TypeOf(name);
  file.content_type = type == nullptr ? "application/octet-stream" : type->content_type;
  file.etag = Etag(body);
  file.immutable = HasHash(name);
  if (type != nullptr && type->text && body.size() >= kCompressBytesMin) {
    if (Result<std::string> packed = http::Compress(http::Coding::kGzip, body, 9);
        packed.ok() && packed->size() < body.size()) {
      file.gzip = *std::move(packed);
    }
  }
  file.body = std::move(body);
  return file;
}

Result<std::unique_ptr<Dashboards>> Dashboards::Load(const std::string& path) {
  std::unique_ptr<Dashboards> out(new Dashboards());
  if (path.empty()) {
    out->files_.emplace("/index.html", Make("/index.html", std::string(kNoDashboards)));
    return out;
  }
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path root(path);
  for (fs::recursive_directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
    const fs::path& file = it->path();
    const std::string name = "/" + file.lexically_relative(root).generic_string();
    if (!it->is_regular_file(error) || file.filename().string().front() == '.') continue;
    if (it->file_size(error) > kFileBytesMax) {
      return FailedPrecondition(file.string() +
                                " is larger than 32 MiB: gateway.dashboards_path must be the folder of "
                                "the built dashboards.");
    }
    if (file.extension() == ".br" || file.extension() == ".gz") continue;
    YK_ASSIGN_OR_RETURN(std::string body, ReadFile(file));
    File made = Make(name, std::move(body));
    if (fs::path brotli = file.string() + ".br"; fs::exists(brotli, error)) {
      YK_ASSIGN_OR_RETURN(made.brotli, ReadFile(brotli));
    }
    out->files_.emplace(name, std::move(made));
  }
  if (error) return NotFound("gateway.dashboards_path: cannot read " + path + " (" + error.message() + ").");
  if (out->files_.count("/index.html") == 0) {
    return NotFound("gateway.dashboards_path: there is no index.html in " + path +
                    "; build the dashboards first.");
  }
  return out;
}

void Dashboards::Handle(const http::Request& request, const std::shared_ptr<http::Response>& response) const {
  if (request.method != "GET" && request.method != "HEAD") {
    response
        ->Send(405, {{"Allow", "GET, HEAD"}, {"Content-Type", "text/plain; charset=utf-8"}},
               "Only GET and HEAD are answered here.\n")
        .IgnoreError();
    return;
  }
  auto found = files_.find(request.path);
  const std::string_view last = std::string_view(request.path).substr(request.path.rfind('/') + 1);
  if (found == files_.end() && last.find('.') == std::string_view::npos) found = files_.find("/index.html");
  if (found == files_.end()) {
    response->Send(404, {{"Content-Type", "text/plain; charset=utf-8"}}, "There is no such page.\n")
        .IgnoreError();
    return;
  }
  SendFile(found->second, request, response);
}

void Dashboards::SendFile(const File& file, const http::Request& request,
                          const std::shared_ptr<http::Response>& response) const {
  http::Headers headers{
      {"Content-Type", file.content_type},
      {"ETag", file.etag},
      {"Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Vary", "Accept-Encoding"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "same-origin"},
      {"Content-Security-Policy", std::string(kContentSecurityPolicy)},
  };
  if (Matches(request.headers.Get("If-None-Match"), file.etag)) {
    response->Send(304, headers, "").IgnoreError();
    return;
  }
  const std::string* body = &file.body;
  if (!file.brotli.empty() && request.headers.HasToken("Accept-Encoding", "br")) {
    headers.Set("Content-Encoding", "br");
    body = &file.brotli;
  } else if (!file.gzip.empty() &&
             http::ChooseBrowserCoding(request.headers.Get("Accept-Encoding")) == http::Coding::kGzip) {
    headers.Set("Content-Encoding", "gzip");
    body = &file.gzip;
  }
  response->Send(200, headers, *body).IgnoreError();
}

}  // namespace yokoten::gateway

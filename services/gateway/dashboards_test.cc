// Static files: what is in the folder and nothing else, with the headers browsers need.
#include "gateway/dashboards.h"

#include <fstream>

#include <gtest/gtest.h>
#include <stdlib.h>

namespace yokoten::gateway {
namespace {

namespace fs = std::filesystem;

class FakeRequest final : public http::Request {
 public:
  Result<size_t> Read(char*, size_t) override { return size_t{0}; }
};

struct Sent {
  int status = 0;
  http::Headers headers;
  std::string body;
};

class FakeResponse final : public http::Response {
 public:
  Status Send(int status, const http::Headers& headers, std::string body) override {
    sent = {status, headers, std::move(body)};
    return OkStatus();
  }
  Status Begin(int, const http::Headers&) override { return Unimplemented("no"); }
  Status Write(std::string_view) override { return Unimplemented("no"); }
  Status Offer(std::string_view) override { return Unimplemented("no"); }
  Status End() override { return Unimplemented("no"); }
  Status EndIncomplete() override { return Unimplemented("no"); }
  void Abort() override {}
  bool started() const override { return sent.status != 0; }
  bool client_gone() const override { return false; }
  void OnClientGone(std::function<void()>) override {}

  Sent sent;
};

class DashboardsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "dashboards-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = fs::path(pattern) / "dist";
    Put("index.html", "<!doctype html>home");
    Put("assets/index-D3x9_aBc.js", "console.log(1);" + std::string(4000, ' '));
    Put("assets/index-D3x9_aBc.js.br", "brotli bytes");
    Put("assets/index-BMS5fG-K.css", "p{}");
    Put("assets/notes-about.css", "p{}");
    Put("favicon.ico", "icon");
    Put(".hidden", "secret");
    std::ofstream(root_.parent_path() / "secret.txt") << "secret";
    auto loaded = Dashboards::Load(root_.string());
    ASSERT_TRUE(loaded.ok()) << Message(loaded.status());
    dashboards_ = *std::move(loaded);
  }
  void TearDown() override { fs::remove_all(root_.parent_path()); }

  void Put(const std::string& name, const std::string& body) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << body;
  }
  Sent Get(const std::string& path, http::Headers headers = {}, const std::string& method = "GET") {
    FakeRequest request;
    request.method = method;
    request.path = path;
    request.headers = std::move(headers);
    auto response = std::make_shared<FakeResponse>();
    dashboards_->Handle(request, response);
    return response->sent;
  }

  fs::path root_;
  std::unique_ptr<Dashboards> dashboards_;
};

TEST_F(DashboardsTest, PagesOfTheAppGetItsIndex) {
  for (const char* path : {"/", "/index.html", "/plants/PL1/board", "/sites"}) {
    const Sent sent = Get(path);
    EXPECT_EQ(sent.status, 200) << path;
    EXPECT_EQ(sent.body, "<!doctype html>home") << path;
    EXPECT_EQ(sent.headers.Get("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(sent.headers.Get("Cache-Control"), "no-cache");
    EXPECT_NE(sent.headers.Get("Content-Security-Policy").find("default-src 'self'"), std::string_view::npos);
  }
}

TEST_F(DashboardsTest, HashedAssetsMayBeKeptForEver) {
  const Sent sent = Get("/assets/index-D3x9_aBc.js");
  EXPECT_EQ(sent.status, 200);
  EXPECT_EQ(sent.headers.Get("Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_NE(sent.headers.Get("Cache-Control").find("immutable"), std::string_view::npos);
  EXPECT_NE(Get("/assets/index-BMS5fG-K.css").headers.Get("Cache-Control").find("immutable"),
            std::string_view::npos);
  EXPECT_EQ(Get("/assets/notes-about.css").headers.Get("Cache-Control"), "no-cache");
  EXPECT_EQ(Get("/favicon.ico").headers.Get("Cache-Control"), "no-cache");
}

TEST_F(DashboardsTest, CompressedFormsAreSentToThoseWhoTakeThem) {
  const Sent brotli = Get("/assets/index-D3x9_aBc.js", {{"Accept-Encoding", "gzip, br"}});
  EXPECT_EQ(brotli.headers.Get("Content-Encoding"), "br");
  EXPECT_EQ(brotli.body, "brotli bytes");
  const Sent gzip = Get("/assets/index-D3x9_aBc.js", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(gzip.headers.Get("Content-Encoding"), "gzip");
  EXPECT_LT(gzip.body.size(), 1000u);
  EXPECT_FALSE(Get("/assets/index-D3x9_aBc.js").headers.Has("Content-Encoding"));
}

TEST_F(DashboardsTest, AnUnchangedFileIsNotSentAgain) {
  const std::string etag(Get("/favicon.ico").headers.Get("ETag"));
  EXPECT_EQ(Get("/favicon.ico", {{"If-None-Match", etag}}).status, 304);
  EXPECT_EQ(Get("/favicon.ico", {{"If-None-Match", "W/" + etag + ", \"x\""}}).status, 304);
  EXPECT_EQ(Get("/favicon.ico", {{"If-None-Match", "\"x\""}}).status, 200);
}

TEST_F(DashboardsTest, NothingOutsideTheFolderIsReachable) {
  for (const char* path : {"/../secret.txt", "/assets/../../secret.txt", "//secret.txt", "/.hidden",
                           "/missing.js", "/assets/index-D3x9_aBc.js.br", "/..%2fsecret.txt"}) {
    EXPECT_EQ(Get(path).status, 404) << path;
  }
  EXPECT_EQ(Get("/", {}, "POST").status, 405);
}

TEST_F(DashboardsTest, AFolderWithoutDashboardsIsRefusedAndNoneGivesAPage) {
  fs::remove(root_ / "index.html");
  EXPECT_EQ(Dashboards::Load(root_.string()).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(Dashboards::Load((root_ / "no").string()).status().code(), StatusCode::kNotFound);
  auto none = Dashboards::Load("");
  ASSERT_TRUE(none.ok());
  dashboards_ = *std::move(none);
  EXPECT_NE(Get("/").body.find("gateway.dashboards_path"), std::string::npos);
}

}  // namespace
}  // namespace yokoten::gateway

// The official Connect clients, unmodified, against a running gateway (tests/clients/connect).
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "gateway_world.h"
#include "google/rpc/error_details.pb.h"

namespace yokoten::gateway {
namespace {

namespace fs = std::filesystem;
using google::protobuf::FileDescriptor;

void Collect(const FileDescriptor* file, std::set<const FileDescriptor*>* seen,
             google::protobuf::FileDescriptorSet* out) {
  if (!seen->insert(file).second) return;
  for (int i = 0; i < file->dependency_count(); ++i) Collect(file->dependency(i), seen, out);
  auto* copy = out->add_file();
  file->CopyTo(copy);
  file->CopyJsonNameTo(copy);
}

TEST(GatewayClients, TheOfficialConnectClientsWorkUnmodified) {
  const fs::path root(YOKOTEN_SOURCE_FOLDER);
  const fs::path modules = root / "dashboards/web/node_modules";
  if (!fs::exists(modules / "@connectrpc/connect-node")) {
    FAIL() << "run `npm ci` in dashboards/web: " << modules << " has no Connect client";
  }
  World world;
  google::protobuf::FileDescriptorSet files;
  std::set<const FileDescriptor*> seen;
  Collect(insight::v1::GetKpiSeriesRequest::descriptor()->file(), &seen, &files);
  Collect(training::v1::IngestEventsRequest::descriptor()->file(), &seen, &files);
  Collect(google::rpc::ErrorInfo::descriptor()->file(), &seen, &files);
  std::string folder = (fs::temp_directory_path() / "connect-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const fs::path descriptors = fs::path(folder) / "descriptors.binpb";
  std::ofstream(descriptors, std::ios::binary) << files.SerializeAsString();
  const std::string command = "node " + (root / "tests/clients/connect/check.mjs").string() + " " +
                              world.url + " " + descriptors.string() + " " + modules.string() + " > " +
                              folder + "/out 2>&1";
  const int status = std::system(command.c_str());
  std::ifstream out(folder + "/out");
  const std::string text((std::istreambuf_iterator<char>(out)), std::istreambuf_iterator<char>());
  fs::remove_all(folder);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << text;
  EXPECT_NE(text.find("ok      connect-web json: stream the caller leaves"), std::string::npos) << text;
}

}  // namespace
}  // namespace yokoten::gateway

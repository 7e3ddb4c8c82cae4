// The OpenAPI document is valid JSON and holds every method, event and rule.
#include "gateway/openapi.h"

#include <set>

#include <gtest/gtest.h>

#include "gateway/json_reader.h"

namespace yokoten::gateway {
namespace {

TEST(OpenApi, HoldsEveryMethodEventAndReference) {
  const auto catalog = Catalog::Make({}, "127.0.0.1:1");
  ASSERT_TRUE(catalog.ok());
  const std::string document = OpenApiDocument(**catalog, Limits{});
  JsonReader reader(document);
  ASSERT_TRUE(reader.SkipValue() && reader.AtEnd()) << reader.error() << " at " << reader.offset();
  for (const Service& service : (*catalog)->services()) {
    for (const Method& method : service.methods) {
      const bool shown = document.find("\"" + method.path + "\":{\"post\"") != std::string::npos;
      EXPECT_EQ(shown, !method.descriptor->client_streaming()) << method.path;
    }
  }
  for (const events::EventType& type : events::Registry::Linked().types()) {
    EXPECT_NE(document.find("\"" + type.full_name + "\":{\"type\":\"object\""), std::string::npos)
        << type.full_name;
  }
  const std::string_view kRef = "\"$ref\":\"#/components/schemas/";
  std::set<std::string> references;
  for (size_t at = document.find(kRef); at != std::string::npos; at = document.find(kRef, at + 1)) {
    const size_t begin = at + kRef.size();
    references.insert(document.substr(begin, document.find('"', begin) - begin));
  }
  EXPECT_GT(references.size(), 50u);
  for (const std::string& name : references) {
    EXPECT_NE(document.find("\"" + name + "\":{\"type\""), std::string::npos) << name;
  }
  // A rule of the protos.
  EXPECT_NE(
      document.find("\"minutes\":{\"type\":\"integer\",\"format\":\"int32\",\"minimum\":0,\"maximum\":2400}"),
      std::string::npos);
}

TEST(Catalog, BackendsAreFoundByTarget) {
  const auto catalog =
      Catalog::Make({{"training", "127.0.0.1:2"}, {"insight", "127.0.0.1:3"}}, "127.0.0.1:1");
  ASSERT_TRUE(catalog.ok());
  const auto address = [&](const char* path) { return (*catalog)->Find(path)->backend->address; };
  EXPECT_EQ(address("/yokoten.training.v1.TrainingIngestService/IngestEvents"), "127.0.0.1:2");
  EXPECT_EQ(address("/yokoten.safety.v1.SafetyIngestService/IngestEvents"), "127.0.0.1:1");
  EXPECT_EQ(address("/yokoten.insight.v1.InsightService/ListKpis"), "127.0.0.1:3");
  EXPECT_EQ(address("/yokoten.admin.v1.AdminService/GetStatus"), "127.0.0.1:3");
  EXPECT_EQ(address("/grpc.health.v1.Health/Check"), "127.0.0.1:1");
  EXPECT_EQ((*catalog)->Find("/yokoten.insight.v1.InsightService/Nothing"), nullptr);
  for (const events::Domain& domain : events::Registry::Linked().domains()) {
    EXPECT_NE((*catalog)->IngestOf(domain), nullptr) << domain.name;
  }
}

TEST(Catalog, AnUnknownTargetIsRefusedByName) {
  const auto catalog = Catalog::Make({{"trainning", "127.0.0.1:2"}}, "127.0.0.1:1");
  ASSERT_FALSE(catalog.ok());
  EXPECT_NE(Message(catalog.status()).find("trainning"), std::string::npos);
  EXPECT_NE(Message(catalog.status()).find("standard-work"), std::string::npos);
}

}  // namespace
}  // namespace yokoten::gateway

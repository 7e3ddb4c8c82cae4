#include "clickhouse/generations.h"

#include <gtest/gtest.h>

namespace yokoten::clickhouse {
namespace {

// Answers every SELECT with the same rows or failure and keeps what it was asked to do.
class Fake final : public Database {
 public:
  Status Execute(std::string_view sql, const Params&) override {
    executed.emplace_back(sql);
    return OkStatus();
  }
  Result<Rows> Select(std::string_view, const Params&) override {
    if (!failure.ok()) return failure;
    return rows;
  }
  Status Insert(std::string_view, const NativeBlock&, const Params&) override { return OkStatus(); }

  Rows rows;
  Status failure;
  std::vector<std::string> executed;
};

TEST(Generations, TheFirstIsTheConfiguredDatabaseWithTheGroupsThereAlwaysWere) {
  EXPECT_EQ(GenerationOf("plant", 1), (Generation{1, "plant"}));
  EXPECT_EQ(GenerationOf("plant", 12), (Generation{12, "plant_g12"}));
  EXPECT_EQ(GroupSuffix(GenerationOf("plant", 1)), "");
  EXPECT_EQ(GroupSuffix(GenerationOf("plant", 12)), "-g12");
}

TEST(Generations, TheRowSaysWhichIsCurrent) {
  Fake fake;
  fake.rows.names = {"database"};
  EXPECT_EQ(*CurrentGeneration(fake, "plant"), GenerationOf("plant", 1));  // never switched
  fake.rows.rows = {{"plant_g3"}};
  EXPECT_EQ(*CurrentGeneration(fake, "plant"), GenerationOf("plant", 3));
  fake.rows.rows = {{"plant"}};
  EXPECT_EQ(*CurrentGeneration(fake, "plant"), GenerationOf("plant", 1));
  // Whoever took a stranger for the first would write into the wrong one.
  for (const char* stranger :
       {"other_g3", "plant_g", "plant_g03", "plant_g1", "plant_g3x", "plant_gg3", ""}) {
    fake.rows.rows = {{stranger}};
    EXPECT_EQ(CurrentGeneration(fake, "plant").status().code(), StatusCode::kDataLoss) << stranger;
  }
}

TEST(Generations, OnlyThoseOfTheBaseAreListed) {
  Fake fake;
  fake.rows.names = {"name"};
  fake.rows.rows = {{"plant_g10"}, {"plant_g2"}, {"plant"}, {"plant_gone"}, {"planted"}};
  EXPECT_EQ(*Generations(fake, "plant"),
            (std::vector<Generation>{GenerationOf("plant", 1), GenerationOf("plant", 2),
                                     GenerationOf("plant", 10)}));
}

TEST(Generations, AnUnreachableServerIsNoAnswer) {
  Fake fake;
  fake.failure = Unavailable("away");
  EXPECT_EQ(CurrentGeneration(fake, "plant").status().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace yokoten::clickhouse

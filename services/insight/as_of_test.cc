// What a view refuses before it asks anybody; what it answers is shown with a real engine.
#include "insight/as_of.h"

#include <gtest/gtest.h>

namespace yokoten::insight {
namespace {

TEST(AsOfLimit, MoreThanSoManyAreRefusedUntilOneIsDone) {
  AsOfLimit limit(2);
  std::shared_ptr<void> one, two, three;
  EXPECT_TRUE(limit.Enter(&one).ok());
  EXPECT_TRUE(limit.Enter(&two).ok());
  EXPECT_EQ(limit.Enter(&three).code(), StatusCode::kResourceExhausted);
  one.reset();
  EXPECT_TRUE(limit.Enter(&three).ok());
  EXPECT_EQ(limit.Enter(&one).code(), StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace yokoten::insight

#include "kernels/base/nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace explainn {
namespace {

TEST(EditDistance, CountsEdits) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("saturday", "sunday"), 3U);
  EXPECT_EQ(edit_distance("epcohs", "epochs"), 1U) << "neighbours that changed places are one edit";
  EXPECT_EQ(edit_distance("Adam", "aDAM"), 0U) << "case does not count";
  EXPECT_EQ(edit_distance("sunday", "saturday"), edit_distance("saturday", "sunday"));
}

TEST(NearestName, FindsTheClosest) {
  const std::vector<std::string> names = {"batch-size", "num-epochs", "num-units", "patience"};
  EXPECT_EQ(nearest_name("num-epcohs", names), "num-epochs");
  EXPECT_EQ(nearest_name("BATCHSIZE", names), "batch-size");
  EXPECT_EQ(nearest_name("pateince", names), "patience");
  EXPECT_EQ(nearest_name("zzzzzz", names), "");
  EXPECT_EQ(nearest_name("x", {}), "");
}

TEST(NearestName, TheFirstWinsATie) {
  const std::vector<std::string> names = {"cat", "car", "can"};
  EXPECT_EQ(nearest_name("cab", names), "cat");
}

TEST(NearestName, HalfOfTheLongerNameMayDiffer) {
  const std::vector<std::string> names = {"abcd"};
  EXPECT_EQ(nearest_name("abxy", names), "abcd");
  EXPECT_EQ(nearest_name("axyz", names), "");
}

}  // namespace
}  // namespace explainn

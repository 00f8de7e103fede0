#include "kernels/base/error.h"

#include <gtest/gtest.h>

namespace explainn {
namespace {

template <typename Call>
std::string message_of(const Call& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Error, NamesThePlace) {
  EXPECT_EQ(message_of([] { fail_at("a.fa", 12, "letter ", 'x', " is no base"); }),
            "a.fa:12: letter x is no base");
  EXPECT_EQ(message_of([] { fail_at("a.fa", 0, "is empty"); }), "a.fa: is empty");
  EXPECT_THROW(fail_at("a.fa", 1, "bad"), Error);
}

TEST(Error, UsageIsAnError) {
  EXPECT_THROW(throw UsageError("no"), Error);
}

TEST(Require, ThrowsOnlyIfBroken) {
  EXPECT_NO_THROW(require(true, "op", "fine"));
  EXPECT_THROW(require(false, "op", "bad"), std::invalid_argument);
  EXPECT_EQ(message_of([] { require(false, "conv1d", "width ", 3, " > ", 2); }),
            "[conv1d] width 3 > 2");
}

}  // namespace
}  // namespace explainn

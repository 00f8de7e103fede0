// Libraries that are opened when they are first needed. No GPU takes part.
#include "kernels/cuda/library.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>

#include "kernels/base/error.h"

namespace explainn::kernels::cuda {
namespace {

std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(CudaLibrary, OpensByNameWhereTheFoundFileIsGone) {
  const Library mathematics("/no/such/folder/libm.so", "libm.so.6");
  auto* const cosine = EXPLAINN_FUNCTION_OF(mathematics, cosf);
  EXPECT_EQ(cosine(0.5F), std::cos(0.5F));
}

#define EXPLAINN_TEST_MACRO cosf

TEST(CudaLibrary, NamesBehindMacrosAreTheirMeaning) {
  EXPECT_STREQ(EXPLAINN_TEXT(EXPLAINN_TEST_MACRO), "cosf");
  const Library mathematics("libm.so.6", "libm.so.6");
  EXPECT_EQ(EXPLAINN_FUNCTION_OF(mathematics, EXPLAINN_TEST_MACRO)(0.5F), std::cos(0.5F));
}

TEST(CudaLibrary, SaysWhichLibraryIsMissingAndWhatToDo) {
  const std::string text =
      error_of([] { const Library absent("/no/such.so.7", "libabsent.so.7"); });
  EXPECT_NE(text.find("libabsent.so.7"), std::string::npos) << text;
  EXPECT_NE(text.find("/no/such.so.7"), std::string::npos) << text;
  EXPECT_NE(text.find("--device cpu"), std::string::npos) << text;
}

TEST(CudaLibrary, SaysWhichFunctionIsMissing) {
  const Library mathematics("libm.so.6", "libm.so.6");
  const std::string text = error_of([&] { (void)mathematics.function("no_such_function"); });
  EXPECT_NE(text.find("no_such_function"), std::string::npos) << text;
}

}  // namespace
}  // namespace explainn::kernels::cuda

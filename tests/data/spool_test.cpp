#include "data/spool.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/support/text_files.h"

namespace explainn::data {
namespace {

TEST(Spool, GivesBackWhatItWasGiven) {
  Spool spool;
  spool.write("abc");
  spool.write("");
  spool.write("defg");
  spool.rewind();
  std::string bytes(5, ' ');
  EXPECT_TRUE(spool.read(bytes));
  EXPECT_EQ(bytes, "abcde");
  bytes.resize(2);
  EXPECT_TRUE(spool.read(bytes));
  EXPECT_EQ(bytes, "fg");
  EXPECT_FALSE(spool.read(bytes));
}

TEST(Spool, EndsWithWholeReads) {
  Spool spool;
  spool.rewind();
  std::string bytes(4, ' ');
  EXPECT_FALSE(spool.read(bytes));
  Spool cut;
  cut.write("abc");
  cut.rewind();
  EXPECT_THROW(cut.read(bytes), std::invalid_argument);
}

class LargeSpool : public ReaderTest {
 protected:
  static constexpr int kPieces = 70;
  static std::string piece(int number) {
    return std::string(1 << 20, static_cast<char>('a' + number % 26)) + std::to_string(number);
  }
  void SetUp() override {
    ReaderTest::SetUp();
    const char* const before = std::getenv("TMPDIR");
    if (before != nullptr) before_ = before;
  }
  void TearDown() override {
    before_.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", before_.c_str(), 1);
    ReaderTest::TearDown();
  }
  std::string before_;
};

TEST_F(LargeSpool, GoesToAFileWithoutAName) {
  ::setenv("TMPDIR", folder_.c_str(), 1);
  Spool spool;
  for (int i = 0; i < kPieces; ++i) spool.write(piece(i));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
  spool.rewind();
  for (int i = 0; i < kPieces; ++i) {
    std::string bytes(piece(i).size(), ' ');
    ASSERT_TRUE(spool.read(bytes));
    ASSERT_TRUE(bytes == piece(i)) << i;
  }
  std::string more(1, ' ');
  EXPECT_FALSE(spool.read(more));
}

TEST_F(LargeSpool, NamesTheFolderThatDoesNotTakeIt) {
  const std::string folder = folder_ / "missing";
  ::setenv("TMPDIR", folder.c_str(), 1);
  Spool spool;
  const auto fill = [&] {
    for (int i = 0; i < kPieces; ++i) spool.write(piece(i));
  };
  EXPECT_TRUE(says(error_of(fill), folder + ": cannot make a temporary file", "TMPDIR"));
}

}  // namespace
}  // namespace explainn::data

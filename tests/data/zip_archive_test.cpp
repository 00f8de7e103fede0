#include "data/zip_archive.h"

#include "tests/support/damage.h"
#include "tests/support/text_files.h"
#include "tests/support/zip_builder.h"

namespace explainn::data {
namespace {

class ZipArchiveTest : public ReaderTest {
 protected:
  static std::string failure(const std::string& bytes, const std::string& name) {
    return error_of([&] { ZipArchive("f.pth", bytes).read(name); });
  }
};

TEST_F(ZipArchiveTest, readsStoredEntries) {
  const std::vector<ZipPart> parts{
      {"a/data.pkl", "pickle"}, {"a/data/0", std::string(1000, '\7')}, {"a/empty", ""}};
  for (const bool zip64 : {false, true}) {
    // The comment holds what looks like an end record and is none.
    const std::string bytes = zip_bytes(parts, zip64, "PK\x05\x06 a comment of some length ...");
    EXPECT_TRUE(begins_like_zip(bytes));
    const ZipArchive archive("f.pth", bytes);
    for (const ZipPart& part : parts) EXPECT_EQ(archive.read(part.name), part.bytes);
    EXPECT_TRUE(archive.contains("a/empty"));
    EXPECT_FALSE(archive.contains("empty"));
    EXPECT_EQ(archive.name_ending_with("/data.pkl"), "a/data.pkl");
  }
}

TEST_F(ZipArchiveTest, refusesWhatItCannotRead) {
  for (const bool zip64 : {false, true}) {
    const auto one = [&](ZipPart part) {
      return failure(zip_bytes({std::move(part)}, zip64), "a");
    };
    EXPECT_TRUE(
        says(one({.name = "a", .bytes = "x", .method = 8}), "f.pth: ", "'a' is compressed"));
    EXPECT_TRUE(says(one({.name = "a", .bytes = "x", .flags = 1}), "f.pth: ", "'a' is encrypted"));
    EXPECT_TRUE(says(one({.name = "a", .bytes = "x", .size_error = 1000}),
                     "f.pth: ", "'a' of 1001 bytes reaches beyond the file"));
    EXPECT_TRUE(says(one({.name = "a", .bytes = "xy", .size_error = -1}), "f.pth: ", "checksum"));
    EXPECT_TRUE(
        says(one({.name = "a", .bytes = "x", .place_error = 1}), "f.pth: ", "is not where"));
    EXPECT_TRUE(
        says(one({.name = "a", .bytes = "x", .place_error = 1 << 30}), "f.pth: ", "is not where"));
    EXPECT_TRUE(says(one({.name = "b", .bytes = "x"}), "f.pth: ", "has no entry 'a'"));
    const std::string twice = zip_bytes({{"a", "x"}, {"a", "y"}}, zip64);
    EXPECT_TRUE(says(failure(twice, "a"), "f.pth: ", "names 'a' twice"));
  }
  // Only 64-bit fields can say so.
  for (const std::int64_t huge : {std::int64_t{1} << 62, std::int64_t{-3}}) {
    const ZipPart long_part{.name = "a", .bytes = "x", .size_error = huge};
    EXPECT_TRUE(says(failure(zip_bytes({long_part}, true), "a"), "f.pth: ", "reaches beyond"));
    const ZipPart far_part{.name = "a", .bytes = "x", .place_error = huge};
    EXPECT_TRUE(says(failure(zip_bytes({far_part}, true), "a"), "f.pth: ", "is not where"));
  }
}

TEST_F(ZipArchiveTest, wantsExactlyOneName) {
  const std::string several = zip_bytes({{"a/data.pkl", "x"}, {"b/data.pkl", "y"}});
  const auto find = [](const std::string& bytes) {
    return error_of([&] { ZipArchive("f.pth", bytes).name_ending_with("/data.pkl"); });
  };
  EXPECT_TRUE(says(find(several), "f.pth: ", "several entries"));
  EXPECT_TRUE(says(find(zip_bytes({{"data.pkl", "x"}})), "f.pth: ", "no PyTorch checkpoint"));
  EXPECT_TRUE(says(find(zip_bytes({})), "f.pth: ", "no PyTorch checkpoint"));
}

TEST_F(ZipArchiveTest, survivesDamage) {
  const std::vector<ZipPart> parts{{"a/data.pkl", "pickle"}, {"a/data/0", "0123456789"}};
  for (const bool zip64 : {false, true}) {
    const std::string good = zip_bytes(parts, zip64);
    const auto read = [&](const std::string& bytes) {
      const ZipArchive archive("f.pth", bytes);
      for (const ZipPart& part : parts) {
        EXPECT_EQ(archive.read(part.name), part.bytes);  // never other bytes than were stored
      }
    };
    const DamageCount cut = read_prefixes(good, read);
    EXPECT_EQ(cut.read, 0);
    EXPECT_EQ(cut.refused, static_cast<int>(good.size()));
    EXPECT_GT(read_changed(good, 5000, read).refused, 1000);
  }
}

TEST_F(ZipArchiveTest, refusesADirectoryThatLies) {
  std::string bytes = zip_bytes({{"a", "x"}});
  const std::size_t end = bytes.size() - 22;
  EXPECT_TRUE(says(failure("", "a"), "f.pth: ", "no zip directory"));
  EXPECT_TRUE(says(failure(std::string(100000, '\0'), "a"), "f.pth: ", "no zip directory"));
  for (const std::size_t field : {end + 10, end + 12, end + 16}) {  // count, size, place
    std::string lying = bytes;
    lying[field + 1] = '\x7f';
    EXPECT_TRUE(says(failure(lying, "a"), "f.pth: ", "directory lies beyond the file"));
  }
}

}  // namespace
}  // namespace explainn::data

#include "data/input_stream.h"

#include <sys/stat.h>
#include <xxhash.h>

#include <array>
#include <cstdio>
#include <random>
#include <thread>

#include "tests/support/text_files.h"

namespace explainn::data {
namespace {

std::vector<std::string> lines_of(const std::string& path) {
  InputStream input(path);
  std::vector<std::string> lines;
  std::string_view line;
  while (input.line(line)) {
    lines.emplace_back(line);
    EXPECT_EQ(input.line_number(), static_cast<std::int64_t>(lines.size()));
  }
  EXPECT_FALSE(input.line(line)) << "the end must stay the end";
  return lines;
}

using Lines = std::vector<std::string>;
using InputStreamTest = ReaderTest;

TEST_F(InputStreamTest, linesEndWithLfCrlfOrTheFile) {
  EXPECT_EQ(lines_of(write("a", "one\ntwo\r\n\nfour")), (Lines{"one", "two", "", "four"}));
  EXPECT_EQ(lines_of(write("b", "one\n")), (Lines{"one"}));
  EXPECT_EQ(lines_of(write("c", "\n\n")), (Lines{"", ""}));
  EXPECT_EQ(lines_of(write("d", "")), Lines{});
  EXPECT_EQ(lines_of(write("e", "a\rb\r")), (Lines{"a\rb"}));
  EXPECT_EQ(lines_of(write("f", "\xef\xbb\xbfone\ntwo")), (Lines{"one", "two"}));
}

TEST_F(InputStreamTest, linesLongerThanTheBufferAndAcrossItsEdge) {
  std::mt19937 random(3);
  std::string text;
  Lines expected;
  for (const std::size_t length : {262143UL, 262144UL, 0UL, 700001UL, 5UL, 262145UL}) {
    std::string line(length, ' ');
    for (char& letter : line) letter = static_cast<char>('a' + random() % 26);
    expected.push_back(line);
    text += line + "\n";
  }
  EXPECT_EQ(lines_of(write("plain", text)), expected);
  EXPECT_EQ(lines_of(write("packed", gzip(text))), expected);
}

TEST_F(InputStreamTest, gzipMembersFollowEachOtherAndZerosMayPad) {
  const std::string padded =
      gzip("one\ntw") + gzip("") + gzip("o\nthree\n") + std::string(600, '\0');
  EXPECT_EQ(lines_of(write("members", padded)), (Lines{"one", "two", "three"}));
}

TEST_F(InputStreamTest, putBackGivesTheLineOnceMore) {
  InputStream input(write("a", "one\ntwo\n"));
  std::string_view line;
  ASSERT_TRUE(input.line(line));
  input.put_back();
  ASSERT_TRUE(input.line(line));
  EXPECT_EQ(line, "one");
  EXPECT_EQ(input.line_number(), 1);
  ASSERT_TRUE(input.line(line));
  EXPECT_EQ(line, "two");
}

std::string hash_at_once(const std::string& bytes) {
  const XXH128_hash_t value = XXH3_128bits(bytes.data(), bytes.size());
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, value);
  std::string text;
  for (const unsigned char byte : canonical.digest) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", byte);
    text += digits.data();
  }
  return text;
}

TEST_F(InputStreamTest, hashAndSizeAreThoseOfTheStoredBytes) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += std::to_string(i) + "\n";
  for (const std::string& bytes : {text, gzip(text), gzip("a\n") + gzip(text), std::string("x")}) {
    InputStream input(write("file", bytes));
    std::string_view line;
    while (input.line(line)) continue;
    EXPECT_EQ(input.source().hash(), hash_at_once(bytes));
    EXPECT_EQ(input.source().bytes(), static_cast<std::int64_t>(bytes.size()));
    EXPECT_EQ(input.source().total_bytes(), static_cast<std::int64_t>(bytes.size()));
  }
  InputStream empty(write("empty", ""));
  std::string_view line;
  EXPECT_FALSE(empty.line(line));
  // The published value for no input (xxHash's own test vectors).
  EXPECT_EQ(empty.source().hash(), "99aa06d3014798d86001c324468d497f");
}

TEST_F(InputStreamTest, missingFilesAndFoldersAreRefused) {
  const std::string missing = folder_ / "missing";
  EXPECT_TRUE(says(error_of([&] { InputStream input(missing); }), missing + ": ", "No such file"));
  EXPECT_TRUE(
      says(error_of([&] { InputStream input(folder_.string()); }), folder_.string(), "folder"));
}

TEST_F(InputStreamTest, nulBytesNameTheirLine) {
  const std::string path = write("nul", std::string("one\ntwo\nth\0ree\n", 15));
  EXPECT_TRUE(says(error_of([&] { lines_of(path); }), path + ":3: ", "NUL"));
}

TEST_F(InputStreamTest, otherCompressionsAreNamed) {
  const std::string bzip2 = write("b", "BZh91AY&SY");
  EXPECT_TRUE(says(error_of([&] { lines_of(bzip2); }), bzip2 + ":1: ", "bzip2"));
  const std::string zip = write("z", std::string("PK\x03\x04\x14\0", 6));
  EXPECT_TRUE(says(error_of([&] { lines_of(zip); }), zip + ":1: ", "zip"));
}

/// Reads to the error; returns its message and how many lines came before it.
std::pair<std::string, std::size_t> lines_before_error(const std::string& path) {
  InputStream input(path);
  std::string_view line;
  std::size_t count = 0;
  try {
    while (input.line(line)) ++count;
  } catch (const Error& error) {
    return {error.what(), count};
  }
  return {"", count};
}

TEST_F(InputStreamTest, everyCutOfAGzipFileIsAnError) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "line " + std::to_string(i * 7919) + "\n";
  const std::string whole = gzip(text);
  for (std::size_t keep = 3; keep < whole.size(); ++keep) {
    const std::string path = write("cut", whole.substr(0, keep));
    const auto [message, lines] = lines_before_error(path);
    EXPECT_TRUE(says(message, path + ":" + std::to_string(lines + 1) + ": ", "cut off")) << keep;
  }
}

TEST_F(InputStreamTest, everyChangedByteOfTheGzipDataIsAnError) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "line " + std::to_string(i * 7919) + "\n";
  const std::string whole = gzip(text);
  // Behind the ten bytes of the header, of which several (time, system) mean nothing.
  for (std::size_t at = 10; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    EXPECT_NE(lines_before_error(write("damaged", damaged)).first, "") << at;
  }
  const std::string path = write("tail", whole + "rubbish");
  EXPECT_TRUE(says(lines_before_error(path).first, path + ":41: ", "no gzip"));
}

TEST_F(InputStreamTest, aPipeMayHandOutSingleBytes) {
  const std::string path = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const std::string packed = gzip("one\ntwo\nthree");
  std::thread writer([&] {
    std::FILE* const pipe = std::fopen(path.c_str(), "wb");
    std::setvbuf(pipe, nullptr, _IONBF, 0);
    for (const char byte : packed) std::fputc(byte, pipe);
    std::fclose(pipe);
  });
  EXPECT_EQ(lines_of(path), (Lines{"one", "two", "three"}));
  writer.join();
}

TEST(Shown, quotesCutsAndEscapes) {
  EXPECT_EQ(shown("abc"), "'abc'");
  EXPECT_EQ(shown(std::string_view("a\x01\xff", 3)), "'a\\x01\\xff'");
  EXPECT_EQ(shown(std::string(50, 'x')), "'" + std::string(40, 'x') + "...'");
}

}  // namespace
}  // namespace explainn::data

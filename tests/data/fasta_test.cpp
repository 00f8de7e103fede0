#include "data/fasta.h"

#include <random>

#include "tests/support/text_files.h"

namespace explainn::data {
namespace {

using FastaTest = ReaderTest;
using Rows = std::vector<std::string>;

ReadOptions unlabelled() {
  ReadOptions options;
  options.need_labels = false;
  return options;
}

/// Each record as "line id bases".
Rows rows_of(const std::string& path, const ReadOptions& options = unlabelled()) {
  const auto reader = open_records(path, options);
  Rows rows;
  Record record;
  while (reader->next(record)) {
    std::string bases;
    for (const Base base : record.bases) bases += kBaseLetters[base];
    rows.push_back(std::to_string(record.line) + " " + std::string(record.id) + " " + bases);
    EXPECT_TRUE(record.labels.empty());
  }
  EXPECT_TRUE(reader->targets().empty());
  return rows;
}

TEST_F(FastaTest, sequencesRunOverLinesAndBlanksDoNotCount) {
  const std::string text =
      "\n>one first of all\nACG\nTN\n\n>two\tx\r\nacgu \r\n>\nRYA\n>four:1-2\nG";
  const Rows expected{"2 one ACGTN", "6 two ACGT", "8 3 NNA", "10 four:1-2 G"};
  EXPECT_EQ(rows_of(write("a.fa", text)), expected);
  EXPECT_EQ(rows_of(write("a.fa.gz", gzip(text))), expected);
}

TEST_F(FastaTest, fastqHasFourLinesARecord) {
  const std::string text = "@r1 x\nACGT\n+\n@@>!\n@r1\nNA\n+r1\nII\n\n";
  const Rows expected{"1 r1 ACGT", "5 r1 NA"};
  EXPECT_EQ(rows_of(write("a.fq", text)), expected);
}

TEST_F(FastaTest, unknownBasesAreLeftOutAndCountedOnDemand) {
  ReadOptions options = unlabelled();
  options.drop_unknown = true;
  const std::string path = write("a.fa", ">a\nACGN\n>b\nAC\n>c\nNN\n");
  EXPECT_EQ(rows_of(path, options), (Rows{"3 b AC"}));
  const auto reader = open_records(path, options);
  Record record;
  while (reader->next(record)) continue;
  EXPECT_EQ(reader->dropped(), 2);
}

TEST_F(FastaTest, chromosomesComeFromTheId) {
  ReadOptions options = unlabelled();
  options.valid_chroms = {"chr2"};
  options.test_chroms = {"chr3"};
  const std::string path = write(
      "a.fa", ">chr1:1-2\nA\n>chr2:1-2\nC\n>peak::chr3:10-20(+)\nG\n>HLA:01:5-6\nT\n>plain\nA\n");
  const auto reader = open_records(path, options);
  EXPECT_TRUE(reader->has_splits());
  Record record;
  for (const Split expected : {Split::train, Split::valid, Split::test, Split::train}) {
    ASSERT_TRUE(reader->next(record));
    EXPECT_EQ(record.split, expected) << record.id;
  }
  EXPECT_TRUE(says(error_of([&] { reader->next(record); }), path + ":9: ", "chr1:100-200"));
  EXPECT_FALSE(open_records(path, unlabelled())->has_splits());
  options.test_chroms = {"chr2"};
  EXPECT_THROW(open_records(path, options), UsageError);
}

TEST_F(FastaTest, badInputIsOneErrorWithItsLine) {
  const auto fails = [&](const std::string& text, int line, const std::string& part) {
    const std::string path = write("bad", text);
    const std::string place = path + ":" + std::to_string(line) + ": ";
    EXPECT_TRUE(says(error_of([&] { rows_of(path); }), place, part)) << text;
  };
  fails(">a\nACGT\nAC-T\n", 3, "'-' at position 3");
  fails(">a\nMEEPQSDPSV\n", 2, "'E' at position 2");
  fails(">a\nAC GT\n", 2, "' ' at position 3");
  fails(">a\n>b\nACGT\n", 1, "no bases follow the id 'a'");
  fails(">a\nA\n>b\n", 3, "no bases");
  fails(std::string(">a\nA\0C\n", 8), 2, "NUL");
  fails("@a\nACGT\n+\nIII\n", 4, "3 qualities for 4 bases");
  fails("@a\nACGT\nACGT\n+\nIIII\n", 3, "'+'");
  fails("@a\nACGT\n", 2, "cut off");
  fails("@a\nACGT\n+", 3, "cut off");
  fails("@a\nA\n+\nI\nrubbish\n", 5, "must begin with '@'");
  fails("@a", 1, "cut off");
}

TEST_F(FastaTest, labelsCannotComeFromFasta) {
  const std::string fasta = write("a.fa", ">a\nA\n");
  EXPECT_TRUE(says(error_of([&] { open_records(fasta, {}); }), fasta + ":1: ", "--positives"));
  const std::string fastq = write("a.fq", "@a\nA\n+\nI\n");
  EXPECT_TRUE(says(error_of([&] { open_records(fastq, {}); }), fastq + ":1: ", "FASTQ"));
}

TEST_F(FastaTest, randomBytesNeverDoMoreThanThrow) {
  std::mt19937 random(20240);
  const std::string letters = ">@+\nACGTN \t\r:-01,\"#x";
  int errors = 0;
  for (int round = 0; round < 1000; ++round) {
    std::string text(1, round % 2 == 0 ? '>' : '@');
    for (auto left = random() % 60; left > 0; --left) {
      text += random() % 50 == 0 ? static_cast<char>(random() % 256)
                                 : letters[random() % letters.size()];
    }
    try {
      rows_of(write("fuzz", round % 3 == 0 ? gzip(text) : text));
    } catch (const Error& error) {
      ++errors;
      EXPECT_TRUE(std::string(error.what()).starts_with((folder_ / "fuzz:").string()));
    }
  }
  EXPECT_GT(errors, 300);
}

}  // namespace
}  // namespace explainn::data

#include "data/coordinates.h"

#include <gtest/gtest.h>

#include <string>

#include "data/records.h"
#include "tests/support/text_files.h"

namespace explainn::data {
namespace {

// "chrom start end strand", or "none".
std::string text(const std::optional<Place>& place) {
  if (!place) return "none";
  return cat(place->chrom, " ", place->start, " ", place->end, " ",
             place->strand == Strand::forward ? '+' : '-');
}

TEST(Coordinates, StandInIds) {
  EXPECT_EQ(text(place_of("chr1:100-200")), "chr1 100 200 +");
  EXPECT_EQ(text(place_of("peak::chr3:10-20(-)")), "chr3 10 20 -");
  EXPECT_EQ(text(place_of("peak::chr3:10-20(+)")), "chr3 10 20 +");
  EXPECT_EQ(text(place_of("HLA:01:5-6")), "HLA:01 5 6 +");
  EXPECT_EQ(text(place_of("chr1:0-9223372036854775807")), "chr1 0 9223372036854775807 +");
  for (const char* other :
       {"", "plain", ":", ":1-2", "chr1", "chr1:", "chr1:1", "chr1:1-", "chr1:-2", "chr1:-1-2",
        "chr1:1--2", "chr1:a-2", "chr1:1-b", "chr1:+1-2", "chr1:1-9223372036854775808"}) {
    EXPECT_EQ(text(place_of(other)), "none") << other;
  }
}

TEST(Coordinates, CountFromZeroOrOneAsTheLengthTells) {
  EXPECT_EQ(text(place_of("chr1:100-200", 100)), "chr1 100 200 +");
  EXPECT_EQ(text(place_of("chr1:101-200(-)", 100)), "chr1 100 200 -");
  EXPECT_EQ(text(place_of("chr1:0-99", 100)), "none");  // counting from 1, there is no base 0
  EXPECT_EQ(text(place_of("chr1:100-200", 102)), "none");
  EXPECT_EQ(text(place_of("chr1:200-100", 100)), "none");
  EXPECT_EQ(text(place_of("plain", 100)), "none");
}

TEST(Coordinates, OfAPartFollowTheStrand) {
  const Place forward{"chr1", 100, 200, Strand::forward};
  EXPECT_EQ(text(part_of(forward, 10, 15, Strand::forward)), "chr1 110 115 +");
  EXPECT_EQ(text(part_of(forward, 10, 15, Strand::reverse)), "chr1 110 115 -");
  const Place reverse{"chr1", 100, 200, Strand::reverse};
  EXPECT_EQ(text(part_of(reverse, 10, 15, Strand::forward)), "chr1 185 190 -");
  EXPECT_EQ(text(part_of(reverse, 10, 15, Strand::reverse)), "chr1 185 190 +");
}

class RecordPlaces : public ReaderTest {
 protected:
  // The places of all records, one a line.
  static std::string places(const std::string& path) {
    ReadOptions options;
    options.need_labels = false;
    const auto reader = open_records(path, options);
    Record record;
    std::string lines;
    while (reader->next(record)) lines += text(record.place) + "\n";
    return lines;
  }
};

TEST_F(RecordPlaces, ComeFromIdsOfFasta) {
  EXPECT_EQ(places(write("a.fa", ">chr1:5-7\nAC\n>chr1:6-7 more\nGG\n>x\nA\n>chr1:5-7\nA\n")),
            "chr1 5 7 +\nchr1 5 7 +\nnone\nnone\n");
}

TEST_F(RecordPlaces, ComeFromColumnsOfTables) {
  EXPECT_EQ(places(write("a.tsv",
                         "id\tchrom\tstart\tend\tseq\n"
                         "a\tchr2\t7\t9\tAC\n"
                         "chr1:5-7\tchr2\t7\t10\tAC\n"
                         "c\tchr2\t.\t9\tAC\n"
                         "d\t\t7\t9\tAC\n")),
            "chr2 7 9 +\nnone\nnone\nnone\n");
}

TEST_F(RecordPlaces, ComeFromIdsOfTablesWithoutSuchColumns) {
  EXPECT_EQ(places(write("a.csv", "id,chrom,seq\nchr1:5-7,chr1,AC\nplain,chr1,GG\n")),
            "chr1 5 7 +\nnone\n");
  EXPECT_EQ(places(write("b.tsv", "chr1:5-7(-)\tAC\t1\nb\tAC\t1\n")), "chr1 5 7 -\nnone\n");
}

}  // namespace
}  // namespace explainn::data

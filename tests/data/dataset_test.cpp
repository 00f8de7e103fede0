#include "data/dataset.h"

#include <cmath>
#include <map>
#include <random>

#include "tests/support/text_files.h"

namespace explainn::data {
namespace {

using DatasetTest = ReaderTest;
using Names = std::vector<std::string>;

std::string letters_of(const Dataset& data, std::int64_t row) {
  std::string out;
  for (const Base base : data.sequences[row]) out += kBaseLetters[base];
  return out;
}

/// Labels with -1 in the place of NaN, so that vectors compare.
std::vector<float> labels_of(const Dataset& data) {
  std::vector<float> out = data.labels;
  for (float& label : out) label = std::isnan(label) ? -1 : label;
  return out;
}

TEST_F(DatasetTest, holdsWhatTheFileHas) {
  const std::string text =
      "id\tset\tseq\tx\ty\na\ttrain\tACG\t1\t\nb\ttest\tN\t0\t0.5\nc\ttrain\tT\tnan\t2\n";
  const std::string path = write("a.tsv", text);
  const Dataset data = read_dataset(path, {});
  ASSERT_EQ(data.size(), 3);
  EXPECT_EQ(data.id(0), "a");
  EXPECT_EQ(data.id(2), "c");
  EXPECT_EQ(letters_of(data, 0), "ACG");
  EXPECT_EQ(letters_of(data, 1), "N");
  EXPECT_EQ(data.targets, (Names{"x", "y"}));
  EXPECT_EQ(data.label_columns, 2);
  EXPECT_EQ(labels_of(data), (std::vector<float>{1, -1, 0, 0.5, -1, 2}));
  EXPECT_EQ(data.row_labels(1)[1], 0.5F);
  EXPECT_EQ(data.rows(Split::train), (std::vector<std::uint32_t>{0, 2}));
  EXPECT_EQ(data.rows(Split::test), (std::vector<std::uint32_t>{1}));
  EXPECT_TRUE(data.rows(Split::valid).empty());
  EXPECT_EQ(data.rows(std::nullopt), (std::vector<std::uint32_t>{0, 1, 2}));
  ASSERT_EQ(data.inputs.size(), 1U);
  EXPECT_EQ(data.inputs[0].path, path);
  EXPECT_EQ(data.inputs[0].bytes, static_cast<std::int64_t>(text.size()));
  EXPECT_EQ(data.inputs[0].hash.size(), 32U);
}

TEST_F(DatasetTest, withoutSplitsEveryRowIsInAll) {
  const Dataset data = read_dataset(write("a", "A\t1\nC\t0\n"), {});
  EXPECT_TRUE(data.splits.empty());
  EXPECT_EQ(data.rows(Split::valid).size(), 2U);
  EXPECT_EQ(data.id(1), "2");
}

TEST_F(DatasetTest, manyRowsComeBackAsTheyWereWritten) {
  // Enough rows for the estimate of the room, whose front misleads: short rows first, long ones
  // last.
  std::mt19937 random(17);
  std::string text = "id\tseq\ty\n";
  Names sequences;
  const int count = 30000;
  for (int i = 0; i < count; ++i) {
    std::string sequence(1 + random() % (i < 15000 ? 5 : 60), 'A');
    for (char& letter : sequence) letter = "ACGTN"[random() % 5];
    sequences.push_back(sequence);
    text += "id" + std::to_string(i * 13) + "\t" + sequence + "\t" + std::to_string(i) + "\n";
  }
  for (const std::string& bytes : {text, gzip(text)}) {
    const Dataset data = read_dataset(write("many", bytes), {});
    ASSERT_EQ(data.size(), count);
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(data.id(i), "id" + std::to_string(i * 13));
      ASSERT_EQ(letters_of(data, i), sequences[static_cast<std::size_t>(i)]);
      ASSERT_EQ(data.row_labels(i)[0], static_cast<float>(i));
    }
  }
}

TEST_F(DatasetTest, classesAreSortedByNameUnlessAnOrderIsGiven) {
  ReadOptions options;
  options.kind = LabelKind::classes;
  const std::string names = write("a", "seq\tcell\nA\tT\nC\tB\nG\tNA\nT\tmono\nA\tT\n");
  const Dataset data = read_dataset(names, options);
  EXPECT_EQ(data.targets, (Names{"B", "T", "mono"}));
  EXPECT_EQ(labels_of(data), (std::vector<float>{1, 0, -1, 2, 1}));
  EXPECT_EQ(data.label_columns, 1);
  const std::string columns = write("b", "seq\tz\tx\ty\nA\t1\t0\t0\nC\t0\t0\t1\n");
  EXPECT_EQ(labels_of(read_dataset(columns, options)), (std::vector<float>{2, 1}));
  options.targets = {"z", "x", "y"};
  const Dataset chosen = read_dataset(columns, options);
  EXPECT_EQ(chosen.targets, options.targets);
  EXPECT_EQ(labels_of(chosen), (std::vector<float>{0, 2}));
  options.targets.clear();
  options.model_targets = {"mono", "T", "B"};
  EXPECT_EQ(labels_of(read_dataset(names, options)), (std::vector<float>{1, 2, -1, 0, 1}));
}

TEST_F(DatasetTest, duplicateIdsNameBothLines) {
  const std::string path = write("a", "# c\nid\tseq\ty\na\tA\t1\n\nb\tC\t1\na\tG\t1\n");
  EXPECT_TRUE(
      says(error_of([&] { read_dataset(path, {}); }), path + ":6: ", "'a' stands in line 3"));
  std::string many = "id\tseq\ty\n";
  for (int i = 0; i < 5000; ++i) many += std::to_string(i * 7) + "\tA\t1\n";
  EXPECT_EQ(read_dataset(write("b", many), {}).size(), 5000);
  const std::string twice = write("c", many + "7\tA\t1\n");
  EXPECT_TRUE(says(error_of([&] { read_dataset(twice, {}); }), twice + ":5002: ", "in line 3 "));
}

TEST_F(DatasetTest, dataWithoutSequencesAreAnError) {
  const std::string header = write("a", "id\tseq\ty\n");
  EXPECT_TRUE(says(error_of([&] { read_dataset(header, {}); }), header + ": ", "no rows below"));
  const std::string empty = write("b", "");
  EXPECT_TRUE(says(error_of([&] { read_dataset(empty, {}); }), empty + ": ", "empty"));
  ReadOptions options;
  options.drop_unknown = true;
  const std::string unknown = write("c", "NA\t1\nAN\t0\n");
  EXPECT_TRUE(says(error_of([&] { read_dataset(unknown, options); }), unknown + ": ", "--drop-n"));
  const Dataset data = read_dataset(write("d", "NA\t1\nAA\t0\n"), options);
  EXPECT_EQ(data.size(), 1);
  EXPECT_EQ(data.dropped, 1);
  EXPECT_EQ(data.id(0), "2");
}

TEST_F(DatasetTest, chromosomesThatHoldNothingAreAnError) {
  const std::string path = write("a", "seq\tchrom\ty\nA\tchr1\t1\nC\tchr2\t1\n");
  ReadOptions options;
  options.valid_chroms = {"chr2"};
  EXPECT_EQ(read_dataset(path, options).rows(Split::valid), (std::vector<std::uint32_t>{1}));
  options.test_chroms = {"3"};
  EXPECT_TRUE(says(error_of([&] { read_dataset(path, options); }), path + ": ", "'3' of --test"));
}

TEST_F(DatasetTest, positivesAndNegativesAreOneTask) {
  const std::string positives = write("p.fa", ">chr1:1-2\nAC\n>chr2:1-2\nGG\n");
  const std::string negatives = write("n.fa.gz", gzip(">chr1:1-2\nCA\n>x\nN\n>y\nTT\n"));
  const Dataset data = read_positives_negatives(positives, negatives, "CTCF", {});
  EXPECT_EQ(data.targets, (Names{"CTCF"}));
  EXPECT_EQ(labels_of(data), (std::vector<float>{1, 1, 0, 0, 0}));
  EXPECT_EQ(data.id(2), "chr1:1-2");
  EXPECT_EQ(letters_of(data, 4), "TT");
  ASSERT_EQ(data.inputs.size(), 2U);
  EXPECT_EQ(data.inputs[1].path, negatives);
  ReadOptions options;
  options.drop_unknown = true;
  EXPECT_EQ(read_positives_negatives(positives, negatives, "CTCF", options).dropped, 1);
  const std::string twice = write("t.fa", ">a\nAC\n>b\nGG\n>a\nT\n");
  EXPECT_TRUE(says(error_of([&] { read_positives_negatives(positives, twice, "x", {}); }),
                   twice + ":5: ", "in line 1 "));
}

TEST(Samples, theCutOfTheBindingMatrix) {
  const std::string path = std::string(EXPLAINN_TEST_FILES) + "/data/samples/tf30_small.tsv.gz";
  const Dataset data = read_dataset(path, {});
  EXPECT_EQ(data.targets, (Names{"FOXA1", "MAX", "JUND", "CTCFL", "SPI1"}));
  EXPECT_EQ(data.rows(Split::train).size(), 400U);
  EXPECT_EQ(data.rows(Split::valid).size(), 100U);
  EXPECT_EQ(data.rows(Split::test).size(), 100U);
  EXPECT_EQ(data.sequences.most_frequent_length(), 200);
  // Counted by awk: of column SPI1, 266 zeros, 53 ones, 281 unresolved.
  std::map<int, int> counts;
  for (std::int64_t row = 0; row < data.size(); ++row) {
    const float label = data.row_labels(row)[4];
    ++counts[std::isnan(label) ? -1 : static_cast<int>(label)];
  }
  EXPECT_EQ(counts, (std::map<int, int>{{-1, 281}, {0, 266}, {1, 53}}));
  EXPECT_NO_THROW(check_trainable(data, data.rows(Split::train)));
}

}  // namespace
}  // namespace explainn::data

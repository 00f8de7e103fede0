// The part of data/dataset.h that data/validation.cpp holds.
#include <algorithm>
#include <cmath>

#include "data/dataset.h"
#include "tests/support/text_files.h"

namespace explainn::data {
namespace {

using ValidationTest = ReaderTest;
using Labels = std::vector<float>;

ReadOptions classes() {
  ReadOptions options;
  options.kind = LabelKind::classes;
  return options;
}

TEST_F(ValidationTest, validRowsFollowTheTrainingRows) {
  Dataset train = read_dataset(write("t", "id\tseq\tx\ty\na\tAC\t1\t2\nb\tC\t3\t4\n"), {});
  Dataset valid = read_dataset(write("v", "id\tseq\ty\tx\na\tGGT\t6\t5\n"), {});
  add_validation(train, std::move(valid));
  ASSERT_EQ(train.size(), 3);
  EXPECT_EQ(train.labels, (Labels{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(train.rows(Split::train), (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(train.rows(Split::valid), (std::vector<std::uint32_t>{2}));
  EXPECT_EQ(train.sequences.length(2), 3);
  EXPECT_EQ(train.id(2), "a");
  EXPECT_EQ(train.inputs.size(), 2U);
}

TEST_F(ValidationTest, classesAreMatchedByName) {
  Dataset train = read_dataset(write("t", "seq\tc\nA\tx\nC\ty\nG\tz\n"), classes());
  add_validation(train, read_dataset(write("v", "seq\tc\nA\tz\nC\ty\n"), classes()));
  EXPECT_EQ(train.labels, (Labels{0, 1, 2, 2, 1}));
  const std::string path = write("w", "seq\tc\nA\tw\nC\ty\n");
  EXPECT_TRUE(says(error_of([&] { add_validation(train, read_dataset(path, classes())); }),
                   path + ": ", "'w' is no target"));
}

TEST_F(ValidationTest, targetsMustAgree) {
  Dataset train = read_dataset(write("t", "seq\tMAX\tJUND\nA\t1\t1\n"), {});
  const auto fails = [&](const std::string& text, const std::string& part) {
    const std::string path = write("v", text);
    EXPECT_TRUE(
        says(error_of([&] { add_validation(train, read_dataset(path, {})); }), path + ": ", part));
  };
  fails("seq\tMAX\nA\t1\n", "lacks the target 'JUND'");
  fails("seq\tMAX\tJUNB\nA\t1\t1\n", "'JUNB' is no target");
  fails("seq\tset\tMAX\tJUND\nA\ttrain\t1\t1\n", "no validation set");
  EXPECT_EQ(train.size(), 1) << "a refused file must leave no trace";
}

Dataset rows_of_task(std::int64_t count) {
  Dataset data;
  data.targets = {"y"};
  data.label_columns = 1;
  for (std::int64_t i = 0; i < count; ++i) {
    data.sequences.add(std::vector<Base>{0});
    data.labels.push_back(static_cast<float>(i % 2));
  }
  return data;
}

TEST_F(ValidationTest, aSeededFractionIsDrawn) {
  Dataset data = rows_of_task(1000);
  assign_validation(data, 0.1, 1714);
  const auto drawn = data.rows(Split::valid);
  EXPECT_EQ(drawn.size(), 100U);
  EXPECT_EQ(data.rows(Split::train).size(), 900U);
  // Spread over the file: each half holds about 50 (five standard deviations are 24).
  const auto front = std::count_if(drawn.begin(), drawn.end(), [](auto row) { return row < 500; });
  EXPECT_NEAR(static_cast<double>(front), 50, 24);
  Dataset again = rows_of_task(1000);
  assign_validation(again, 0.1, 1714);
  EXPECT_EQ(again.splits, data.splits);
  Dataset other = rows_of_task(1000);
  assign_validation(other, 0.1, 1715);
  EXPECT_NE(other.splits, data.splits);
}

TEST_F(ValidationTest, onlyTrainingRowsAreDrawn) {
  Dataset data = rows_of_task(40);
  data.splits.assign(40, Split::test);
  for (std::size_t i = 10; i < 30; ++i) data.splits[i] = Split::train;
  assign_validation(data, 0.25, 3);
  EXPECT_EQ(data.rows(Split::test).size(), 20U);
  for (const std::uint32_t row : data.rows(Split::valid)) EXPECT_TRUE(row >= 10 && row < 30);
  EXPECT_EQ(data.rows(Split::valid).size(), 5U);
}

TEST_F(ValidationTest, neitherPartMayBeEmpty) {
  for (const double fraction : {0.0, 0.04, 0.96, 1.0, -0.1, 1.5, std::nan("")}) {
    Dataset data = rows_of_task(10);
    EXPECT_THROW(assign_validation(data, fraction, 1), UsageError) << fraction;
    EXPECT_TRUE(data.splits.empty());
  }
  Dataset two = rows_of_task(2);
  assign_validation(two, 0.5, 1);
  EXPECT_EQ(two.rows(Split::valid).size(), 1U);
}

TEST_F(ValidationTest, tasksWithoutALabelCannotTeach) {
  const std::string path = write("a", "seq\tx\ty\nA\t1\tnan\nC\tnan\t0\nG\t1\t\n");
  const Dataset data = read_dataset(path, {});
  EXPECT_NO_THROW(check_trainable(data, data.rows(std::nullopt))) << "one of 0 and 1 is enough";
  const std::vector<std::uint32_t> rows{0, 2};
  EXPECT_TRUE(says(error_of([&] { check_trainable(data, rows); }), path + ": ", "--ignore y"));
  EXPECT_TRUE(says(error_of([&] { check_trainable(data, {}); }), path + ": ", "no training"));
}

TEST_F(ValidationTest, oneClassCannotTeach) {
  const std::string path = write("a", "seq\tc\nA\tx\nC\ty\nG\tx\nT\tNA\n");
  const Dataset data = read_dataset(path, classes());
  EXPECT_NO_THROW(check_trainable(data, data.rows(std::nullopt)));
  const std::vector<std::uint32_t> one{0, 2, 3};
  EXPECT_TRUE(says(error_of([&] { check_trainable(data, one); }), path + ": ", "of class 'x'"));
  const std::vector<std::uint32_t> none{3};
  EXPECT_TRUE(says(error_of([&] { check_trainable(data, none); }), path + ": ", "--ignore"));
}

}  // namespace
}  // namespace explainn::data

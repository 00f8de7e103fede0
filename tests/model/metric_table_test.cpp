// Whole tables against scikit-learn, scipy and numpy (golden/metrics.json), and their text.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/metrics.h"

namespace explainn::model {
namespace {

using Floats = std::vector<float>;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr double kTolerance = 1e-12;  // relative

void expect_near(double got, double expected, const std::string& what) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(got)) << what << ": " << got << " where it is undefined";
  } else {
    EXPECT_NEAR(got, expected, kTolerance * std::abs(expected)) << what;
  }
}

double to_double(const nlohmann::json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

Floats to_floats(const nlohmann::json& values) {
  Floats floats;
  for (const auto& value : values) floats.push_back(static_cast<float>(to_double(value)));
  return floats;
}

TaskType type_of(const std::string& name) {
  if (name == "binary") return TaskType::binary;
  if (name == "classes") return TaskType::classes;
  return name == "regression" ? TaskType::regression : TaskType::counts;
}

std::vector<std::string> task_names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t t = 0; t < count; ++t) names.push_back("task" + std::to_string(t));
  return names;
}

TEST(MetricTable, EqualScikitLearnScipyAndNumpy) {
  std::ifstream file(std::string(EXPLAINN_TEST_FILES) + "/golden/metrics.json");
  const auto cases = nlohmann::json::parse(file);
  ASSERT_EQ(cases.size(), 6U);
  for (const auto& golden : cases) {
    const auto kind = golden.at("type").get<std::string>();
    const auto names = task_names(golden.at("tasks").get<std::size_t>());
    const MetricTable table = evaluate(type_of(kind), to_floats(golden.at("predictions")),
                                       to_floats(golden.at("labels")), names);
    EXPECT_EQ(table.tasks, names);
    ASSERT_EQ(table.rows.size(), golden.at("rows").size()) << kind;
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      const auto& expected = golden.at("rows")[r];
      const MetricRow& row = table.rows[r];
      const std::string what = kind + " " + row.name;
      EXPECT_EQ(row.name, expected.at("name").get<std::string>());
      EXPECT_EQ(row.undefined, expected.at("undefined").get<std::int64_t>()) << what;
      EXPECT_EQ(row.note.empty(), row.undefined == 0) << what;
      expect_near(row.global, to_double(expected.at("global")), what);
      ASSERT_EQ(row.per_task.size(), names.size()) << what;
      for (std::size_t t = 0; t < names.size(); ++t) {
        expect_near(row.per_task[t], to_double(expected.at("per_task")[t]), what + " " + names[t]);
      }
    }
  }
}

TEST(MetricTable, RefuseSizesThatDoNotFit) {
  const auto names = task_names(2);
  const Floats four(4, 0.5F);
  EXPECT_THROW(evaluate(TaskType::binary, Floats(3), Floats(3), names), std::invalid_argument);
  EXPECT_THROW(evaluate(TaskType::binary, four, Floats(2), names), std::invalid_argument);
  EXPECT_THROW(evaluate(TaskType::classes, four, four, names), std::invalid_argument);
  EXPECT_THROW(evaluate(TaskType::binary, {}, {}, {}), std::invalid_argument);
  for (const float label : {2.0F, -1.0F, 0.5F, std::numeric_limits<float>::infinity()}) {
    EXPECT_THROW(evaluate(TaskType::classes, four, Floats{0, label}, names), std::invalid_argument);
  }
}

TEST(MetricTable, NothingToEvaluateIsUndefinedNotAnError) {
  for (const auto type :
       {TaskType::binary, TaskType::classes, TaskType::regression, TaskType::counts}) {
    const MetricTable table = evaluate(type, {}, {}, task_names(2));
    for (const MetricRow& row : table.rows) EXPECT_TRUE(std::isnan(row.global)) << row.name;
  }
}

TEST(MetricTable, IsTabSeparatedWithNanWhereUndefined) {
  const std::vector<std::string> names = {"MAX", "JUND"};
  const Floats predictions = {0.9F, 0.5F, /**/ 0.1F, 0.5F, /**/ 0.9F, 0.5F, /**/ 0.1F, 0.2F};
  const Floats labels = {1, 1, /**/ 0, 1, /**/ 0, kMissing, /**/ 0, 1};
  const MetricTable table = evaluate(TaskType::binary, predictions, labels, names);
  // Task MAX: one positive against three negatives, one of them tied; JUND has no negative.
  EXPECT_EQ(metric_table_text(table),
            "metric\tglobal\tMAX\tJUND\n"
            "aucROC\t0.8333333333\t0.8333333333\tnan\n"
            "aucPR\t0.5\t0.5\tnan\n");
  ASSERT_NE(table.find("aucPR"), nullptr);
  EXPECT_EQ(table.find("Pearson"), nullptr);
  EXPECT_EQ(table.find("aucPR")->note, "aucPR: undefined for 1 of 2 tasks, left out of global");
}

TEST(MetricTable, CountsWellPredictedSequencesOnlyFromThreeTasksOn) {
  const Floats predictions = {1, 2, 3, /**/ 3, 2, 1, /**/ 1, 1, 1};
  const Floats labels = {2, 4, 6, /**/ 1, 2, 3, /**/ 1, 2, 3};
  const auto names = task_names(3);
  const MetricTable table = evaluate(TaskType::regression, predictions, labels, names);
  ASSERT_NE(table.find("well-predicted"), nullptr);
  EXPECT_EQ(table.find("well-predicted")->global, 1);
  EXPECT_EQ(table.find("Pearson")->global, 0);  // 1 and -1; the third is undefined
  EXPECT_EQ(table.find("Pearson")->note,
            "Pearson: undefined for 1 of 3 sequences, left out of global");
  EXPECT_EQ(evaluate(TaskType::counts, predictions, labels, names).find("well-predicted"), nullptr);
}

}  // namespace
}  // namespace explainn::model

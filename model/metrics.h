// How good predictions are: each number as training.md's definition of it, over resolved entries
// only, summed in double.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/loss.h"

namespace explainn::model {

/// What the columns of predictions and labels are.
enum class TaskType {
  binary,      ///< labels in [0, 1], positive from 0.5 on; any increasing score
  classes,     ///< one label a row, the index of the class; one probability a class
  regression,  ///< any values
  counts       ///< labels >= 0; predictions are expected counts, not logarithms
};

/// What a criterion is trained on.
TaskType task_type(engine::LossKind criterion);

// One task. `scores` and `labels` have one entry a sequence; entries whose label is NaN are left
// out. All return NaN where they are undefined, which includes a NaN among the scores that count.

/// Average precision: sum of (R_n - R_{n-1}) P_n, equal scores being one threshold. Undefined
/// without both classes.
double average_precision(std::span<const float> scores, std::span<const float> labels);

/// Area under the ROC curve (Mann-Whitney, a tie counts 1/2). Undefined without both classes.
double roc_auc(std::span<const float> scores, std::span<const float> labels);

/// Pearson's correlation. Undefined for fewer than two entries or a constant side.
double pearson(std::span<const float> scores, std::span<const float> labels);

/// Spearman's correlation: Pearson's of the ranks, equal values sharing their average rank.
double spearman(std::span<const float> scores, std::span<const float> labels);

/// 1 - SSE / SST. Undefined for fewer than two entries or constant labels.
double r_squared(std::span<const float> scores, std::span<const float> labels);

/// Share of rows of `scores` [N, classes] whose largest score (the first of equals) is at the
/// label [N]. Undefined without a labelled row.
double accuracy(std::span<const float> scores, std::span<const float> labels, std::int64_t classes);

/// For each sequence the correlation across its resolved tasks; both are [N, tasks].
std::vector<double> correlation_across_tasks(std::span<const float> predictions,
                                             std::span<const float> labels, std::int64_t tasks);

struct MetricRow {
  std::string name;
  double global = 0;
  std::vector<double> per_task;  ///< one a task; NaN where there is none
  std::int64_t undefined = 0;    ///< terms (tasks or sequences) that `global` had to leave out
  std::string note;              ///< says so in words, for the table's footer; empty if none
};

struct MetricTable {
  std::vector<std::string> tasks;
  std::vector<MetricRow> rows;

  /// Null if there is no such row.
  const MetricRow* find(const std::string& name) const;
};

/// Correlation above which a sequence counts as well predicted.
inline constexpr double kWellPredicted = 0.75;

/// All metrics of a task type. `predictions` [N, T]; `labels` [N, T], or [N] for classes; one name
/// a task, T >= 1. Throws std::invalid_argument where the sizes do not fit, or where a label is no
/// class index in [0, T).
///  binary              aucROC, aucPR
///  classes             accuracy, aucROC, aucPR (one against the rest)
///  regression, counts  Pearson, Pearson-per-task, Spearman, R2; regression with T >= 3 also
///                      well-predicted (a number of sequences)
/// `global` is the mean over the tasks where the metric is defined; for Pearson with T > 1 the mean
/// over sequences of the correlation across tasks.
MetricTable evaluate(TaskType type, std::span<const float> predictions,
                     std::span<const float> labels, std::span<const std::string> tasks);

/// Tab-separated: `metric  global  <task names>`, then the rows; ten digits, `nan` where undefined.
std::string metric_table_text(const MetricTable& table);

}  // namespace explainn::model

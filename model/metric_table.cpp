// Metrics of all tasks as a table: which rows a task type has, and what `global` is in each.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "kernels/base/error.h"
#include "model/metrics.h"

namespace explainn::model {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

/// Sets `global` to the mean of the defined `terms`, and says how many were left out.
void set_mean(MetricRow& row, std::span<const double> terms, const char* what) {
  double sum = 0;
  std::int64_t defined = 0;
  for (const double term : terms) {
    if (std::isnan(term)) continue;
    sum += term;
    ++defined;
  }
  row.global = defined == 0 ? kUndefined : sum / static_cast<double>(defined);
  row.undefined = static_cast<std::int64_t>(terms.size()) - defined;
  row.note.clear();
  if (row.undefined > 0) {
    row.note = cat(row.name, ": undefined for ", row.undefined, " of ", terms.size(), " ", what,
                   ", left out of global");
  }
}

using TaskMetric = double (*)(std::span<const float> scores, std::span<const float> labels);

/// Predictions [N, T] with their labels, seen one task at a time.
struct Columns {
  TaskType type;
  std::span<const float> predictions;
  std::span<const float> labels;  ///< [N, T], or [N] for classes
  std::size_t tasks;

  float label(std::size_t row, std::size_t task) const;
  MetricRow row(const char* name, TaskMetric metric) const;
};

/// For classes 1 where the row's class is `task`, else 0.
float Columns::label(std::size_t row, std::size_t task) const {
  if (type != TaskType::classes) return labels[row * tasks + task];
  if (std::isnan(labels[row])) return labels[row];
  return labels[row] == static_cast<float>(task) ? 1.0F : 0.0F;
}

MetricRow Columns::row(const char* name, TaskMetric metric) const {
  MetricRow row;
  row.name = name;
  std::vector<float> task_scores(predictions.size() / tasks);
  std::vector<float> task_labels(task_scores.size());
  for (std::size_t t = 0; t < tasks; ++t) {
    for (std::size_t i = 0; i < task_scores.size(); ++i) {
      task_scores[i] = predictions[i * tasks + t];
      task_labels[i] = label(i, t);
    }
    row.per_task.push_back(metric(task_scores, task_labels));
  }
  set_mean(row, row.per_task, "tasks");
  return row;
}

void check_sizes(TaskType type, std::span<const float> predictions, std::span<const float> labels,
                 std::size_t tasks) {
  require(tasks > 0 && predictions.size() % tasks == 0, "metrics", predictions.size(),
          " predictions, ", tasks, " tasks");
  const std::size_t columns = type == TaskType::classes ? 1 : tasks;
  require(labels.size() == predictions.size() / tasks * columns, "metrics", predictions.size(),
          " predictions of ", tasks, " tasks, ", labels.size(), " labels");
  if (type != TaskType::classes) return;
  for (const float label : labels) {
    const bool is_index =
        label >= 0 && label < static_cast<float>(tasks) && label == std::floor(label);
    require(std::isnan(label) || is_index, "metrics", "label ", label, " is no index of one of ",
            tasks, " classes");
  }
}

MetricRow global_only(const char* name, double global, std::size_t tasks) {
  return {name, global, std::vector<double>(tasks, kUndefined), 0, ""};
}

/// The rows that tasks with continuous labels share, and the count of well predicted sequences.
std::vector<MetricRow> continuous_rows(const Columns& columns) {
  MetricRow across = columns.row("Pearson", pearson);
  std::vector<double> terms;
  if (columns.tasks > 1) {
    terms = correlation_across_tasks(columns.predictions, columns.labels,
                                     static_cast<std::int64_t>(columns.tasks));
    set_mean(across, terms, "sequences");
  }
  std::vector<MetricRow> rows = {across, columns.row("Pearson-per-task", pearson),
                                 columns.row("Spearman", spearman), columns.row("R2", r_squared)};
  if (columns.type == TaskType::regression && columns.tasks >= 3) {
    const auto well =
        std::count_if(terms.begin(), terms.end(), [](double r) { return r > kWellPredicted; });
    rows.push_back(global_only("well-predicted", static_cast<double>(well), columns.tasks));
  }
  return rows;
}

std::vector<MetricRow> class_rows(const Columns& columns) {
  std::vector<MetricRow> rows;
  if (columns.type == TaskType::classes) {
    const double share =
        accuracy(columns.predictions, columns.labels, static_cast<std::int64_t>(columns.tasks));
    rows.push_back(global_only("accuracy", share, columns.tasks));
  }
  rows.push_back(columns.row("aucROC", roc_auc));
  rows.push_back(columns.row("aucPR", average_precision));
  return rows;
}

std::string number(double value) {
  if (std::isnan(value)) return "nan";
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

}  // namespace

const MetricRow* MetricTable::find(const std::string& name) const {
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const MetricRow& r) { return r.name == name; });
  return row == rows.end() ? nullptr : &*row;
}

TaskType task_type(engine::LossKind criterion) {
  switch (criterion) {
    case engine::LossKind::bce_with_logits:
      return TaskType::binary;
    case engine::LossKind::cross_entropy:
      return TaskType::classes;
    case engine::LossKind::poisson_nll:
      return TaskType::counts;
    case engine::LossKind::mse:
    case engine::LossKind::pearson:
      break;
  }
  return TaskType::regression;
}

MetricTable evaluate(TaskType type, std::span<const float> predictions,
                     std::span<const float> labels, std::span<const std::string> tasks) {
  check_sizes(type, predictions, labels, tasks.size());
  const Columns columns{type, predictions, labels, tasks.size()};
  const bool continuous = type == TaskType::regression || type == TaskType::counts;
  return {{tasks.begin(), tasks.end()},
          continuous ? continuous_rows(columns) : class_rows(columns)};
}

std::string metric_table_text(const MetricTable& table) {
  std::string text = "metric\tglobal";
  for (const std::string& task : table.tasks) text += "\t" + task;
  text += "\n";
  for (const MetricRow& row : table.rows) {
    text += row.name + "\t" + number(row.global);
    for (const double value : row.per_task) text += "\t" + number(value);
    text += "\n";
  }
  return text;
}

}  // namespace explainn::model

// The curves whose areas the metrics of binary tasks are.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace explainn::model {

/// Positives and negatives that share one score.
struct ScoreTie {
  double positives = 0;
  double negatives = 0;
};

/// Ties in descending order of score, resolved entries only; empty without both classes, or with a
/// NaN among the scores that count.
std::vector<ScoreTie> descending_ties(std::span<const float> scores, std::span<const float> labels);

/// A point in thousandths, as fine as a plot shows.
struct CurvePoint {
  std::int32_t x, y;
  friend bool operator==(const CurvePoint&, const CurvePoint&) = default;
};

/// One binary task. Both curves are empty where the areas are undefined.
struct TaskCurves {
  std::int64_t positives = 0;
  std::int64_t negatives = 0;
  std::int64_t unresolved = 0;
  std::vector<CurvePoint> roc;               ///< false positive rate, true positive rate
  std::vector<CurvePoint> precision_recall;  ///< recall, precision
};

/// Curves of a task whose metrics are roc_auc() and average_precision(). Points closer to the last
/// one than 1/200 in both directions are left out, so each curve has a few hundred at most where
/// precision does not jump about, and no point lies further than that from the curve of all.
TaskCurves task_curves(std::span<const float> scores, std::span<const float> labels);

}  // namespace explainn::model

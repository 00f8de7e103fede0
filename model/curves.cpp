#include "model/curves.h"

#include <cmath>
#include <cstdlib>
#include <optional>

namespace explainn::model {
namespace {

constexpr double kThousandths = 1000;
constexpr std::int32_t kLeastStep = 5;
constexpr float kPositiveFrom = 0.5F;

CurvePoint point(double x, double y) {
  return {static_cast<std::int32_t>(std::lround(x * kThousandths)),
          static_cast<std::int32_t>(std::lround(y * kThousandths))};
}

// Takes the points of a curve in their order and keeps some.
class Thinned {
 public:
  explicit Thinned(std::vector<CurvePoint>& kept) : kept_(kept) {}

  void add(CurvePoint next) {
    if (kept_.empty() || far(next, kept_.back())) {
      // A corner on the way stays: a jump begins where the curve was, not at the last point kept.
      if (pending_ && far(next, *pending_) && !(*pending_ == kept_.back())) {
        kept_.push_back(*pending_);
      }
      kept_.push_back(next);
      pending_.reset();
    } else {
      pending_ = next;
    }
  }
  void finish() {
    if (pending_ && !(*pending_ == kept_.back())) kept_.push_back(*pending_);
  }

 private:
  static bool far(CurvePoint a, CurvePoint b) {
    return std::abs(a.x - b.x) >= kLeastStep || std::abs(a.y - b.y) >= kLeastStep;
  }

  std::vector<CurvePoint>& kept_;
  std::optional<CurvePoint> pending_;
};

}  // namespace

TaskCurves task_curves(std::span<const float> scores, std::span<const float> labels) {
  TaskCurves curves;
  for (const float label : labels) {
    if (std::isnan(label)) {
      ++curves.unresolved;
    } else {
      ++(label >= kPositiveFrom ? curves.positives : curves.negatives);
    }
  }
  const std::vector<ScoreTie> ties = descending_ties(scores, labels);
  if (ties.empty()) return curves;
  const auto positives = static_cast<double>(curves.positives);
  const auto negatives = static_cast<double>(curves.negatives);
  Thinned roc(curves.roc);
  Thinned precision_recall(curves.precision_recall);
  roc.add({0, 0});
  ScoreTie taken;
  for (const ScoreTie& tie : ties) {
    taken.positives += tie.positives;
    taken.negatives += tie.negatives;
    const double recall = taken.positives / positives;
    roc.add(point(taken.negatives / negatives, recall));
    precision_recall.add(point(recall, taken.positives / (taken.positives + taken.negatives)));
  }
  roc.finish();
  precision_recall.finish();
  return curves;
}

}  // namespace explainn::model

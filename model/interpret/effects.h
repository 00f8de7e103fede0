// Which unit makes a task's predictions follow its labels: the slope of what the unit adds to the
// task's logit on the label. With labels 0 and 1 it is the mean of what the unit adds to positives
// less that of negatives. The slopes of all units sum to that of the logit, so each is a share.
//
// Importances are medians where a filter fires. A unit that is silent there and speaks elsewhere,
// with a negative weight, has none, and yet a site of its motif raises the logit: its effect shows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace explainn::model {

/// Sums over sequences, added in any number of batches in their order. Labels that are NaN are left
/// out of their task. The number of threads changes no bit.
class EffectSums {
 public:
  EffectSums(std::int64_t units, std::int64_t tasks);

  /// unit_outputs [rows, U] (averaged over strands where the model's logits are), labels [rows, T].
  void add(std::span<const float> unit_outputs, std::span<const float> labels);

  /// [U, T] final_weight [T, U] times Cov(output, label) / Var(label); NaN for a task whose labels
  /// are all equal.
  std::vector<double> effects(std::span<const float> final_weight) const;

 private:
  struct Labels {
    double count = 0, sum = 0, squares = 0;
  };
  struct Outputs {
    double sum = 0, products = 0;  // over the sequences with a label
  };

  std::size_t units_;
  std::size_t tasks_;
  std::vector<Labels> labels_;    // [T]
  std::vector<Outputs> outputs_;  // [U, T]
};

}  // namespace explainn::model

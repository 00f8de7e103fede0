// Predictions of a model on one strand or as the mean of both.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "data/sequences.h"
#include "model/model_file.h"
#include "model/network.h"

namespace explainn::model {

enum class Strands { one, both };

/// Logits and unit outputs of some sequences, averaged over strands where both were asked for. All
/// that follows (contributions, probabilities) is computed from these means.
struct Predictions {
  std::int64_t rows = 0;
  std::vector<float> logits;        ///< [rows, T]
  std::vector<float> unit_outputs;  ///< [rows, U]
};

class Predictor {
 public:
  explicit Predictor(const Model& model, Computation computation = Computation::fused,
                     Device device = {});

  const Model& model() const { return model_; }
  Network& network() { return *network_; }

  /// Sequences of any length are cropped or padded to L first.
  Predictions predict(std::span<const std::span<const data::Base>> sequences, Strands strands);

  /// Rows that one call should hold for good speed.
  std::int64_t batch_rows() const { return network_->rows_at_once(); }

 private:
  Model model_;
  std::unique_ptr<Network> network_;
};

/// Turns logits [rows, T] into what a user reads, in place: probabilities (bcewithlogits: sigmoid;
/// crossentropy: softmax), expected counts (poissonnll: exp), values (mse, pearson: unchanged).
void apply_link(Criterion criterion, std::int64_t tasks, std::span<float> logits);

/// contributions [T] of one unit: `output` times its final weights; final_weight [T, U].
void unit_contributions(std::span<const float> final_weight, std::int64_t unit, double output,
                        std::span<double> contributions);

/// contributions [U + 1, T]: unit output u times final weight, last the bias; the column of a task
/// sums to its logit.
std::vector<double> contributions(const Model& model, std::span<const float> unit_outputs);

}  // namespace explainn::model

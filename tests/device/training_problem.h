// A small training problem for the kernels of a step, and what the CPU makes of it in double.
#pragma once

#include <cmath>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include "kernels/linear/linear.h"
#include "kernels/memory.h"
#include "kernels/unit_pass/device_training.h"
#include "kernels/unit_pass/training.h"
#include "tests/support/buffers.h"
#include "tests/support/device.h"

namespace explainn::test {

struct TrainingCase {
  std::string name;
  kernels::UnitSizes sizes;
  std::int64_t layers;  ///< num_fc
  std::int64_t rows;
  std::int64_t tasks = 3;
  kernels::LossKind loss = kernels::LossKind::bce_with_logits;
  double unknown = 0.02;  ///< share of unknown bases
  bool both_strands = true;
  std::int64_t sequences = 0;  ///< 0: just enough for `rows` samples

  std::vector<std::int64_t> hidden_outputs() const {
    std::vector<std::int64_t> outputs(static_cast<std::size_t>(layers > 1 ? layers - 1 : 0), 100);
    if (layers > 0) outputs.push_back(1);
    return outputs;
  }
};

inline void PrintTo(const TrainingCase& c, std::ostream* out) {
  *out << c.name;
}

inline constexpr std::uint64_t kTestSeed = 77;

/// Sequences, labels and numbers to start from, on the host and packed on the GPU.
class TrainingProblem {
 public:
  explicit TrainingProblem(const TrainingCase& c);

  const TrainingCase& of() const { return c_; }
  kernels::PackedSamples samples() const;
  kernels::DeviceTrainingSettings settings() const {
    return {.tasks = c_.tasks,
            .loss = c_.loss,
            .dropout = 0.3,
            .seed = kTestSeed,
            .first_stream = 2,
            .adam = true,
            .lr = 0.003};
  }
  /// Random parameters with gammas of both signs and 0, running statistics as at a start.
  kernels::DeviceTrainingState start(int moments) const;
  /// Bases [count, L] and labels of the samples at places [begin, begin + count) of an order.
  std::vector<std::uint8_t> bases(const kernels::SampleOrder& order, std::int64_t begin,
                                  std::int64_t count) const;
  template <typename T>
  std::vector<T> labels(const kernels::SampleOrder& order, std::int64_t begin,
                        std::int64_t count) const {
    std::vector<T> result;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t from = order.at(begin + i) % sequences_ * columns_;
      for (std::int64_t j = 0; j < columns_; ++j) {
        result.push_back(static_cast<T>(labels_[static_cast<std::size_t>(from + j)]));
      }
    }
    return result;
  }
  std::vector<float>& host_labels() { return labels_; }
  void upload();

 private:
  TrainingCase c_;
  std::int64_t sequences_, columns_;
  std::vector<std::uint8_t> bases_;  // [sequences, L]
  std::vector<float> labels_;
  kernels::Buffer<std::uint32_t> packed_, mask_;
  kernels::Buffer<float> device_labels_;
};

/// The CPU's steps in double: units by the fused pass, final layer and loss by the operations.
class ReferenceTraining {
 public:
  ReferenceTraining(const TrainingCase& c, const kernels::DeviceTrainingState& start);

  struct Gradients {
    kernels::LossSum loss;
    std::vector<double> unit_outputs, logits, parameters, final_weight, final_bias;
  };
  Gradients gradients(const std::vector<std::uint8_t>& bases, const std::vector<double>& labels,
                      std::uint32_t step);
  /// A step by the gradients of the last call, with Adam (number `step` from 1) or plain SGD.
  void adam(const Gradients& g, double lr, std::int64_t step);
  void sgd(const Gradients& g, double lr);

  const kernels::UnitLayout& layout() const { return units_.layout(); }
  kernels::UnitTraining<double>& units() { return units_; }
  std::vector<double>& final_weight() { return final_weight_; }
  std::vector<double>& final_bias() { return final_bias_; }

 private:
  template <typename Update>
  void update(const Gradients& g, const Update& one);

  TrainingCase c_;
  kernels::UnitTraining<double> units_;
  std::vector<double> final_weight_, final_bias_;
  std::vector<double> moments_[2][3];
};

}  // namespace explainn::test

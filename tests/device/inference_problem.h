// A small network in evaluation mode, sequences for it, and what both define, written out in
// double.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "kernels/unit_pass/device_inference.h"
#include "kernels/unit_pass/resident_samples.h"
#include "tests/support/buffers.h"
#include "tests/support/device.h"

namespace explainn::test {

struct InferenceCase {
  std::string name;
  kernels::UnitSizes sizes;
  std::int64_t sequences;
  std::vector<std::int64_t> outputs;  ///< of the layers; the last is 1
  double unknown = 0.02;              ///< share of unknown bases; sequence 2 has nothing else then
  std::int64_t tasks = 3;
};

inline void PrintTo(const InferenceCase& c, std::ostream* out) {
  *out << c.name;
}

class InferenceProblem {
 public:
  explicit InferenceProblem(const InferenceCase& c) : c_(c), host_(c.sequences, length(), 1) {
    const kernels::UnitSizes& s = c.sizes;
    const double filter = std::min(0.5, 4.0 / static_cast<double>(s.filter));
    filters = random_values<float>(s.units * 4 * s.filter, 1, -filter, filter);
    shifts = random_values<float>(s.units, 2);
    std::int64_t inputs = s.pooled();
    weights.resize(c.outputs.size());
    biases.resize(c.outputs.size());
    for (std::size_t i = 0; i < c.outputs.size(); ++i) {
      const double bound = 2 / std::sqrt(static_cast<double>(inputs));
      weights[i] = random_values<float>(s.units * c.outputs[i] * inputs, 10 + i, -bound, bound);
      biases[i] = random_values<float>(s.units * c.outputs[i], 20 + i);
      layers.push_back({inputs, c.outputs[i], weights[i].data(), biases[i].data()});
      inputs = c.outputs[i];
    }
    final_weight = random_values<float>(c.tasks * s.units, 30);
    final_bias = random_values<float>(c.tasks, 31);
    const auto numbers = random_values<double>(c.sequences * length(), 3, 0, 1);
    for (std::int64_t i = 0; i < c.sequences * length(); ++i) {
      const double number = numbers[at(i)] / (1 - c.unknown);
      const bool unknown = number >= 1 || (c.unknown > 0 && i / length() == 2);
      bases_.push_back(unknown ? std::uint8_t{4} : static_cast<std::uint8_t>(number * 4));
    }
    labels_ = random_values<float>(c.sequences, 4, 0, 1);
    for (std::int64_t i = 0; i < c.sequences; ++i) {
      host_.set(i, bases_.data() + i * length(), labels_.data() + i);
    }
    resident_.emplace_back(host_, true, kGpu);
  }

  const kernels::UnitSizes& sizes() const { return c_.sizes; }
  std::int64_t length() const { return c_.sizes.length; }
  std::int64_t size() const { return 2 * c_.sequences; }
  std::int64_t tasks() const { return c_.tasks; }
  kernels::PackedSamples samples() const { return resident_.front().view(); }
  kernels::DeviceInference make(
      std::int64_t results_at_once = kernels::DeviceInference::kResultsAtOnce) const {
    return kernels::DeviceInference(sizes(), filters.data(), shifts.data(), layers,
                                    {c_.tasks, final_weight.data(), final_bias.data()}, kGpu,
                                    results_at_once);
  }
  /// Both strands of all sequences, [size(), L].
  std::vector<std::uint8_t> bases() const {
    std::vector<std::uint8_t> all = bases_;
    for (std::int64_t i = 0; i < c_.sequences * length(); ++i) {
      const std::int64_t from = i / length() * length() + length() - 1 - i % length();
      const std::uint8_t base = bases_[at(from)];
      all.push_back(base < 4 ? static_cast<std::uint8_t>(3 - base) : base);
    }
    return all;
  }

  /// `sequence` [L]; the score of unit u at t.
  double score(const std::uint8_t* sequence, std::int64_t u, std::int64_t t) const {
    double sum = static_cast<double>(shifts[at(u)]);
    for (std::int64_t k = 0; k < sizes().filter; ++k) {
      const std::int64_t base = sequence[t + k];
      if (base < 4) sum += static_cast<double>(filters[at((u * 4 + base) * sizes().filter + k)]);
    }
    return sum;
  }
  /// The output of unit u, and the sum of the sizes of all its terms: what rounding is relative to.
  std::pair<double, double> output(const std::uint8_t* sequence, std::int64_t u) const {
    std::vector<double> x;
    for (std::int64_t q = 0; q < sizes().pooled(); ++q) {
      double best = -std::numeric_limits<double>::infinity();
      for (std::int64_t i = 0; i < sizes().pool; ++i) {
        best = std::max(best, score(sequence, u, q * sizes().stride + i));
      }
      x.push_back(std::exp(best));
    }
    std::vector<double> size = x;
    for (const kernels::FoldedUnitLayer& layer : layers) {
      std::vector<double> y, y_size;
      for (std::int64_t o = u * layer.outputs; o < (u + 1) * layer.outputs; ++o) {
        double sum = static_cast<double>(layer.bias[o]);
        double terms = std::abs(sum);
        for (std::int64_t i = 0; i < layer.inputs; ++i) {
          const auto w = static_cast<double>(layer.w[o * layer.inputs + i]);
          sum += w * x[at(i)];
          terms += std::abs(w) * size[at(i)];
        }
        y.push_back(std::max(sum, 0.0));
        y_size.push_back(terms);
      }
      x = y;
      size = y_size;
    }
    return {x[0], size[0]};
  }

  std::vector<float> filters, shifts;  // may be changed before make()
  std::vector<std::vector<float>> weights, biases;
  std::vector<kernels::FoldedUnitLayer> layers;
  std::vector<float> final_weight, final_bias;

 private:
  static std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

  InferenceCase c_;
  std::vector<std::uint8_t> bases_;  // [sequences, L]
  std::vector<float> labels_;
  kernels::HostSamples host_;
  std::vector<kernels::ResidentSamples> resident_;
};

}  // namespace explainn::test

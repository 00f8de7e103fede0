#include "tests/device/training_problem.h"

namespace explainn::test {

using namespace kernels;

TrainingProblem::TrainingProblem(const TrainingCase& c)
    : c_(c),
      sequences_(c.sequences > 0 ? c.sequences : (c.both_strands ? (c.rows + 1) / 2 : c.rows)),
      columns_(LossParams{c.loss, c.rows, c.tasks}.label_columns()) {
  const std::int64_t length = c.sizes.length;
  const auto numbers = random_values<double>(sequences_ * length, 11, 0, 1);
  for (const double number : numbers) {
    const double known = number / (1 - c.unknown);
    bases_.push_back(known < 1 ? static_cast<std::uint8_t>(known * 4) : std::uint8_t{4});
  }
  const auto targets = random_values<float>(sequences_ * columns_, 12, 0, 1);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    float label = targets[i];
    if (c.loss == LossKind::cross_entropy) {
      label = std::floor(label * static_cast<float>(c.tasks));
    }
    if (i % 5 == 3) label = std::numeric_limits<float>::quiet_NaN();
    labels_.push_back(label);
  }
  upload();
}

void TrainingProblem::upload() {
  const std::int64_t length = c_.sizes.length;
  std::vector<std::uint32_t> packed(static_cast<std::size_t>(sequences_ * base_words(length)));
  std::vector<std::uint32_t> mask(static_cast<std::size_t>(sequences_ * mask_words(length)));
  for (std::int64_t s = 0; s < sequences_; ++s) {
    for (std::int64_t t = 0; t < length; ++t) {
      const std::uint32_t base = bases_[static_cast<std::size_t>(s * length + t)];
      if (base < 4) {
        packed[static_cast<std::size_t>(s * base_words(length) + t / 16)] |= base << (2 * (t % 16));
      } else {
        mask[static_cast<std::size_t>(s * mask_words(length) + t / 32)] |= 1U << (t % 32);
      }
    }
  }
  packed_ = copied_to<std::uint32_t>(kGpu, packed);
  mask_ = copied_to<std::uint32_t>(kGpu, mask);
  device_labels_ = copied_to<float>(kGpu, labels_);
}

PackedSamples TrainingProblem::samples() const {
  return {.sequences = sequences_,
          .length = c_.sizes.length,
          .label_columns = columns_,
          .both_strands = c_.both_strands,
          .bases = packed_.data(),
          .unknown = c_.unknown > 0 ? mask_.data() : nullptr,
          .labels = device_labels_.data()};
}

std::vector<std::uint8_t> TrainingProblem::bases(const SampleOrder& order, std::int64_t begin,
                                                 std::int64_t count) const {
  const std::int64_t length = c_.sizes.length;
  std::vector<std::uint8_t> result;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t sample = order.at(begin + i);
    const bool reverse = sample >= sequences_;
    for (std::int64_t t = 0; t < length; ++t) {
      const std::int64_t from = sample % sequences_ * length + (reverse ? length - 1 - t : t);
      const std::uint8_t base = bases_[static_cast<std::size_t>(from)];
      result.push_back(reverse && base < 4 ? static_cast<std::uint8_t>(3 - base) : base);
    }
  }
  return result;
}

DeviceTrainingState TrainingProblem::start(int moments) const {
  const UnitLayout layout(c_.sizes, c_.hidden_outputs());
  DeviceTrainingState state;
  state.parameters.assign(static_cast<std::size_t>(c_.sizes.units * layout.parameters), 0);
  state.statistics.assign(static_cast<std::size_t>(c_.sizes.units * layout.statistics), 0);
  std::uint64_t seed = 100;
  const auto fill = [&](std::vector<float>& blocks, std::int64_t block, std::int64_t offset,
                        std::int64_t count, double low, double high) {
    for (std::int64_t u = 0; u < c_.sizes.units; ++u) {
      const auto values = random_values<float>(count, ++seed, low, high);
      std::copy(values.begin(), values.end(), blocks.begin() + u * block + offset);
    }
  };
  const auto fill_layer = [&](const UnitLayer& layer) {
    const std::int64_t block = layout.parameters;
    const double bound = 1 / std::sqrt(static_cast<double>(layer.inputs));
    const std::int64_t rows = layer.outputs == 1 ? 1 : layer.inputs;
    const std::int64_t width = layer.outputs == 1 ? layer.inputs : layer.outputs;
    for (std::int64_t row = 0; row < rows; ++row) {
      fill(state.parameters, block, layer.w + row * layer.stride, width, -bound, bound);
    }
    fill(state.parameters, block, layer.gamma, layer.outputs, -1, 1.5);
    fill(state.parameters, block, layer.beta, layer.outputs, -0.3, 0.5);
    fill(state.statistics, layout.statistics, layer.bias, layer.outputs, -bound, bound);
    for (std::int64_t u = 0; u < c_.sizes.units; ++u) {
      for (std::int64_t o = 0; o < layer.outputs; ++o) {
        state.statistics[static_cast<std::size_t>(u * layout.statistics + layer.variance + o)] = 1;
        float& gamma = state.parameters[static_cast<std::size_t>(u * block + layer.gamma + o)];
        if ((u + o) % 7 == 5) gamma = 0;
      }
    }
  };
  fill_layer(layout.convolution);
  for (const UnitLayer& layer : layout.layers) fill_layer(layer);
  state.final_weight = random_values<float>(c_.tasks * c_.sizes.units, 21, -0.4, 0.4);
  state.final_bias = random_values<float>(c_.tasks, 22, -0.2, 0.2);
  for (int i = 0; i < moments; ++i) {
    state.moments.emplace_back(state.parameters.size(), 0.0F);
    state.final_weight_moments.emplace_back(state.final_weight.size(), 0.0F);
    state.final_bias_moments.emplace_back(state.final_bias.size(), 0.0F);
  }
  return state;
}

ReferenceTraining::ReferenceTraining(const TrainingCase& c, const DeviceTrainingState& start)
    : c_(c),
      units_(c.sizes, c.hidden_outputs(), {.dropout = 0.3, .seed = kTestSeed, .first_stream = 2}),
      final_weight_(start.final_weight.begin(), start.final_weight.end()),
      final_bias_(start.final_bias.begin(), start.final_bias.end()) {
  std::copy(start.parameters.begin(), start.parameters.end(), units_.parameters().data());
  std::copy(start.statistics.begin(), start.statistics.end(), units_.statistics().data());
  for (auto& moments : moments_) {
    moments[0].assign(start.parameters.size(), 0);
    moments[1].assign(start.final_weight.size(), 0);
    moments[2].assign(start.final_bias.size(), 0);
  }
}

ReferenceTraining::Gradients ReferenceTraining::gradients(const std::vector<std::uint8_t>& bases,
                                                          const std::vector<double>& labels,
                                                          std::uint32_t step) {
  const std::int64_t units = c_.sizes.units;
  const auto rows = static_cast<std::int64_t>(bases.size()) / c_.sizes.length;
  const auto size = [](std::int64_t n) { return static_cast<std::size_t>(n); };
  Gradients g{.loss = {},
              .unit_outputs = std::vector<double>(size(rows * units)),
              .logits = std::vector<double>(size(rows * c_.tasks)),
              .parameters = std::vector<double>(size(units_.parameters().size())),
              .final_weight = std::vector<double>(final_weight_.size()),
              .final_bias = std::vector<double>(final_bias_.size())};
  units_.forward(bases.data(), rows, step, g.unit_outputs.data());
  const LinearParams linear{.rows = rows, .in = units, .out = c_.tasks};
  linear_forward<double>(linear, g.unit_outputs.data(), final_weight_.data(), final_bias_.data(),
                         g.logits.data());
  std::vector<double> d_logits(g.logits.size());
  g.loss = loss_and_gradient<double>({c_.loss, rows, c_.tasks}, g.logits.data(), labels.data(),
                                     d_logits.data());
  std::vector<double> d_outputs(g.unit_outputs.size());
  linear_backward<double>(linear, g.unit_outputs.data(), final_weight_.data(), d_logits.data(),
                          {d_outputs.data()}, {g.final_weight.data()}, {g.final_bias.data()});
  units_.backward(d_outputs.data(), g.parameters.data());
  return g;
}

template <typename Update>
void ReferenceTraining::update(const Gradients& g, const Update& one) {
  one(0, static_cast<std::int64_t>(g.parameters.size()), g.parameters.data(),
      units_.parameters().data());
  one(1, static_cast<std::int64_t>(g.final_weight.size()), g.final_weight.data(),
      final_weight_.data());
  one(2, static_cast<std::int64_t>(g.final_bias.size()), g.final_bias.data(), final_bias_.data());
}

void ReferenceTraining::adam(const Gradients& g, double lr, std::int64_t step) {
  update(g, [&](int i, std::int64_t size, const double* gradient, double* values) {
    adam_update<double>({.lr = lr, .step = step}, size, gradient, moments_[0][i].data(),
                        moments_[1][i].data(), values);
  });
}

void ReferenceTraining::sgd(const Gradients& g, double lr) {
  update(g, [&](int, std::int64_t size, const double* gradient, double* values) {
    sgd_update<double>({.lr = lr, .first_step = false}, size, gradient, nullptr, values);
  });
}

}  // namespace explainn::test

#include "model/predictor.h"

#include <algorithm>
#include <cmath>

#include "kernels/base/parallel.h"

namespace explainn::model {
namespace {

constexpr std::int64_t kRowsAtOnce = 64;

}  // namespace

Predictor::Predictor(const Model& model, Computation computation, Device device)
    : model_(model),
      network_(make_network(model.config.sizes, model.weights, computation, device)) {}

Predictions Predictor::predict(std::span<const std::span<const data::Base>> sequences,
                               Strands strands) {
  const Architecture& sizes = model_.config.sizes;
  Predictions result;
  result.rows = static_cast<std::int64_t>(sequences.size());
  result.logits.resize(static_cast<std::size_t>(result.rows * sizes.num_tasks));
  result.unit_outputs.resize(static_cast<std::size_t>(result.rows * sizes.num_units));

  std::vector<data::Base> bases(static_cast<std::size_t>(result.rows * sizes.input_length));
  const auto infer = [&](data::Strand strand, Predictions& into) {
    parallel_blocks(result.rows, kRowsAtOnce, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        data::fit_sequence(
            sequences[static_cast<std::size_t>(row)], strand,
            std::span(bases).subspan(static_cast<std::size_t>(row * sizes.input_length),
                                     static_cast<std::size_t>(sizes.input_length)));
      }
    });
    network_->infer({bases.data(), result.rows},
                    {.logits = into.logits.data(), .unit_outputs = into.unit_outputs.data()});
  };
  infer(data::Strand::forward, result);
  if (strands == Strands::one) return result;

  Predictions reverse = result;
  infer(data::Strand::reverse, reverse);
  const auto average = [](std::vector<float>& a, const std::vector<float>& b) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = 0.5F * (a[i] + b[i]);
  };
  average(result.logits, reverse.logits);
  average(result.unit_outputs, reverse.unit_outputs);
  return result;
}

void apply_link(Criterion criterion, std::int64_t tasks, std::span<float> logits) {
  switch (criterion) {
    case Criterion::bce_with_logits:
      for (float& x : logits) x = static_cast<float>(1 / (1 + std::exp(-static_cast<double>(x))));
      break;
    case Criterion::poisson_nll:
      for (float& x : logits) x = static_cast<float>(std::exp(static_cast<double>(x)));
      break;
    case Criterion::cross_entropy:
      for (std::size_t first = 0; first < logits.size(); first += static_cast<std::size_t>(tasks)) {
        const auto row = logits.subspan(first, static_cast<std::size_t>(tasks));
        const double largest = *std::max_element(row.begin(), row.end());
        double sum = 0;
        for (const float x : row) sum += std::exp(x - largest);
        for (float& x : row) x = static_cast<float>(std::exp(x - largest) / sum);
      }
      break;
    case Criterion::mse:
    case Criterion::pearson:
      break;
  }
}

std::vector<double> contributions(const Model& model, std::span<const float> unit_outputs) {
  const std::int64_t units = model.config.sizes.num_units;
  const std::int64_t tasks = model.config.sizes.num_tasks;
  const std::vector<float>& weight = model.weights.at("final.weight");
  const std::vector<float>& bias = model.weights.at("final.bias");
  std::vector<double> result(static_cast<std::size_t>((units + 1) * tasks));
  for (std::int64_t t = 0; t < tasks; ++t) {
    for (std::int64_t u = 0; u < units; ++u) {
      result[static_cast<std::size_t>(u * tasks + t)] =
          static_cast<double>(unit_outputs[static_cast<std::size_t>(u)]) *
          weight[static_cast<std::size_t>(t * units + u)];
    }
    result[static_cast<std::size_t>(units * tasks + t)] = bias[static_cast<std::size_t>(t)];
  }
  return result;
}

}  // namespace explainn::model

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

void unit_contributions(std::span<const float> final_weight, std::int64_t unit, double output,
                        std::span<double> contributions) {
  const std::size_t units = final_weight.size() / contributions.size();
  for (std::size_t task = 0; task < contributions.size(); ++task) {
    contributions[task] = output * final_weight[task * units + static_cast<std::size_t>(unit)];
  }
}

std::vector<double> contributions(const Model& model, std::span<const float> unit_outputs) {
  const std::int64_t units = model.config.sizes.num_units;
  const auto tasks = static_cast<std::size_t>(model.config.sizes.num_tasks);
  const std::vector<float>& bias = model.weights.at("final.bias");
  const std::vector<float>& weight = model.weights.at("final.weight");
  std::vector<double> result(static_cast<std::size_t>(units) * tasks);
  for (std::int64_t unit = 0; unit < units; ++unit) {
    const auto at = static_cast<std::size_t>(unit);
    unit_contributions(weight, unit, unit_outputs[at],
                       std::span(result).subspan(at * tasks, tasks));
  }
  result.insert(result.end(), bias.begin(), bias.end());
  return result;
}

}  // namespace explainn::model

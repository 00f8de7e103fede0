#include "model/interpret/interpretation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "model/interpret/exact_quantiles.h"
#include "model/interpret/filter_passes.h"

namespace explainn::model {
namespace {

constexpr double kPasses = 3;

constexpr std::size_t kMedian = 2;
static_assert(kOutputFractions[kMedian] == 0.5);

// [U] the largest outputs seen so far. Units are independent of each other.
class StrongestSamples {
 public:
  StrongestSamples(std::int64_t units, bool both_strands)
      : strands_(both_strands ? 2 : 1), best_(static_cast<std::size_t>(units)) {}

  // Samples of a unit come in their order.
  void add(std::int64_t unit, StrongSample sample) {
    std::vector<StrongSample>& best = best_[static_cast<std::size_t>(unit)];
    if (std::isnan(sample.output)) return;
    if (best.size() == kStrongSamples && sample.output <= best.back().output) return;
    const auto same_sequence = [&](const StrongSample& other) {
      return other.sample / strands_ == sample.sample / strands_;
    };
    const auto other = std::find_if(best.begin(), best.end(), same_sequence);
    if (other != best.end()) {
      if (sample.output <= other->output) return;
      best.erase(other);
    } else if (best.size() == kStrongSamples) {
      best.pop_back();
    }
    const auto after = std::find_if(best.begin(), best.end(), [&](const StrongSample& each) {
      return each.output < sample.output;
    });
    best.insert(after, sample);
  }
  std::vector<std::vector<StrongSample>> take() { return std::move(best_); }

 private:
  std::int64_t strands_;
  std::vector<std::vector<StrongSample>> best_;
};

std::vector<std::array<double, kOutputFractions.size()>> all_quantiles(
    const ExactQuantiles& outputs, std::int64_t units) {
  std::vector<std::array<double, kOutputFractions.size()>> result(static_cast<std::size_t>(units));
  for (std::size_t unit = 0; unit < result.size(); ++unit) {
    for (std::size_t i = 0; i < result[unit].size(); ++i) {
      result[unit][i] = outputs.quantile(static_cast<std::int64_t>(unit), i);
    }
  }
  return result;
}

// [U, T] final weight times median output.
std::vector<double> median_importances(const Model& model, const ExactQuantiles& outputs) {
  const std::int64_t units = model.config.sizes.num_units;
  const auto tasks = static_cast<std::size_t>(model.config.sizes.num_tasks);
  std::vector<double> result(static_cast<std::size_t>(units) * tasks);
  for (std::int64_t unit = 0; unit < units; ++unit) {
    const auto first = static_cast<std::size_t>(unit) * tasks;
    unit_contributions(model.weights.at("final.weight"), unit, outputs.quantile(unit, kMedian),
                       std::span(result).subspan(first, tasks));
  }
  // Adding 0 turns the -0 of a silent unit with a negative weight into 0.
  for (double& importance : result) importance += 0.0;
  return result;
}

}  // namespace

std::vector<float> site_thresholds(std::span<const float> max_activation) {
  std::vector<float> thresholds(max_activation.begin(), max_activation.end());
  for (float& threshold : thresholds) threshold *= 0.5F;
  return thresholds;
}

Interpretation interpret(Predictor& predictor, const data::Dataset& dataset,
                         std::span<const std::uint32_t> rows,
                         const std::function<void(double fraction)>& progress) {
  const Architecture& sizes = predictor.network().sizes();
  const ActivationSource source = ActivationSource::of(predictor, dataset, rows);
  const auto report = [&](int pass, std::int64_t samples) {
    const auto done = static_cast<double>(samples) / static_cast<double>(source.samples());
    if (progress) progress((pass + done) / kPasses);
  };
  std::vector<float> maxima =
      largest_activations(source, [&](std::int64_t samples) { report(0, samples); });

  const std::vector<float> thresholds = site_thresholds(maxima);
  SiteTable table(sizes);
  ExactQuantiles outputs(sizes.num_units, {kOutputFractions.begin(), kOutputFractions.end()});
  StrongestSamples strongest(sizes.num_units, source.both_strands);
  const auto count_outputs = [&](int pass, SiteTable* letters) {
    each_site_batch(source, thresholds, letters, [&](const SiteBatch& batch) {
      parallel_for(sizes.num_units, [&](std::int64_t unit) {
        for (std::int64_t sample = 0; sample < batch.samples; ++sample) {
          const std::int64_t at = sample * sizes.num_units + unit;
          if (batch.fired[at] == 0) continue;
          outputs.add(unit, batch.unit_outputs[at]);
          if (letters != nullptr) {
            strongest.add(unit, {batch.first + sample, batch.unit_outputs[at]});
          }
        }
      });
      report(pass, batch.first + batch.samples);
    });
  };
  count_outputs(1, &table);
  outputs.begin_second_pass();
  count_outputs(2, nullptr);

  return {.motifs = table.motifs(),
          .sites = table.sites(),
          .max_activation = std::move(maxima),
          .median_importance = median_importances(predictor.model(), outputs),
          .output_quantiles = all_quantiles(outputs, sizes.num_units),
          .strongest = strongest.take()};
}

void each_importance(Predictor& predictor, const data::Dataset& dataset,
                     std::span<const std::uint32_t> rows, std::span<const float> threshold,
                     const std::function<void(std::int64_t, std::string_view, data::Strand,
                                              std::span<const double>)>& row) {
  const Architecture& sizes = predictor.network().sizes();
  const ActivationSource source = ActivationSource::of(predictor, dataset, rows);
  const std::vector<float>& weight = predictor.model().weights.at("final.weight");
  std::vector<double> importances(static_cast<std::size_t>(sizes.num_tasks));

  each_site_batch(source, threshold, nullptr, [&](const SiteBatch& batch) {
    for (std::int64_t sample = 0; sample < batch.samples; ++sample) {
      const SampleOrigin origin = source.origin(batch.first + sample);
      for (std::int64_t unit = 0; unit < sizes.num_units; ++unit) {
        const std::int64_t at = sample * sizes.num_units + unit;
        if (batch.fired[at] == 0) continue;
        unit_contributions(weight, unit, batch.unit_outputs[at], importances);
        row(unit, dataset.id(origin.row), origin.strand, importances);
      }
    }
  });
}

}  // namespace explainn::model

#include "model/interpret/interpretation.h"

#include <limits>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "model/interpret/exact_median.h"
#include "model/interpret/filter_passes.h"

namespace explainn::model {
namespace {

constexpr double kPasses = 3;

// [U, T] final weight times median output.
std::vector<double> median_importances(const Model& model, const ExactMedian& outputs) {
  const std::int64_t units = model.config.sizes.num_units;
  const auto tasks = static_cast<std::size_t>(model.config.sizes.num_tasks);
  std::vector<double> result(static_cast<std::size_t>(units) * tasks);
  for (std::int64_t unit = 0; unit < units; ++unit) {
    const auto first = static_cast<std::size_t>(unit) * tasks;
    unit_contributions(model.weights.at("final.weight"), unit, outputs.median(unit),
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
  ExactMedian outputs(sizes.num_units);
  const auto count_outputs = [&](int pass, SiteTable* letters) {
    each_site_batch(source, thresholds, letters, [&](const SiteBatch& batch) {
      parallel_for(sizes.num_units, [&](std::int64_t unit) {
        for (std::int64_t at = unit; at < batch.samples * sizes.num_units; at += sizes.num_units) {
          if (batch.fired[at] != 0) outputs.add(unit, batch.unit_outputs[at]);
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
          .median_importance = median_importances(predictor.model(), outputs)};
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

#include "model/interpret/interpretation.h"

#include <limits>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "model/interpret/exact_median.h"
#include "model/interpret/filter_passes.h"

namespace explainn::model {
namespace {

constexpr double kPasses = 3;

ActivationSource source_of(Predictor& predictor, const data::Dataset& dataset,
                           std::span<const std::uint32_t> rows) {
  require(!rows.empty(), "interpret", "no sequences");
  return {predictor.network(), dataset, rows, predictor.model().config.rev_complement};
}

// [U, T] final weight times median output.
std::vector<double> median_importances(const Predictor& predictor, const ExactMedian& outputs) {
  const std::int64_t units = predictor.model().config.sizes.num_units;
  const std::int64_t tasks = predictor.model().config.sizes.num_tasks;
  const std::vector<float>& weight = predictor.model().weights.at("final.weight");  // [T, U]
  std::vector<double> result;
  result.reserve(static_cast<std::size_t>(units * tasks));
  for (std::int64_t unit = 0; unit < units; ++unit) {
    const double median = outputs.median(unit);
    for (std::int64_t task = 0; task < tasks; ++task) {
      // Adding 0 turns the -0 of a silent unit with a negative weight into 0.
      result.push_back(median * weight[static_cast<std::size_t>(task * units + unit)] + 0.0);
    }
  }
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
  const ActivationSource source = source_of(predictor, dataset, rows);
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
          .median_importance = median_importances(predictor, outputs)};
}

void each_importance(Predictor& predictor, const data::Dataset& dataset,
                     std::span<const std::uint32_t> rows, std::span<const float> threshold,
                     const std::function<void(std::int64_t, std::string_view, data::Strand,
                                              std::span<const double>)>& row) {
  const Architecture& sizes = predictor.network().sizes();
  const ActivationSource source = source_of(predictor, dataset, rows);
  const std::vector<float>& weight = predictor.model().weights.at("final.weight");  // [T, U]
  std::vector<double> importances(static_cast<std::size_t>(sizes.num_tasks));

  each_site_batch(source, threshold, nullptr, [&](const SiteBatch& batch) {
    for (std::int64_t sample = 0; sample < batch.samples; ++sample) {
      const std::int64_t number = batch.first + sample;
      const bool reverse = source.both_strands && number % 2 == 1;
      const std::uint32_t at =
          rows[static_cast<std::size_t>(source.both_strands ? number / 2 : number)];
      for (std::int64_t unit = 0; unit < sizes.num_units; ++unit) {
        if (batch.fired[sample * sizes.num_units + unit] == 0) continue;
        const double output = batch.unit_outputs[sample * sizes.num_units + unit];
        for (std::int64_t task = 0; task < sizes.num_tasks; ++task) {
          importances[static_cast<std::size_t>(task)] =
              output * weight[static_cast<std::size_t>(task * sizes.num_units + unit)];
        }
        row(unit, dataset.id(at), reverse ? data::Strand::reverse : data::Strand::forward,
            importances);
      }
    }
  });
}

}  // namespace explainn::model

#include "model/interpret/interpretation.h"

#include <limits>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "model/interpret/activations.h"
#include "model/interpret/exact_median.h"
#include "model/interpret/sites.h"

namespace explainn::model {
namespace {

constexpr double kPasses = 3;

// One unit's part of a sample of a batch.
struct UnitView {
  std::span<const data::Base> bases;   // [L]
  std::span<const float> activations;  // [n]
  float output;
};

UnitView view(const Architecture& sizes, const ActivationBatch& batch, std::int64_t sample,
              std::int64_t unit) {
  const std::int64_t at = sample * sizes.num_units + unit;
  return {{batch.bases + sample * sizes.input_length, static_cast<std::size_t>(sizes.input_length)},
          {batch.activations + at * sizes.positions(), static_cast<std::size_t>(sizes.positions())},
          batch.unit_outputs[at]};
}

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
  const auto report = [&](int pass, const ActivationBatch& batch) {
    const auto done = static_cast<double>(batch.first + batch.samples);
    if (progress) progress((pass + done / static_cast<double>(batch.of)) / kPasses);
  };
  // `unit_sample(unit, view)`, the samples of a unit in order, units side by side.
  const auto pass_over = [&](int pass, const auto& unit_sample) {
    each_activation_batch(source, true, [&](const ActivationBatch& batch) {
      parallel_for(sizes.num_units, [&](std::int64_t unit) {
        for (std::int64_t sample = 0; sample < batch.samples; ++sample) {
          unit_sample(unit, view(sizes, batch, sample, unit));
        }
      });
      report(pass, batch);
    });
  };

  std::vector<float> maxima(static_cast<std::size_t>(sizes.num_units), 0.0F);
  each_activation_batch(source, false, [&](const ActivationBatch& batch) {
    raise_maxima(sizes, batch, maxima);
    report(0, batch);
  });

  const std::vector<float> thresholds = site_thresholds(maxima);
  const auto threshold = [&](std::int64_t unit) {
    return thresholds[static_cast<std::size_t>(unit)];
  };
  SiteTable table(sizes);
  ExactMedian outputs(sizes.num_units);
  pass_over(1, [&](std::int64_t unit, const UnitView& seen) {
    const auto found = table.add(unit, seen.bases, seen.activations, threshold(unit));
    if (found > 0) outputs.add(unit, seen.output);
  });
  outputs.begin_second_pass();
  pass_over(2, [&](std::int64_t unit, const UnitView& seen) {
    if (count_sites(seen.activations, threshold(unit)) > 0) outputs.add(unit, seen.output);
  });

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
  std::vector<std::uint8_t> active;                                                 // [B, U]
  std::vector<double> importances(static_cast<std::size_t>(sizes.num_tasks));

  each_activation_batch(source, true, [&](const ActivationBatch& batch) {
    active.resize(static_cast<std::size_t>(batch.samples * sizes.num_units));
    parallel_for(batch.samples, [&](std::int64_t sample) {
      for (std::int64_t unit = 0; unit < sizes.num_units; ++unit) {
        const UnitView seen = view(sizes, batch, sample, unit);
        active[static_cast<std::size_t>(sample * sizes.num_units + unit)] =
            count_sites(seen.activations, threshold[static_cast<std::size_t>(unit)]) > 0;
      }
    });
    for (std::int64_t sample = 0; sample < batch.samples; ++sample) {
      const std::int64_t number = batch.first + sample;
      const bool reverse = source.both_strands && number % 2 == 1;
      const std::uint32_t at =
          rows[static_cast<std::size_t>(source.both_strands ? number / 2 : number)];
      for (std::int64_t unit = 0; unit < sizes.num_units; ++unit) {
        if (active[static_cast<std::size_t>(sample * sizes.num_units + unit)] == 0) continue;
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

#include "model/interpret/filter_passes.h"

#include "kernels/base/parallel.h"

namespace explainn::model {
namespace {

void count_on_cpu(const ActivationSource& source, std::span<const float> thresholds,
                  SiteTable* table, const std::function<void(const SiteBatch&)>& visit) {
  const Architecture& sizes = source.network.sizes();
  const auto length = static_cast<std::size_t>(sizes.input_length);
  const auto positions = static_cast<std::size_t>(sizes.positions());
  std::vector<std::uint8_t> fired;
  each_activation_batch(source, true, [&](const ActivationBatch& batch) {
    fired.resize(static_cast<std::size_t>(batch.samples * sizes.num_units));
    parallel_for(sizes.num_units, [&](std::int64_t unit) {
      const float threshold = thresholds[static_cast<std::size_t>(unit)];
      for (std::int64_t sample = 0; sample < batch.samples; ++sample) {
        const std::int64_t at = sample * sizes.num_units + unit;
        const std::span bases(batch.bases + sample * sizes.input_length, length);
        const std::span activations(batch.activations + at * sizes.positions(), positions);
        const std::int64_t found = table != nullptr
                                       ? table->add(unit, bases, activations, threshold)
                                       : count_sites(activations, threshold);
        fired[static_cast<std::size_t>(at)] = found > 0 ? 1 : 0;
      }
    });
    visit({batch.first, batch.samples, fired.data(), batch.unit_outputs});
  });
}

void count_on_device(const ActivationCounts& counts, const ActivationSource& source,
                     std::span<const float> thresholds, SiteTable& table,
                     const std::function<void(const SiteBatch&)>& visit) {
  const std::int64_t units = source.network.sizes().num_units;
  const std::int64_t most = source.network.rows_at_once();
  std::vector<std::uint8_t> fired(static_cast<std::size_t>(most * units));
  std::vector<float> outputs(static_cast<std::size_t>(most * units));
  each_sequence_batch(source, most, [&](const SequenceBatch& batch, std::int64_t first) {
    counts.count_sites(
        batch, thresholds.data(),
        {.letters = table.letter_counts(), .sites = table.site_counts(), .fired = fired.data()},
        outputs.data());
    visit({first, batch.rows, fired.data(), outputs.data()});
  });
}

}  // namespace

std::vector<float> largest_activations(const ActivationSource& source, const PassReport& report) {
  const Architecture& sizes = source.network.sizes();
  std::vector<float> maxima(static_cast<std::size_t>(sizes.num_units), 0.0F);
  if (const ActivationCounts* counts = source.network.activation_counts()) {
    each_sequence_batch(source, source.network.rows_at_once(),
                        [&](const SequenceBatch& batch, std::int64_t first) {
                          counts->raise_maxima(batch, maxima.data());
                          report(first + batch.rows);
                        });
    return maxima;
  }
  each_activation_batch(source, false, [&](const ActivationBatch& batch) {
    raise_maxima(sizes, batch, maxima);
    report(batch.first + batch.samples);
  });
  return maxima;
}

void each_site_batch(const ActivationSource& source, std::span<const float> thresholds,
                     SiteTable* table, const std::function<void(const SiteBatch&)>& visit) {
  if (const ActivationCounts* counts = source.network.activation_counts()) {
    SiteTable unwanted(source.network.sizes());
    count_on_device(*counts, source, thresholds, table != nullptr ? *table : unwanted, visit);
    return;
  }
  count_on_cpu(source, thresholds, table, visit);
}

}  // namespace explainn::model

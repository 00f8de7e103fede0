#include "model/interpret/instances.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "data/sequences.h"
#include "model/interpret/activations.h"
#include "model/interpret/sites.h"

namespace explainn::model {
namespace {

// A stretch of a sequence as the file has it.
struct Stretch {
  std::int64_t start, end;
};

// Where windows of the fitted sequence stand in the sequence itself.
class Places {
 public:
  Places(const Architecture& sizes, std::int64_t length, data::Strand strand)
      : sizes_(sizes),
        length_(length),
        first_(data::fitted_start(length, sizes.input_length)),
        reverse_(strand == data::Strand::reverse) {}

  // Empty for a window in the padding.
  Stretch of(std::int64_t position) const {
    const std::int64_t last = sizes_.input_length - sizes_.filter_size;
    const std::int64_t start = first_ + (reverse_ ? last - position : position);
    return {std::max<std::int64_t>(0, start), std::min(length_, start + sizes_.filter_size)};
  }

 private:
  const Architecture& sizes_;
  std::int64_t length_;
  std::int64_t first_;
  bool reverse_;
};

// The window of largest activation that holds a base of the sequence.
std::optional<ExampleSite> strongest_window(const Places& places, const SampleOrigin& origin,
                                            std::span<const float> activations, float output) {
  std::optional<ExampleSite> best;
  for (std::size_t i = 0; i < activations.size(); ++i) {
    if (std::isnan(activations[i]) || (best && activations[i] <= best->activation)) continue;
    const Stretch place = places.of(static_cast<std::int64_t>(i));
    if (place.start >= place.end) continue;
    best = {origin.row, origin.strand, place.start, place.end, activations[i], output};
  }
  return best;
}

// A sample of the whole pass where a unit was strong.
struct Wanted {
  std::int64_t sample;
  std::size_t unit;
  std::size_t place;  // among the unit's
  float output;
};

std::vector<Wanted> in_order_of_samples(const std::vector<std::vector<StrongSample>>& strongest) {
  std::vector<Wanted> wanted;
  for (std::size_t unit = 0; unit < strongest.size(); ++unit) {
    for (std::size_t i = 0; i < strongest[unit].size(); ++i) {
      wanted.push_back({strongest[unit][i].sample, unit, i, strongest[unit][i].output});
    }
  }
  std::stable_sort(wanted.begin(), wanted.end(),
                   [](const Wanted& a, const Wanted& b) { return a.sample < b.sample; });
  return wanted;
}

using FoundSites = std::vector<std::vector<std::optional<ExampleSite>>>;  // [U]

// The first kExamples of each unit, the largest output first, then the largest activation.
std::vector<std::vector<ExampleSite>> best_examples(const FoundSites& found) {
  std::vector<std::vector<ExampleSite>> sites(found.size());
  for (std::size_t u = 0; u < found.size(); ++u) {
    for (const auto& site : found[u]) {
      if (site) sites[u].push_back(*site);
    }
    std::stable_sort(sites[u].begin(), sites[u].end(),
                     [](const ExampleSite& a, const ExampleSite& b) {
                       return std::pair(a.output, a.activation) > std::pair(b.output, b.activation);
                     });
    if (sites[u].size() > kExamples) sites[u].erase(sites[u].begin() + kExamples, sites[u].end());
  }
  return sites;
}

}  // namespace

std::vector<std::vector<ExampleSite>> example_sites(
    Predictor& predictor, const data::Dataset& dataset, std::span<const std::uint32_t> rows,
    const std::vector<std::vector<StrongSample>>& strongest) {
  const Architecture& sizes = predictor.network().sizes();
  const auto positions = static_cast<std::size_t>(sizes.positions());
  const std::vector<Wanted> wanted = in_order_of_samples(strongest);
  const std::int64_t strands = predictor.model().config.rev_complement ? 2 : 1;
  std::vector<std::size_t> chosen;  // numbers within `rows`, ascending
  std::vector<std::uint32_t> chosen_rows;
  for (const Wanted& each : wanted) {
    const auto number = static_cast<std::size_t>(each.sample / strands);
    if (!chosen.empty() && chosen.back() == number) continue;
    chosen.push_back(number);
    chosen_rows.push_back(rows[number]);
  }
  FoundSites found(strongest.size());
  for (std::size_t u = 0; u < found.size(); ++u) found[u].resize(strongest[u].size());
  if (wanted.empty()) return best_examples(found);

  const ActivationSource source = ActivationSource::of(predictor, dataset, chosen_rows);
  auto next = wanted.begin();
  each_activation_batch(source, false, [&](const ActivationBatch& batch) {
    for (std::int64_t i = 0; i < batch.samples; ++i) {
      const std::int64_t at = batch.first + i;
      const auto number = static_cast<std::int64_t>(chosen[static_cast<std::size_t>(at / strands)]);
      const std::int64_t sample = number * strands + at % strands;
      const SampleOrigin origin = source.origin(at);
      const Places places(sizes, dataset.sequences.length(origin.row), origin.strand);
      for (; next != wanted.end() && next->sample == sample; ++next) {
        const std::int64_t first = i * sizes.num_units + static_cast<std::int64_t>(next->unit);
        found[next->unit][next->place] = strongest_window(
            places, origin, {batch.activations + first * sizes.positions(), positions},
            next->output);
      }
    }
  });
  return best_examples(found);
}

void each_instance(Predictor& predictor, const data::Dataset& dataset,
                   std::span<const std::uint32_t> rows, std::span<const float> thresholds,
                   const std::function<void(const Instance&)>& visit) {
  const Architecture& sizes = predictor.network().sizes();
  const ActivationSource source = ActivationSource::of(predictor, dataset, rows);
  const std::vector<float>& weight = predictor.model().weights.at("final.weight");
  const auto positions = static_cast<std::size_t>(sizes.positions());
  std::vector<double> contributions(static_cast<std::size_t>(sizes.num_tasks));

  each_activation_batch(source, true, [&](const ActivationBatch& batch) {
    for (std::int64_t at = 0; at < batch.samples * sizes.num_units; ++at) {
      const std::int64_t unit = at % sizes.num_units;
      const float threshold = thresholds[static_cast<std::size_t>(unit)];
      const std::span activations(batch.activations + at * sizes.positions(), positions);
      if (count_sites(activations, threshold) == 0) continue;
      const SampleOrigin origin = source.origin(batch.first + at / sizes.num_units);
      const Places places(sizes, dataset.sequences.length(origin.row), origin.strand);
      unit_contributions(weight, unit, batch.unit_outputs[at], contributions);
      for (std::size_t i = 0; i < positions; ++i) {
        if (!(activations[i] > threshold)) continue;
        const Stretch place = places.of(static_cast<std::int64_t>(i));
        if (place.start >= place.end) continue;
        visit({unit, origin.row, origin.strand, place.start, place.end, activations[i],
               contributions});
      }
    }
  });
}

}  // namespace explainn::model

#include "model/interpret/instances.h"

#include <algorithm>
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

}  // namespace

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

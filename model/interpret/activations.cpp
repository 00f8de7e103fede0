#include "model/interpret/activations.h"

#include <algorithm>
#include <vector>

#include "data/sequences.h"
#include "kernels/base/error.h"
#include "kernels/base/parallel.h"

namespace explainn::model {
namespace {

// Activations that a batch holds: large enough to occupy all threads, small whatever the sizes.
constexpr std::int64_t kBatchElements = std::int64_t{1} << 22;
constexpr std::int64_t kMostSamples = 1024;
constexpr std::int64_t kSamplesAtOnce = 32;

}  // namespace

ActivationSource ActivationSource::of(Predictor& predictor, const data::Dataset& dataset,
                                      std::span<const std::uint32_t> rows) {
  require(!rows.empty(), "interpret", "no sequences");
  return {predictor.network(), dataset, rows, predictor.model().config.rev_complement};
}

void each_sequence_batch(const ActivationSource& source, std::int64_t most,
                         const std::function<void(const SequenceBatch&, std::int64_t)>& visit) {
  const std::int64_t length = source.network.sizes().input_length;
  const std::int64_t total = source.samples();
  most = std::min(total, most);
  std::vector<data::Base> bases(static_cast<std::size_t>(most * length));
  for (std::int64_t first = 0; first < total; first += most) {
    const std::int64_t count = std::min(most, total - first);
    parallel_blocks(count, kSamplesAtOnce, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const SampleOrigin origin = source.origin(first + i);
        data::fit_sequence(source.dataset.sequences[origin.row], origin.strand,
                           {bases.data() + i * length, static_cast<std::size_t>(length)});
      }
    });
    visit({bases.data(), count}, first);
  }
}

void each_activation_batch(const ActivationSource& source, bool unit_outputs,
                           const std::function<void(const ActivationBatch&)>& visit) {
  const Architecture& sizes = source.network.sizes();
  const std::int64_t map = sizes.num_units * sizes.positions();
  const std::int64_t total = source.samples();
  const std::int64_t most =
      std::min(total, std::clamp<std::int64_t>(kBatchElements / map, 1, kMostSamples));
  std::vector<float> activations(static_cast<std::size_t>(most * map));
  std::vector<float> outputs(
      static_cast<std::size_t>(unit_outputs ? most * sizes.num_units : std::int64_t{0}));
  float* const wanted_outputs = unit_outputs ? outputs.data() : nullptr;
  each_sequence_batch(source, most, [&](const SequenceBatch& batch, std::int64_t first) {
    source.network.infer(batch,
                         {.unit_outputs = wanted_outputs, .activations = activations.data()});
    visit({first, batch.rows, total, batch.bases, activations.data(), wanted_outputs});
  });
}

}  // namespace explainn::model

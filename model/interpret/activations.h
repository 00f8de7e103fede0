// What the filters of a network answer, batch by batch: the memory of one batch serves all.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "data/dataset.h"
#include "model/predictor.h"

namespace explainn::model {

/// Some samples and what the network makes of them. A sample is a (sequence, strand) pair; with
/// both strands sample 2i is the forward strand of rows[i], 2i + 1 the reverse one.
struct ActivationBatch {
  std::int64_t first;         ///< number of the first sample
  std::int64_t samples;       ///< B
  std::int64_t of;            ///< samples of the whole pass
  const data::Base* bases;    ///< [B, L], as the network saw them
  const float* activations;   ///< [B, U, n], exp(batch norm(convolution))
  const float* unit_outputs;  ///< [B, U]; null if not asked for
};

/// Where a sample comes from.
struct SampleOrigin {
  std::uint32_t row;  ///< of the dataset
  data::Strand strand;
};

/// Which samples a pass goes through.
struct ActivationSource {
  Network& network;
  const data::Dataset& dataset;
  std::span<const std::uint32_t> rows;
  bool both_strands;

  /// `rows` of `dataset` as a trained model sees them: on both strands if it was trained so.
  /// Throws std::invalid_argument without rows.
  static ActivationSource of(Predictor& predictor, const data::Dataset& dataset,
                             std::span<const std::uint32_t> rows);

  std::int64_t samples() const {
    return static_cast<std::int64_t>(rows.size()) * (both_strands ? 2 : 1);
  }
  SampleOrigin origin(std::int64_t sample) const {
    const std::int64_t row = both_strands ? sample / 2 : sample;
    return {rows[static_cast<std::size_t>(row)],
            both_strands && sample % 2 == 1 ? data::Strand::reverse : data::Strand::forward};
  }
};

/// Calls `visit(bases [B, L] and B, number of the first sample)` for consecutive batches of at most
/// `most` samples.
void each_sequence_batch(const ActivationSource& source, std::int64_t most,
                         const std::function<void(const SequenceBatch&, std::int64_t)>& visit);

/// Calls `visit` for consecutive batches of all samples. Batches follow from the sizes alone, so
/// every pass over the same source sees the same bits.
void each_activation_batch(const ActivationSource& source, bool unit_outputs,
                           const std::function<void(const ActivationBatch&)>& visit);

}  // namespace explainn::model

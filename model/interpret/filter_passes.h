// Passes of all filters over some samples: on the CPU from their activations, on a GPU without
// these ever reaching the host.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "model/interpret/activations.h"
#include "model/interpret/sites.h"

namespace explainn::model {

/// Told how many samples are done.
using PassReport = std::function<void(std::int64_t samples)>;

/// [U] the largest activation of each filter; 0 where all are NaN.
std::vector<float> largest_activations(const ActivationSource& source, const PassReport& report);

/// Some samples, numbered as in ActivationBatch, and what became of them.
struct SiteBatch {
  std::int64_t first, samples;
  const std::uint8_t* fired;  ///< [B, U]: 1 where a window's activation is above the threshold
  const float* unit_outputs;  ///< [B, U]
};

/// Calls `visit` for consecutive batches of all samples. The letters of all windows whose
/// activation is strictly greater than thresholds [U] are added to `table`; null: not wanted.
void each_site_batch(const ActivationSource& source, std::span<const float> thresholds,
                     SiteTable* table, const std::function<void(const SiteBatch&)>& visit);

}  // namespace explainn::model

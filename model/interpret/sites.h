// Sites: the windows that a filter answers to more strongly than half of its maximum, and the
// letters under them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/motif_file.h"
#include "model/config.h"
#include "model/interpret/activations.h"

namespace explainn::model {

/// Raises maxima [U] to the activations of `batch`. NaNs are passed over.
void raise_maxima(const Architecture& sizes, const ActivationBatch& batch, std::span<float> maxima);

/// The number of activations strictly greater than `threshold`.
std::int64_t count_sites(std::span<const float> activations, float threshold);

/// Letters under the sites of every filter. Filters are independent of each other: different
/// threads may add to different ones.
class SiteTable {
 public:
  explicit SiteTable(const Architecture& sizes);

  /// Adds every window of one sample (bases [L], activations [n] of filter `unit`) whose activation
  /// is strictly greater than `threshold`. Returns their number.
  std::int64_t add(std::int64_t unit, std::span<const data::Base> bases,
                   std::span<const float> activations, float threshold);

  /// Where others may count as well.
  std::int64_t* letter_counts() { return letters_.data(); }  ///< [U, K, 5], unknown bases last
  std::int64_t* site_counts() { return sites_.data(); }      ///< [U]

  /// [U] windows added so far.
  const std::vector<std::int64_t>& sites() const { return sites_; }
  /// How often `base` (0..3) stood at `position` of a site of filter `unit`.
  std::int64_t letters(std::int64_t unit, std::int64_t position, int base) const;
  /// Filters with at least one site, as probabilities; a position without a known base is uniform.
  data::MotifFile motifs() const;

 private:
  std::int64_t width_;  // K
  std::vector<std::int64_t> sites_;
  std::vector<std::int64_t> letters_;  // [U, K, 5], unknown bases last
};

}  // namespace explainn::model

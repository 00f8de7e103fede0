#include "model/interpret/sites.h"

#include <algorithm>
#include <array>
#include <string>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"

namespace explainn::model {
namespace {

constexpr std::int64_t kLetters = 5;
static_assert(data::kUnknownBase == kLetters - 1);

// The largest of `largest` and values[0..size-1]; NaNs are passed over. Lanes let the compiler use
// vector instructions without reordering anything that could change the result.
float raise(float largest, const float* values, std::int64_t size) {
  constexpr std::int64_t kLanes = 16;
  std::array<float, kLanes> lanes;
  lanes.fill(largest);
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const float value = values[i + lane];
      float& most = lanes[static_cast<std::size_t>(lane)];
      most = value > most ? value : most;
    }
  }
  for (; i < size; ++i) lanes[0] = values[i] > lanes[0] ? values[i] : lanes[0];
  return *std::max_element(lanes.begin(), lanes.end());
}

}  // namespace

void raise_maxima(const Architecture& sizes, const ActivationBatch& batch,
                  std::span<float> maxima) {
  const std::int64_t units = sizes.num_units;
  const std::int64_t positions = sizes.positions();
  parallel_for(units, [&](std::int64_t unit) {
    float largest = maxima[static_cast<std::size_t>(unit)];
    for (std::int64_t b = 0; b < batch.samples; ++b) {
      largest = raise(largest, batch.activations + (b * units + unit) * positions, positions);
    }
    maxima[static_cast<std::size_t>(unit)] = largest;
  });
}

std::int64_t count_sites(std::span<const float> activations, float threshold) {
  std::int32_t count = 0;  // as wide as a float, for vector instructions; L is far below 2^31
  for (const float activation : activations) count += activation > threshold ? 1 : 0;
  return count;
}

SiteTable::SiteTable(const Architecture& sizes)
    : width_(sizes.filter_size),
      sites_(static_cast<std::size_t>(sizes.num_units)),
      letters_(static_cast<std::size_t>(sizes.num_units * width_ * kLetters)) {}

std::int64_t SiteTable::add(std::int64_t unit, std::span<const data::Base> bases,
                            std::span<const float> activations, float threshold) {
  require(bases.size() + 1 == activations.size() + static_cast<std::size_t>(width_), "sites",
          bases.size(), " bases, ", activations.size(), " windows of ", width_);
  const std::int64_t found = count_sites(activations, threshold);
  sites_[static_cast<std::size_t>(unit)] += found;
  std::int64_t* const table = letters_.data() + unit * width_ * kLetters;
  std::int64_t left = found;
  for (std::size_t i = 0; left > 0; ++i) {
    if (!(activations[i] > threshold)) continue;
    --left;
    const data::Base* const window = bases.data() + i;
    for (std::int64_t k = 0; k < width_; ++k) ++table[k * kLetters + window[k]];
  }
  return found;
}

std::int64_t SiteTable::letters(std::int64_t unit, std::int64_t position, int base) const {
  return letters_[static_cast<std::size_t>((unit * width_ + position) * kLetters + base)];
}

data::MotifFile SiteTable::motifs() const {
  data::MotifFile file;
  for (std::size_t unit = 0; unit < sites_.size(); ++unit) {
    if (sites_[unit] == 0) continue;
    data::Motif motif{.id = "filter" + std::to_string(unit),
                      .name = "",
                      .columns = {},
                      .sites = static_cast<double>(sites_[unit])};
    for (std::int64_t k = 0; k < width_; ++k) {
      std::array<double, 4> column{};
      double sum = 0;
      for (int base = 0; base < 4; ++base) {
        column[static_cast<std::size_t>(base)] =
            static_cast<double>(letters(static_cast<std::int64_t>(unit), k, base));
        sum += column[static_cast<std::size_t>(base)];
      }
      for (double& share : column) share = sum > 0 ? share / sum : 0.25;
      motif.columns.push_back(column);
    }
    file.motifs.push_back(std::move(motif));
  }
  return file;
}

}  // namespace explainn::model

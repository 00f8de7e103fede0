// Motifs made up for tests.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>

#include "data/motif_file.h"
#include "kernels/base/philox.h"

namespace explainn::test {

/// Columns of all sorts, from nearly flat to a single letter.
inline data::Motif random_motif(std::int64_t width, std::uint64_t seed, double sites) {
  data::Motif motif;
  motif.id = "motif" + std::to_string(seed);
  motif.sites = sites;
  for (std::int64_t k = 0; k < width; ++k) {
    const auto words = philox(seed, static_cast<std::uint64_t>(k), 1, 2);
    const double sharpness = static_cast<double>(k % 5);
    auto& column = motif.columns.emplace_back();
    double sum = 0;
    for (std::size_t b = 0; b < 4; ++b) {
      column[b] = std::pow(static_cast<double>(unit_interval(words[b])) + 0.01, sharpness);
      sum += column[b];
    }
    for (double& value : column) value /= sum;
  }
  return motif;
}

}  // namespace explainn::test

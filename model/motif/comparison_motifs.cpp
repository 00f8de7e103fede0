// Names of distances, and motifs one by one as comparison sees them.
#include <cmath>
#include <numeric>

#include "kernels/base/error.h"
#include "model/motif/comparison.h"
#include "model/motif/matrix.h"

namespace explainn::model {
namespace {

constexpr double kSitesIfUnknown = 20;

}  // namespace

std::string_view to_string(ColumnDistance distance) {
  return distance == ColumnDistance::euclidean ? "ed" : "pearson";
}

ColumnDistance column_distance_from(std::string_view name) {
  for (const ColumnDistance distance : {ColumnDistance::euclidean, ColumnDistance::pearson}) {
    if (name == to_string(distance)) return distance;
  }
  throw UsageError(cat("no distance of motif columns is called '", name,
                       "'; choose ed (Euclidean) or pearson (correlation)"));
}

data::Motif with_pseudocount(const data::Motif& motif, double pseudocount,
                             const std::array<double, 4>& background) {
  const double at = (background[0] + background[3]) / 2;
  const double cg = (background[1] + background[2]) / 2;
  const std::array<double, 4> symmetric{at, cg, cg, at};
  const double sites = motif.sites >= 1 ? std::floor(motif.sites) : kSitesIfUnknown;
  data::Motif out = motif;
  for (std::array<double, 4>& column : out.columns) {
    for (std::size_t i = 0; i < 4; ++i) {
      column[i] = (column[i] * sites + pseudocount * symmetric[i]) / (sites + pseudocount);
    }
  }
  return out;
}

bool is_uninformative(const data::Motif& motif) {
  const std::vector<double> bits = information_content(motif, {0.25, 0.25, 0.25, 0.25});
  return std::accumulate(bits.begin(), bits.end(), 0.0) < kUninformativeBits;
}

}  // namespace explainn::model

#include "model/motif/score_matrix.h"

#include <cmath>

#include "kernels/base/error.h"
#include "model/motif/comparison.h"

namespace explainn::model {
namespace {

void require_positive(const Frequencies& frequencies) {
  for (const double frequency : frequencies) {
    require(frequency > 0 && std::isfinite(frequency), "motif", "a frequency of ", frequency,
            " in the background");
  }
}

}  // namespace

Frequencies strand_symmetric(const Frequencies& frequencies) {
  require_positive(frequencies);
  const double at = frequencies[0] + frequencies[3];
  const double cg = frequencies[1] + frequencies[2];
  const double both = 2 * (at + cg);
  return {at / both, cg / both, cg / both, at / both};
}

ScoreColumns score_columns(const data::Motif& motif, const Frequencies& background, double pseudo) {
  require(!motif.columns.empty(), "motif", motif.id, " has no columns");
  require(pseudo > 0 && std::isfinite(pseudo), "motif", "a pseudocount of ", pseudo);
  require_positive(background);
  require(background[0] == background[3] && background[1] == background[2], "motif",
          "the background tells the strands apart");
  const data::Motif smoothed = with_pseudocount(motif, pseudo, background);
  ScoreColumns columns;
  for (const auto& probabilities : smoothed.columns) {
    auto& column = columns.emplace_back();
    for (std::size_t b = 0; b < 4; ++b) {
      column[b] = static_cast<std::int32_t>(
          std::lround(engine::kScoresPerBit * std::log2(probabilities[b] / background[b])));
    }
  }
  return columns;
}

}  // namespace explainn::model

// From a trained model to motifs: which sequences to trust, what each filter answers to, how much
// each unit matters. training.md, "Interpretation".
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"
#include "data/motif_file.h"
#include "model/predictor.h"

namespace explainn::model {

/// Which sequences count as well predicted.
struct WellPredicted {
  enum class Rule { exact_match, correlation, percentile_top, percentile_bottom };
  Rule rule;
  double value = 0;  ///< correlation: r > value; percentiles: the extreme `value` %
  std::optional<std::int64_t> at_most;  ///< keep a seeded sample of so many
};

/// The rule that suits a criterion and a number of tasks when none was asked for.
WellPredicted default_rule(Criterion criterion, std::int64_t tasks);

/// The well-predicted ones among `rows`, in their order, judged on predictions averaged over
/// strands if the model was trained on both. Labels that are missing are left out, and sequences
/// without any label. Correlations and percentiles compare what a user reads (probabilities,
/// expected counts); percentiles rank the mean of a sequence's labelled tasks, a sequence that ties
/// with the last of the extreme ones being one of them. Throws UsageError when a rule does not suit
/// the model, or when none is left (naming the option to change).
std::vector<std::uint32_t> well_predicted_rows(Predictor& predictor, const data::Dataset& dataset,
                                               std::span<const std::uint32_t> rows,
                                               const WellPredicted& rule, std::uint64_t seed);

/// What of a unit's outputs a box plot shows; all over the samples with a site, as the medians are.
inline constexpr std::array<double, 5> kOutputFractions{0.05, 0.25, 0.5, 0.75, 0.95};
/// So many samples are remembered of each filter, to choose examples from: where its unit is silent
/// many outputs are equal.
inline constexpr std::size_t kStrongSamples = 32;

/// A sample, numbered as in ActivationBatch, and the output of a unit there.
struct StrongSample {
  std::int64_t sample;
  float output;
};

struct Interpretation {
  data::MotifFile motifs;                 ///< filters with at least one site: ids filter<u>
  std::vector<std::int64_t> sites;        ///< [U] windows beyond the threshold
  std::vector<float> max_activation;      ///< [U] over the well-predicted sequences
  std::vector<double> median_importance;  ///< [U, T], NaN for a unit without sites
  /// [U] quantiles of the unit's outputs at kOutputFractions, NaN for a unit without sites
  std::vector<std::array<double, kOutputFractions.size()>> output_quantiles = {};
  /// [U] the samples with a site where the unit's output is largest, the largest first, of equal
  /// ones the first; at most kStrongSamples, one a sequence
  std::vector<std::vector<StrongSample>> strongest = {};
};

/// Half of each filter's maximum: a site is a window whose activation is strictly greater.
std::vector<float> site_thresholds(std::span<const float> max_activation);

/// Memory does not depend on the number of rows: activations are computed anew in each of three
/// passes (maximum; sites and the upper half of the quantiles' keys; the lower half). `rows`: the
/// well-predicted ones, at least one; both strands of each if the model was trained so. A filter
/// whose maximum is infinite has no sites.
Interpretation interpret(Predictor& predictor, const data::Dataset& dataset,
                         std::span<const std::uint32_t> rows,
                         const std::function<void(double fraction)>& progress);

/// Calls `row(filter, sequence id, strand, importances [T])` for every (unit, sequence, strand)
/// with at least one site, sequence by sequence, the forward strand first, filters in order.
/// `threshold` [U]: site_thresholds() of the same rows. Importances: output of the unit on that
/// strand times its final weights; the view holds during the call.
void each_importance(Predictor& predictor, const data::Dataset& dataset,
                     std::span<const std::uint32_t> rows, std::span<const float> threshold,
                     const std::function<void(std::int64_t, std::string_view, data::Strand,
                                              std::span<const double>)>& row);

}  // namespace explainn::model

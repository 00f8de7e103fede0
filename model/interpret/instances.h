// Motif instances: every site of every filter, with its place and what it contributes.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "data/dataset.h"
#include "model/interpret/interpretation.h"
#include "model/predictor.h"

namespace explainn::model {

/// A window of a sequence whose activation is strictly greater than the filter's threshold.
struct Instance {
  std::int64_t unit;
  std::uint32_t row;    ///< of the dataset
  data::Strand strand;  ///< on which the filter reads the motif
  std::int64_t start;   ///< first base, from 0, on the sequence as the file has it, whatever strand
  std::int64_t end;     ///< behind the last base; windows that reach into the padding are cut
  float activation;
  /// [T] the unit's output on that strand times its final weights, which all sites of the unit in
  /// the sequence share; a model of both strands predicts the mean over strands.
  std::span<const double> contributions;
};

/// Calls `visit` for the instances of `rows`, sequence by sequence, the forward strand first,
/// filters in order, windows in the order of the strand. thresholds [U]: site_thresholds(). Windows
/// without a base of the sequence, all padding, are passed over. Memory does not depend on the
/// number of rows; what `visit` is given holds during the call.
void each_instance(Predictor& predictor, const data::Dataset& dataset,
                   std::span<const std::uint32_t> rows, std::span<const float> thresholds,
                   const std::function<void(const Instance&)>& visit);

/// A site that shows what a filter answers to.
struct ExampleSite {
  std::uint32_t row;        ///< of the dataset
  data::Strand strand;      ///< on which the filter reads the motif
  std::int64_t start, end;  ///< as in Instance
  float activation;
  float output;  ///< of the unit on that strand
};

/// So many of each filter.
inline constexpr std::size_t kExamples = 4;

/// [U] the window of largest activation (of equal ones the first) in each of
/// Interpretation::strongest, which came from the same `rows`; windows without a base of the
/// sequence are passed over. Of these the kExamples of largest output, of equal ones those of
/// largest activation. Computes the activations of these few sequences anew.
std::vector<std::vector<ExampleSite>> example_sites(
    Predictor& predictor, const data::Dataset& dataset, std::span<const std::uint32_t> rows,
    const std::vector<std::vector<StrongSample>>& strongest);

}  // namespace explainn::model

// From results in memory to the Facts of a report.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "model/interpret/annotation.h"
#include "model/report/facts.h"

namespace explainn::model::report {

/// Sizes, criterion and names of a model.
void describe_model(const Config& config, Facts& facts);

/// [U] letters about the sites that a filter answers to most; `rows` as given to interpret().
std::vector<std::vector<Example>> examples(Predictor& predictor, const data::Dataset& dataset,
                                           std::span<const std::uint32_t> rows,
                                           const Interpretation& result);

/// The known motifs that filters look like, the best of each: for their logos and names.
std::vector<data::Motif> matched_motifs(const std::vector<MotifMatch>& matches,
                                        const data::MotifFile& known);

/// Metrics of `predictions` [N, T] (probabilities, counts or values) for `rows` [N] of the data,
/// and curves where tasks are binary or classes.
Performance judge(Criterion criterion, std::span<const float> predictions,
                  const data::Dataset& dataset, std::span<const std::uint32_t> rows);

/// losses.tsv of a training; nothing if there is none at `path` or if it holds anything else.
std::vector<EpochResult> losses_at(const std::string& path);

}  // namespace explainn::model::report

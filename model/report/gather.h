// From results in memory to the Facts of a report.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "model/interpret/annotation.h"
#include "model/interpret/effects.h"
#include "model/report/facts.h"

namespace explainn::model::report {

/// Letters to either side of a site, where the sequence has them.
inline constexpr std::int64_t kFlank = 8;

/// Sizes, criterion and names of a model.
void describe_model(const Config& config, Facts& facts);

/// [U] letters about the sites that a filter answers to most; `rows` as given to interpret().
std::vector<std::vector<Example>> examples(Predictor& predictor, const data::Dataset& dataset,
                                           std::span<const std::uint32_t> rows,
                                           const Interpretation& result);

/// The known motifs that filters look like, the best of each: for their logos and names.
std::vector<data::Motif> matched_motifs(const std::vector<MotifMatch>& matches,
                                        const data::MotifFile& known);

/// How good a model is, and what each unit has to do with it, from its predictions batch by batch.
class Judgement {
 public:
  Judgement(const Model& model, const data::Dataset& dataset);

  void add(std::span<const std::uint32_t> rows, const Predictions& batch);
  /// Metrics of all rows, and curves where tasks are binary or classes.
  Performance performance() const;
  /// [U, T] as EffectSums has it; classes one against the rest.
  std::vector<double> effects() const;

 private:
  const Model& model_;
  const data::Dataset& dataset_;
  std::vector<float> labels_;       // [N, T], or [N] for classes
  std::vector<float> task_labels_;  // [N, T] of 0 and 1 for classes too
  std::vector<float> predictions_;  // [N, T]
  EffectSums effects_;
};

/// losses.tsv of a training; nothing if there is none at `path` or if it holds anything else.
std::vector<EpochResult> losses_at(const std::string& path);

}  // namespace explainn::model::report

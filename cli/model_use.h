// What eval, predict and interpret do alike with a trained model.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cli/progress.h"
#include "data/dataset.h"
#include "model/predictor.h"

namespace explainn::cli {

/// Reads a model file; a PyTorch checkpoint is refused with a hint at convert.
model::Model load_model(const std::string& path);

/// The criterion; throws Error that says how to name one if the model has none.
model::Criterion criterion_of(const model::Model& model, const std::string& path);

/// "one", "both", or empty: as trained. Throws UsageError for anything else.
model::Strands strands_from(const std::string& option, const model::Config& config);

/// Calls `visit` with what the model says about the rows of one batch after the other.
void each_prediction(model::Predictor& predictor, const data::Dataset& dataset,
                     std::span<const std::uint32_t> rows, model::Strands strands,
                     Progress& progress,
                     const std::function<void(std::span<const std::uint32_t> rows,
                                              const model::Predictions&)>& visit);

/// Logits [rows, T] of some rows of the data, in their order.
std::vector<float> predict_rows(model::Predictor& predictor, const data::Dataset& dataset,
                                std::span<const std::uint32_t> rows, model::Strands strands,
                                Progress& progress);

}  // namespace explainn::cli

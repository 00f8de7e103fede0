#include "cli/model_use.h"

#include <algorithm>

#include "cli/signals.h"
#include "data/torch_checkpoint.h"
#include "kernels/base/error.h"

namespace explainn::cli {

model::Model load_model(const std::string& path) {
  if (path == "-") throw UsageError("a model is read from a file, not from standard input");
  if (data::is_zip(path)) {
    fail_at(path, 0,
            "looks like a PyTorch checkpoint; turn it into a model first: explainn convert ", path,
            " model.safetensors");
  }
  const std::string name = path.ends_with(".gz") ? path.substr(0, path.size() - 3) : path;
  for (const char* data : {".fa", ".fasta", ".fq", ".fastq", ".tsv", ".csv", ".txt"}) {
    if (name.ends_with(data)) {
      throw UsageError(path + ": looks like data, but the model comes first: MODEL, then the data");
    }
  }
  return model::read_model(path);
}

model::Criterion criterion_of(const model::Model& model, const std::string& path) {
  if (!model.config.criterion) {
    fail_at(path, 0, "this converted model has no criterion; convert it again with --criterion");
  }
  return *model.config.criterion;
}

model::Strands strands_from(const std::string& option, const model::Config& config) {
  if (option == "one") return model::Strands::one;
  if (option == "both") return model::Strands::both;
  if (!option.empty()) throw UsageError(cat("--strands ", option, ": give one or both"));
  return config.rev_complement ? model::Strands::both : model::Strands::one;
}

void each_prediction(model::Predictor& predictor, const data::Dataset& dataset,
                     std::span<const std::uint32_t> rows, model::Strands strands,
                     Progress& progress,
                     const std::function<void(std::span<const std::uint32_t> rows,
                                              const model::Predictions&)>& visit) {
  std::vector<std::span<const data::Base>> batch;
  for (std::size_t begin = 0; begin < rows.size(); begin += batch.size()) {
    check_interrupted();
    const std::size_t end =
        std::min(rows.size(), begin + static_cast<std::size_t>(predictor.batch_rows()));
    batch.clear();
    for (std::size_t i = begin; i < end; ++i) batch.push_back(dataset.sequences[rows[i]]);
    visit(rows.subspan(begin, batch.size()), predictor.predict(batch, strands));
    progress.update(static_cast<std::int64_t>(end), static_cast<std::int64_t>(rows.size()));
  }
  progress.clear();
}

std::vector<float> predict_rows(model::Predictor& predictor, const data::Dataset& dataset,
                                std::span<const std::uint32_t> rows, model::Strands strands,
                                Progress& progress) {
  std::vector<float> logits;
  logits.reserve(rows.size() * static_cast<std::size_t>(predictor.model().config.sizes.num_tasks));
  each_prediction(predictor, dataset, rows, strands, progress,
                  [&logits](std::span<const std::uint32_t>, const model::Predictions& batch) {
                    logits.insert(logits.end(), batch.logits.begin(), batch.logits.end());
                  });
  return logits;
}

}  // namespace explainn::cli

#include "model/training_state.h"

#include <utility>

#include "data/safetensors.h"
#include "kernels/base/error.h"
#include "model/model_file.h"

namespace explainn::model {
namespace {

constexpr const char* kWeights = "weights.";
constexpr const char* kBest = "best.";
constexpr const char* kMoment = "moment.";
constexpr const char* kLosses =
    "losses";  // [epochs + 2, 2]: exact, where JSON would print decimals

void append(data::TensorFile& file, const std::string& prefix, const Weights& weights) {
  for (std::size_t i = 0; i < weights.specs.size(); ++i) {
    file.tensors.push_back(
        {prefix + weights.specs[i].name, weights.specs[i].shape, weights.values[i]});
  }
}

// The tensors of `file` under `prefix`, checked against `sizes`.
Weights extract(const data::TensorFile& file, const std::string& prefix, const Architecture& sizes,
                const std::string& path) {
  data::TensorFile part;
  for (const data::NamedTensor& tensor : file.tensors) {
    if (tensor.name.starts_with(prefix)) {
      part.tensors.push_back(tensor);
      part.tensors.back().name.erase(0, prefix.size());
    }
  }
  return weights_from(part, sizes, path);
}

// Throws where two descriptions differ, naming the first field that does.
void compare(const nlohmann::json& was, const nlohmann::json& is, const std::string& path) {
  for (const char* part : {"data", "options"}) {
    for (const auto& [key, value] : is.at(part).items()) {
      const nlohmann::json before = was.at(part).value(key, nlohmann::json());
      if (before == value) continue;
      fail_at(
          path, 0, "cannot resume: this state was written with other ", part, ": ", key, " was ",
          before.dump(), " and is now ", value.dump(),
          "; repeat the command with what it was, or start anew with --force instead of --resume");
    }
  }
}

}  // namespace

nlohmann::json training_identity(const Config& config, const TrainOptions& options,
                                 const data::Dataset& dataset) {
  nlohmann::json settings = to_json(config);
  settings["optimizer"] = options.optimizer.kind == engine::OptimizerKind::adam ? "adam" : "sgd";
  settings["momentum"] = options.optimizer.momentum;
  settings["lr"] = options.optimizer.lr;
  settings["batch_size"] = options.batch_size;
  settings["trim_weights"] = options.trim_weights;
  return {{"data",
           {{"sequences", dataset.size()},
            {"train sequences", dataset.rows(data::Split::train).size()},
            {"contents", data::content_hash(dataset)}}},
          {"options", settings}};
}

void write_state(const std::string& path, const TrainingState& state) {
  data::TensorFile file;
  const nlohmann::json progress{{"identity", state.identity},
                                {"computed_by", state.computed_by},
                                {"epochs_done", state.epochs_done},
                                {"batches_done", state.batches_done},
                                {"step", state.step},
                                {"running_count", state.running.count},
                                {"best_epoch", state.best_epoch},
                                {"optimizer_steps", state.optimizer.steps},
                                {"batches_tracked", state.weights.batches_tracked},
                                {"best_batches_tracked", state.best.batches_tracked}};
  file.metadata["explainn_state"] = progress.dump();

  std::vector<double> losses{state.running.sum, state.best_valid_loss};
  for (const EpochResult& epoch : state.history) {
    losses.insert(losses.end(), {epoch.train_loss, epoch.valid_loss});
  }
  file.tensors.push_back({kLosses, {static_cast<std::int64_t>(losses.size() / 2), 2}, losses});
  append(file, kWeights, state.weights);
  if (state.best_epoch > 0) append(file, kBest, state.best);
  for (std::size_t i = 0; i < state.optimizer.moments.size(); ++i) {
    const auto& values = state.optimizer.moments[i];
    file.tensors.push_back(
        {kMoment + std::to_string(i), {static_cast<std::int64_t>(values.size())}, values});
  }
  data::write_safetensors(path, file);
}

TrainingState read_state(const std::string& path, const nlohmann::json& identity,
                         const Architecture& sizes, const std::string& computed_by,
                         const std::function<void(const std::string&)>& note) {
  const data::TensorFile file = data::read_safetensors(path);
  TrainingState state;
  try {
    const nlohmann::json progress = nlohmann::json::parse(file.metadata.at("explainn_state"));
    state.identity = progress.at("identity");
    compare(state.identity, identity, path);
    // Earlier states knew instruction sets alone.
    const char* const key = progress.contains("computed_by") ? "computed_by" : "instruction_set";
    state.computed_by = progress.at(key).get<std::string>();
    if (state.computed_by != computed_by && note) {
      const auto name = [](const std::string& by) {
        return by == "cuda" ? std::string("a GPU") : "the " + by + " instruction set";
      };
      note(cat("the resume state was written with ", name(state.computed_by), "; with ",
               name(computed_by), " the numbers may differ in the last digits"));
    }
    state.epochs_done = progress.at("epochs_done");
    state.batches_done = progress.at("batches_done");
    state.step = progress.at("step");
    state.running.count = progress.at("running_count");
    state.best_epoch = progress.at("best_epoch");
    state.optimizer.steps = progress.at("optimizer_steps");

    const data::NamedTensor* losses = file.find(kLosses);
    if (losses == nullptr) throw std::out_of_range(kLosses);
    const auto& pairs = std::get<std::vector<double>>(losses->values);
    state.running.sum = pairs.at(0);
    state.best_valid_loss = pairs.at(1);
    for (std::size_t i = 2; i + 1 < pairs.size(); i += 2) {
      const auto epoch = static_cast<std::int64_t>(i / 2);
      bool improved = true;
      for (const EpochResult& before : state.history) {
        improved = improved && pairs[i + 1] < before.valid_loss;
      }
      state.history.push_back({epoch, pairs[i], pairs[i + 1], improved});
    }
    state.weights = extract(file, kWeights, sizes, path);
    state.weights.batches_tracked = progress.at("batches_tracked");
    if (state.best_epoch > 0) {
      state.best = extract(file, kBest, sizes, path);
      state.best.batches_tracked = progress.at("best_batches_tracked");
    }
    for (std::size_t i = 0;; ++i) {
      const data::NamedTensor* moment = file.find(kMoment + std::to_string(i));
      if (moment == nullptr) break;
      state.optimizer.moments.push_back(std::get<std::vector<float>>(moment->values));
    }
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    fail_at(path, 0, "this is no resume state of explainn train, or it is damaged (", error.what(),
            "); start anew with --force instead of --resume");
  }
  if (static_cast<std::int64_t>(state.history.size()) != state.epochs_done) {
    fail_at(path, 0,
            "the resume state contradicts itself; start anew with --force instead of --resume");
  }
  return state;
}

}  // namespace explainn::model

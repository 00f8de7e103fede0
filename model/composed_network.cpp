#include "model/composed_network.h"

#include <algorithm>
#include <cmath>

#include "kernels/base/error.h"
#include "kernels/base/philox.h"

namespace explainn::model {

using engine::Shape;
using engine::Tape;
using engine::Tensor;

template <typename T>
Tensor<T> one_hot(const SequenceBatch& batch, std::int64_t length, Device device) {
  Tensor<T> x({batch.rows, 4, length});
  std::fill_n(x.data(), x.size(), T{0});
  for (std::int64_t b = 0; b < batch.rows; ++b) {
    for (std::int64_t t = 0; t < length; ++t) {
      const data::Base base = batch.bases[b * length + t];
      if (base < 4) x.data()[(b * 4 + base) * length + t] = T{1};
    }
  }
  return device == x.device() ? x : Tensor<T>::from(x.values(), x.shape(), device);
}

template <typename T>
ComposedNetwork<T>::ComposedNetwork(const Architecture& sizes, const Weights& weights,
                                    const std::optional<TrainingSettings>& settings, Device device)
    : sizes_(sizes), settings_(settings), device_(device), specs_(tensor_specs(sizes)) {
  for (const TensorSpec& spec : specs_) {
    tensors_.emplace(spec.name, Tensor<T>(Shape(spec.shape), device));
  }
  set_weights(weights);
  if (!settings) return;
  std::vector<Tensor<T>> trained;
  for (const TensorSpec& spec : specs_) {
    if (!spec.trained() || spec.role == TensorRole::idle_bias) continue;
    trained.push_back(tensors_.at(spec.name).want_gradient());
  }
  optimizer_.emplace(settings->optimizer, std::move(trained));
}

template <typename T>
engine::BatchNorm<T> ComposedNetwork<T>::batch_norm(const std::string& prefix) const {
  return {.gamma = tensor(prefix + ".weight"),
          .beta = tensor(prefix + ".bias"),
          .running_mean = tensor(prefix + ".running_mean"),
          .running_var = tensor(prefix + ".running_var")};
}

// x [B, U, I] -> ReLU(batch norm(linear(x))) [B, U, O], each unit on its own.
template <typename T>
Tensor<T> ComposedNetwork<T>::unit_layer(Tape<T>& tape, const Tensor<T>& x,
                                         const std::string& linear, const std::string& norm) {
  const Tensor<T>& w = tensor(linear + ".weight");  // [U O, I, 1] as PyTorch has it
  const Tensor<T> matrix = engine::reshape(tape, w, Shape{w.shape()[0], w.shape()[1]});
  const Tensor<T> y = engine::unit_linear(tape, x, matrix, tensor(linear + ".bias"));
  engine::BatchNorm<T> parameters = batch_norm(norm);
  const Tensor<T> normal = engine::batch_norm_train(tape, engine::flatten(tape, y), parameters);
  return engine::reshape(tape, engine::relu(tape, normal), y.shape());
}

template <typename T>
typename ComposedNetwork<T>::Outputs ComposedNetwork<T>::forward(Tape<T>& tape, const Tensor<T>& x,
                                                                 std::uint32_t step) {
  const Tensor<T> convolved =
      engine::conv1d(tape, x, tensor("linears.0.weight"), tensor("linears.0.bias"));
  engine::BatchNorm<T> norm = batch_norm("linears.1");
  const Tensor<T> activated = engine::exp(tape, engine::batch_norm_train(tape, convolved, norm));
  Tensor<T> y = engine::max_pool1d(tape, activated, sizes_.pool_width(), sizes_.pool_step());

  std::uint32_t layer = 0;
  const auto drop = [&](const Tensor<T>& hidden) {
    return engine::dropout(tape, hidden,
                           {.probability = Architecture::kDropout,
                            .seed = settings_ ? settings_->seed : 0,
                            .step = step,
                            .stream = static_cast<std::uint32_t>(Stream::dropout) + layer++});
  };
  if (sizes_.num_fc >= 1) y = unit_layer(tape, y, "linears.6", "linears.7");
  for (std::int64_t i = 0; i < sizes_.num_fc - 2; ++i) {
    const std::string prefix = "linears_bg." + std::to_string(i);
    y = unit_layer(tape, drop(y), prefix + ".1", prefix + ".2");
  }
  if (sizes_.num_fc == 2) y = unit_layer(tape, drop(y), "linears.10", "linears.11");
  if (sizes_.num_fc >= 3) y = unit_layer(tape, drop(y), "last_linear.1", "last_linear.2");

  Outputs outputs;
  outputs.unit_outputs = engine::flatten(tape, y);
  outputs.logits =
      engine::linear(tape, outputs.unit_outputs, tensor("final.weight"), tensor("final.bias"));
  return outputs;
}

template <typename T>
engine::LossSum ComposedNetwork<T>::gradients(const TrainingBatch& batch) {
  require(settings_.has_value(), "train", "this network was made for inference only");
  require(batch.sequences.rows >= 2, "train", "a training batch needs at least two rows");
  const std::int64_t rows = batch.sequences.rows;
  const std::int64_t columns =
      settings_->criterion == Criterion::cross_entropy ? 1 : sizes_.num_tasks;
  const std::vector<T> labels(batch.labels, batch.labels + rows * columns);
  if (std::all_of(labels.begin(), labels.end(), [](T label) { return std::isnan(label); })) {
    return {};
  }

  folded_.reset();
  Tape<T> tape;
  const Outputs outputs =
      forward(tape, one_hot<T>(batch.sequences, sizes_.input_length, device_), batch.step);
  ++batches_tracked_;
  engine::Loss<T> loss =
      engine::loss(tape, outputs.logits, Tensor<T>::from(labels, {rows, columns}, device_),
                   settings_->criterion);
  if (loss.total.count > 0 && std::isfinite(loss.total.sum)) tape.backward(loss.mean);
  return loss.total;
}

template <typename T>
void ComposedNetwork<T>::update() {
  optimizer_->step();
  if (settings_->trim_weights) engine::clamp_negative(tensors_.at("final.weight"));
}

template <typename T>
engine::LossSum ComposedNetwork<T>::train_step(const TrainingBatch& batch) {
  const engine::LossSum total = gradients(batch);
  if (total.count > 0 && std::isfinite(total.sum)) update();
  return total;
}

template <typename T>
Weights ComposedNetwork<T>::weights() const {
  Weights result{.specs = specs_, .values = {}, .batches_tracked = batches_tracked_};
  for (const TensorSpec& spec : specs_) {
    const std::vector<T> values = tensor(spec.name).host_values();
    result.values.emplace_back(values.begin(), values.end());
  }
  return result;
}

template <typename T>
void ComposedNetwork<T>::set_weights(const Weights& weights) {
  folded_.reset();
  batches_tracked_ = weights.batches_tracked;
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    const std::vector<float>& values = weights.at(specs_[i].name);
    require(static_cast<std::int64_t>(values.size()) == specs_[i].size(), "set_weights",
            specs_[i].name, " has ", values.size(), " values instead of ", specs_[i].size());
    tensors_.at(specs_[i].name).set_values(std::vector<T>(values.begin(), values.end()));
  }
}

template <typename T>
OptimizerState ComposedNetwork<T>::optimizer_state() const {
  OptimizerState state{.steps = optimizer_->steps(), .moments = {}};
  for (const Tensor<T>& moment : optimizer_->state()) {
    const std::vector<T> values = moment.host_values();
    state.moments.emplace_back(values.begin(), values.end());
  }
  return state;
}

template <typename T>
void ComposedNetwork<T>::set_optimizer_state(const OptimizerState& state) {
  require(state.moments.size() == optimizer_->state().size(), "set_optimizer_state",
          state.moments.size(), " tensors instead of ", optimizer_->state().size());
  optimizer_->set_steps(state.steps);
  for (std::size_t i = 0; i < state.moments.size(); ++i) {
    Tensor<T>& moment = optimizer_->state()[i];
    require(static_cast<std::int64_t>(state.moments[i].size()) == moment.size(),
            "set_optimizer_state", "tensor ", i, " has the wrong size");
    moment.set_values(std::vector<T>(state.moments[i].begin(), state.moments[i].end()));
  }
}

template Tensor<float> one_hot(const SequenceBatch&, std::int64_t, Device);
template Tensor<double> one_hot(const SequenceBatch&, std::int64_t, Device);
template class ComposedNetwork<float>;
template class ComposedNetwork<double>;

}  // namespace explainn::model

#include "model/fused_training.h"

#include <algorithm>
#include <cmath>

#include "engine/ops.h"
#include "kernels/base/error.h"
#include "kernels/base/philox.h"

namespace explainn::model {

using engine::Shape;
using engine::Tape;
using engine::Tensor;

template <typename T>
struct FusedTraining<T>::Forward {
  Tensor<T> unit_outputs, logits;
  engine::LossSum loss;

  bool to_learn_from() const { return loss.count > 0 && std::isfinite(loss.sum); }
};

template <typename T>
FusedTraining<T>::FusedTraining(const Architecture& sizes, const Weights& weights,
                                const TrainingSettings& settings, const FusedOptions& options)
    : sizes_(sizes),
      settings_(settings),
      specs_(tensor_specs(sizes)),
      units_(unit_sizes(sizes), layer_outputs(sizes),
             {.dropout = Architecture::kDropout,
              .seed = settings.seed,
              .first_stream = static_cast<std::uint32_t>(Stream::dropout),
              .path = options.path,
              .pooled_bytes = options.pooled_bytes,
              .set = options.set}),
      blocks_(sizes, units_.layout()),
      final_{Tensor<T>({sizes.num_tasks, sizes.num_units}), Tensor<T>({sizes.num_tasks})},
      optimizer_(settings.optimizer, {final_[0].want_gradient(), final_[1].want_gradient()}) {
  const bool adam = settings.optimizer.kind == engine::OptimizerKind::adam;
  const int moments = adam ? 2 : (settings.optimizer.momentum != 0 ? 1 : 0);
  for (int i = 0; i < moments; ++i) {
    Tensor<T>& moment = moments_.emplace_back(Shape{units_.parameters().size()});
    std::fill_n(moment.data(), moment.size(), T{0});
  }
  set_weights(weights);
}

template <typename T>
typename FusedTraining<T>::Forward FusedTraining<T>::forward(const TrainingBatch& batch) {
  require(batch.sequences.rows >= 2, "train", "a training batch needs at least two rows");
  const std::int64_t rows = batch.sequences.rows;
  const std::int64_t columns =
      settings_.criterion == Criterion::cross_entropy ? 1 : sizes_.num_tasks;
  Forward result;
  if (std::all_of(batch.labels, batch.labels + rows * columns,
                  [](float label) { return std::isnan(label); })) {
    return result;
  }
  Tensor<T> labels({rows, columns});
  std::copy_n(batch.labels, labels.size(), labels.data());
  result.unit_outputs = Tensor<T>({rows, sizes_.num_units});
  result.unit_outputs.want_gradient();
  units_.forward(batch.sequences.bases, rows, batch.step, result.unit_outputs.data());
  ++batches_tracked_;

  Tape<T> tape;
  result.logits = engine::linear(tape, result.unit_outputs, final_[0], final_[1]);
  engine::Loss<T> loss = engine::loss(tape, result.logits, labels, settings_.criterion);
  result.loss = loss.total;
  if (result.to_learn_from()) tape.backward(loss.mean);
  return result;
}

template <typename T>
engine::LossSum FusedTraining<T>::train_step(const TrainingBatch& batch) {
  const Forward pass = forward(batch);
  if (!pass.to_learn_from()) return pass.loss;
  const T* const d_outputs = pass.unit_outputs.gradient().data();
  const engine::OptimizerSettings& settings = settings_.optimizer;
  const std::int64_t step = optimizer_.steps() + 1;
  if (settings.kind == engine::OptimizerKind::adam) {
    units_.adam_step(d_outputs, {.lr = settings.lr, .step = step}, moments_[0].data(),
                     moments_[1].data());
  } else {
    units_.sgd_step(d_outputs,
                    {.lr = settings.lr, .momentum = settings.momentum, .first_step = step == 1},
                    moments_.empty() ? nullptr : moments_[0].data());
  }
  optimizer_.step();
  if (settings_.trim_weights) {
    for (T& weight : final_[0].values()) weight = std::max(weight, T{0});
  }
  return pass.loss;
}

template <typename T>
typename FusedTraining<T>::Gradients FusedTraining<T>::gradients(const TrainingBatch& batch) {
  const Forward pass = forward(batch);
  Gradients result{.loss = pass.loss, .unit_outputs = {}, .logits = {}, .values = {}};
  if (!pass.to_learn_from()) return result;
  result.unit_outputs.assign(pass.unit_outputs.values().begin(), pass.unit_outputs.values().end());
  result.logits.assign(pass.logits.values().begin(), pass.logits.values().end());
  std::vector<T> blocks(static_cast<std::size_t>(units_.parameters().size()));
  units_.backward(pass.unit_outputs.gradient().data(), blocks.data());
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    std::vector<T>& values = result.values.emplace_back();
    if (!blocks_.moved(i)) continue;
    if (of_units(i)) {
      values = blocks_.gathered<T>(blocks_.field(i), blocks.data());
    } else {
      values.assign(final_tensor(i).gradient().begin(), final_tensor(i).gradient().end());
      final_tensor(i).clear_gradient();
    }
  }
  return result;
}

template <typename T>
std::vector<T> FusedTraining<T>::values_of(const std::string& name) const {
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    if (specs_[i].name != name) continue;
    if (!of_units(i)) return {final_tensor(i).values().begin(), final_tensor(i).values().end()};
    const UnitBlocks::Field where = blocks_.field(i);
    return blocks_.gathered<T>(
        where, where.trained ? units_.parameters().data() : units_.statistics().data());
  }
  throw std::out_of_range(name);
}

template <typename T>
Weights FusedTraining<T>::weights() const {
  Weights result{.specs = specs_, .values = {}, .batches_tracked = batches_tracked_};
  for (const TensorSpec& spec : specs_) {
    const std::vector<T> values = values_of(spec.name);
    result.values.emplace_back(values.begin(), values.end());
  }
  return result;
}

template <typename T>
void FusedTraining<T>::set_weights(const Weights& weights) {
  batches_tracked_ = weights.batches_tracked;
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    const std::vector<float>& values = weights.at(specs_[i].name);
    require(static_cast<std::int64_t>(values.size()) == specs_[i].size(), "set_weights",
            specs_[i].name, " has ", values.size(), " values instead of ", specs_[i].size());
    if (of_units(i)) {
      const UnitBlocks::Field where = blocks_.field(i);
      blocks_.scatter(where, values,
                      where.trained ? units_.parameters().data() : units_.statistics().data());
    } else {
      std::copy(values.begin(), values.end(), final_tensor(i).data());
    }
  }
}

template <typename T>
OptimizerState FusedTraining<T>::optimizer_state() const {
  OptimizerState state{.steps = optimizer_.steps(), .moments = {}};
  for (std::size_t moment = 0; moment < moments_.size(); ++moment) {
    for (std::size_t i = 0; i < specs_.size(); ++i) {
      if (!blocks_.moved(i)) continue;
      if (of_units(i)) {
        const std::vector<T> values =
            blocks_.gathered<T>(blocks_.field(i), moments_[moment].data());
        state.moments.emplace_back(values.begin(), values.end());
      } else {
        const Tensor<T>& values = optimizer_.state()[2 * moment + (i + 2 - specs_.size())];
        state.moments.emplace_back(values.values().begin(), values.values().end());
      }
    }
  }
  return state;
}

template <typename T>
void FusedTraining<T>::set_optimizer_state(const OptimizerState& state) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    if (blocks_.moved(i)) order.push_back(i);
  }
  require(state.moments.size() == order.size() * moments_.size(), "set_optimizer_state",
          state.moments.size(), " tensors instead of ", order.size() * moments_.size());
  for (std::size_t j = 0; j < state.moments.size(); ++j) {
    const std::size_t spec = order[j % order.size()];
    const std::vector<float>& values = state.moments[j];
    require(static_cast<std::int64_t>(values.size()) == specs_[spec].size(), "set_optimizer_state",
            "tensor ", j, " has the wrong size");
    const std::size_t moment = j / order.size();
    if (of_units(spec)) {
      blocks_.scatter(blocks_.field(spec), values, moments_[moment].data());
    } else {
      std::copy(values.begin(), values.end(),
                optimizer_.state()[2 * moment + (spec + 2 - specs_.size())].data());
    }
  }
  optimizer_.set_steps(state.steps);
}

template class FusedTraining<float>;
template class FusedTraining<double>;

}  // namespace explainn::model
